package org.aucmedi.xai.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.engine.support.descriptor.MethodSource;
import org.junit.platform.testkit.engine.EngineTestKit;
import org.junit.platform.testkit.engine.Event;
import org.junit.platform.testkit.engine.Events;

/** The contract passes methods that keep it, and names what is broken in those that do not. */
final class MethodContractTest {

  @ParameterizedTest
  @ValueSource(classes = {Contracts.OfAttribution.class, Contracts.OfBase.class})
  void contract_methodThatKeepsIt_passes(Class<?> contract) {
    assertThat(failures(contract)).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "OfNaN, computeHeatmap_image_isASpatialMapFromZeroToOne",
    "OfCut, everyForm_modelOfNaN_saysSoAndIsNeverNaN",
    "OfTwo, computeHeatmap_image_isASpatialMapFromZeroToOne",
    "OfFourAxes, computeHeatmap_image_isASpatialMapFromZeroToOne",
    "OfChance, computeHeatmap_again_givesTheSameNumbers",
    "OfMemory, computeHeatmap_again_givesTheSameNumbers",
    "OfLeak, everyForm_calledOften_leavesNoArrays",
    "OfLeakOnFailure, everyForm_passFails_saysSoAndLeavesNoArrays",
    "OfSilence, everyForm_passFails_saysSoAndLeavesNoArrays",
    "OfChange, everyForm_batch_isUntouched",
    "OfClosing, everyForm_batch_isUntouched",
    "OfAnyClass, everyForm_unknownClass_isRefused",
    "OfAnyShape, everyForm_noBatchOfImages_isRefused",
    "OfAnyEps, everyForm_badEps_isRefused",
    "OfAnyLayer, computeHeatmap_unknownLayer_isRefusedOrIgnored",
    "OfNextImage, explain_batch_equalsImagesAndClassesOneByOne",
    "OfNeighbours, computeHeatmap_manyThreads_giveTheNumbersOfOne",
    "OfStaleModel, computeHeatmap_closedModel_fails",
    "OfNoise, explain_modelThatSeesNothing_isFlatAndSaysSo"
  })
  void contract_brokenMethod_failsTheCheckOfIt(String contract, String check)
      throws ClassNotFoundException {
    assertThat(failures(Class.forName(Contracts.class.getName() + "$" + contract)))
        .containsKey(check);
  }

  /** Returns the first failure of every check that fails. */
  private static Map<String, Throwable> failures(Class<?> contract) {
    Events events =
        EngineTestKit.engine("junit-jupiter")
            .selectors(selectClass(contract))
            .execute()
            .testEvents();
    assertThat(events.started().count()).as("checks of " + contract).isGreaterThan(30);
    Map<String, Throwable> failures = new TreeMap<>();
    for (Event event : events.failed().list()) {
      MethodSource check = (MethodSource) event.getTestDescriptor().getSource().orElseThrow();
      TestExecutionResult result = event.getRequiredPayload(TestExecutionResult.class);
      failures.putIfAbsent(check.getMethodName(), result.getThrowable().orElseThrow());
    }
    return failures;
  }
}

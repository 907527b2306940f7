package org.aucmedi.xai.decoder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.aucmedi.xai.methods.gradient.SaliencyMap;
import org.aucmedi.xai.model.Capability;
import org.aucmedi.xai.model.ExplainableModel;
import org.aucmedi.xai.model.MissingCapabilityException;
import org.junit.jupiter.api.Test;
import org.mockito.Mockito;

/** What a decoder can be built of. */
final class DecoderBuilderTest extends DecoderTestBase {

  @Test
  void build_methodOfAnotherModel_isRefused() {
    assertThatIllegalStateException()
        .isThrownBy(() -> decoder("a.npy").optMethod(SaliencyMap.builder().build(model())).build())
        .withMessageContaining("leave out setModel");
  }

  @Test
  void build_settingsBesideAMethodObject_areRefused() {
    XAIDecoder.Builder builder =
        decoder(
            generator().addSamples(folder, List.of("a.npy")).build(),
            SaliencyMap.builder().build(model()));

    builder.build();
    assertThatIllegalStateException()
        .isThrownBy(() -> builder.optOptions(Map.of("channels", "abs-max")).build())
        .withMessageContaining("give the method's key");
    builder.optMethod("saliency").setModel(model()).build();
  }

  @Test
  void build_predictionsOfUnequalLength_areRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                decoder("a.npy", "b.npy").optPredictions(new float[][] {{.1f, .9f}, {.2f}}).build())
        .withMessageContaining("row 1 of the predictions has 1 values, row 0 has 2");
  }

  @Test
  void build_contradictions_areNamed() {
    assertThatIllegalStateException()
        .isThrownBy(() -> decoder("a.npy").optRaw(true).optOutput(folder, OutputFormat.PNG).build())
        .withMessageContaining("npy");
    assertThatIllegalStateException()
        .isThrownBy(
            () -> decoder("a.npy").optResizeMaps(false).optOutput(folder, OutputFormat.PNG).build())
        .withMessageContaining("overlay");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> decoder("a.npy").optPredictions(new float[2][2]).build())
        .withMessageContaining("2 rows of predictions for 1 samples");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> decoder("a.npy").optMethod("bogus").build())
        .withMessageContaining("'bogus'");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> decoder("a.npy").optAlpha(2))
        .withMessageContaining("2.0");
    assertThatIllegalArgumentException().isThrownBy(() -> decoder("a.npy").optEps(-1));
  }

  @Test
  void build_somethingMissing_saysWhatToCall() {
    assertThatIllegalStateException()
        .isThrownBy(() -> XAIDecoder.builder().build())
        .withMessageContaining("call setModel");
    assertThatIllegalStateException()
        .isThrownBy(() -> XAIDecoder.builder().setModel(model()).build())
        .withMessageContaining("call setGenerator");
  }

  @Test
  void build_modelWithoutGradients_saysWhatIsMissing() {
    ExplainableModel blackBox = Mockito.mock(ExplainableModel.class);
    Set<Capability> predictions = EnumSet.of(Capability.PREDICTION);
    Mockito.when(blackBox.capabilities()).thenReturn(predictions);

    assertThatExceptionOfType(MissingCapabilityException.class)
        .isThrownBy(() -> decoder("a.npy").setModel(blackBox).build())
        .withMessageContaining("does not provide input gradients")
        .withMessageContaining("predictions")
        .satisfies(e -> assertThat(e.capability()).isEqualTo(Capability.INPUT_GRADIENTS));
  }
}

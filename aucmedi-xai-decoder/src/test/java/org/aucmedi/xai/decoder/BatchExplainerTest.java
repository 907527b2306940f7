package org.aucmedi.xai.decoder;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.aucmedi.xai.AttributionMethod;
import org.aucmedi.xai.RawMaps;
import org.aucmedi.xai.Target;
import org.aucmedi.xai.XAIMethodBase;
import org.aucmedi.xai.array.ImageArray;
import org.aucmedi.xai.array.SampleType;
import org.aucmedi.xai.decoder.Explanation.ClassMap;
import org.aucmedi.xai.model.ChannelLayout;
import org.aucmedi.xai.model.ExplainableModel;
import org.aucmedi.xai.testkit.LinearModel;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** How many images and classes go into a pass; images are 2 x 2, of one channel. */
final class BatchExplainerTest {

  private static final int CLASSES = 5;

  private final ExplainableModel model =
      new LinearModel(new float[CLASSES][4], ChannelLayout.CHANNELS_FIRST, "heap");
  private final List<String> passes = new ArrayList<>();
  private final XAIMethodBase method =
      new AttributionMethod(model, null) {
        @Override
        protected RawMaps attribute(NDArray batch, Target target) {
          int images = (int) batch.getShape().get(0);
          int maps = target.maps(CLASSES);
          passes.add(images + "x" + maps);
          RawMaps raw = new RawMaps(images, maps, new Shape(2, 2));
          for (int n = 0; n < images; n++) {
            for (int k = 0; k < maps; k++) {
              float[] seed = target.seed(k, n, images, CLASSES);
              for (int c = 0; c < CLASSES; c++) {
                raw.values()[raw.offset(n, k)] += c * seed[c];
              }
              raw.values()[raw.offset(n, k) + 1] = batch.toFloatArray()[n * 4];
            }
          }
          return raw;
        }
      };

  @ParameterizedTest
  @CsvSource({
    "1000, 4x5",
    "80, 4x5",
    "79, 3x5 1x5",
    "40, 2x5 2x5",
    "20, 1x5 1x5 1x5 1x5",
    "12, 1x3 1x2 1x3 1x2 1x3 1x2 1x3 1x2",
  })
  void explain_allClasses_makesNoMoreMapsThanTheLimit(int limit, String expected) {
    List<SampleOutcome> batch = batch(4);
    List<List<Integer>> classes =
        IntStream.range(0, 4).<List<Integer>>mapToObj(n -> new ArrayList<>()).toList();

    new BatchExplainer(
            model, method, ClassChoice.all(), null, null, new MemoryLimit(limit), failure -> {})
        .explain(
            batch,
            part -> {
              assertThat(part.stream().mapToInt(outcome -> outcome.maps.size()).sum() * 4)
                  .isLessThanOrEqualTo(limit);
              for (SampleOutcome outcome : part) {
                for (ClassMap map : outcome.maps) {
                  classes.get(outcome.index).add(map.classIndex());
                  assertThat(map.values())
                      .containsExactly(map.classIndex(), outcome.index + 1, 0, 0);
                }
                outcome.maps.clear();
              }
            });

    assertThat(passes).containsExactly(expected.split(" ", -1));
    assertThat(classes).containsOnly(List.of(0, 1, 2, 3, 4));
  }

  @Test
  void explain_argmax_isOneMapForEachImage() {
    List<SampleOutcome> batch = batch(4);

    new BatchExplainer(
            model, method, ClassChoice.argmax(), null, null, new MemoryLimit(12), failure -> {})
        .explain(batch, part -> {});

    assertThat(passes).containsExactly("3x1", "1x1");
  }

  private static List<SampleOutcome> batch(int images) {
    return IntStream.range(0, images)
        .mapToObj(
            n -> {
              SampleOutcome outcome = new SampleOutcome(n, "sample " + n);
              ImageArray image =
                  ImageArray.of(
                      new int[] {2, 2}, 1, new float[] {n + 1, 0, 0, 0}, SampleType.FLOAT);
              outcome.loaded(image, image);
              return outcome;
            })
        .toList();
  }
}

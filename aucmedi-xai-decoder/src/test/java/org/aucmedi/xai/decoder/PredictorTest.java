package org.aucmedi.xai.decoder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import org.aucmedi.xai.decoder.SampleResult.Failed;
import org.aucmedi.xai.decoder.SampleResult.Stage;
import org.junit.jupiter.api.Test;

final class PredictorTest extends DecoderTestBase {

  @Test
  void predict_givesTheModelsOutputsInTheOrderOfTheSamples() throws IOException {
    Predictor.Result result =
        predict(generator(3, 1, 2).optBatchSize(2).build(), new ArrayList<>());

    assertThat(result.failures()).isEmpty();
    assertThat(result.predictions().samples()).containsExactly("3.npy", "1.npy", "2.npy");
    assertThat(result.predictions().classNames()).containsExactly("0", "1");
    // Class 0 weighs the pixels 4, 3, 2 and 0, class 1 the last one 8.
    assertThat(result.predictions().rows(List.of("1.npy", "2.npy", "3.npy")))
        .isDeepEqualTo(new float[][] {{9, 8}, {18, 16}, {27, 24}});
  }

  @Test
  void predict_whatCannotBeReadOrHasNoFiniteOutput_failsAlone() throws IOException {
    Files.writeString(folder.resolve("bad.npy"), "no array");
    save("large.npy", 3e38f, 3e38f, 1, 1);
    List<String> told = new ArrayList<>();

    Predictor.Result result =
        predict(generator(1, 2).addSamples(folder, List.of("bad.npy", "large.npy")).build(), told);

    assertThat(result.predictions().samples()).containsExactly("1.npy", "2.npy");
    assertThat(result.failures())
        .extracting(Failed::sample)
        .containsExactly("bad.npy", "large.npy");
    assertThat(result.failures())
        .extracting(Failed::stage)
        .containsExactly(Stage.LOADING, Stage.EXPLAINING);
    assertThat(told).containsExactlyInAnyOrder("failed bad.npy", "failed large.npy");
  }

  @Test
  void predict_otherNumberOfNames_endsWithTheFirstBatch() throws IOException {
    DataGenerator images = generator(1, 2).optBatchSize(1).build();
    List<Integer> done = new ArrayList<>();
    DecoderListener counter =
        new DecoderListener() {
          @Override
          public void progressed(int samples, int total, double pass) {
            done.add(samples);
          }
        };

    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Predictor(model(), images, counter).predict(List.of("A", "B", "C")))
        .withMessage("there are 3 names [A, B, C] for a model of 2 outputs; name each output once");
    assertThat(done).isEmpty();
  }

  private static Predictor.Result predict(DataGenerator images, List<String> told) {
    return new Predictor(model(), images, listener(told)).predict();
  }
}

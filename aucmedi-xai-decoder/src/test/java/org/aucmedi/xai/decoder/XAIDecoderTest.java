package org.aucmedi.xai.decoder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.aucmedi.xai.Heatmap;
import org.aucmedi.xai.Objective;
import org.aucmedi.xai.Target;
import org.aucmedi.xai.array.Npy;
import org.aucmedi.xai.decoder.SampleResult.Explained;
import org.aucmedi.xai.decoder.SampleResult.Failed;
import org.aucmedi.xai.decoder.SampleResult.Stage;
import org.aucmedi.xai.decoder.SampleResult.Written;
import org.aucmedi.xai.model.ExplainableModel;
import org.aucmedi.xai.model.OutputActivation;
import org.aucmedi.xai.testkit.Maps;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.mockito.Mockito;

/** What is explained of each image. */
final class XAIDecoderTest extends DecoderTestBase {

  @Test
  void decode_targetThatNamesTwoAlike_endsTheRun() throws IOException {
    save("a.npy", 1, 2, 3, 4);
    Target twice =
        (outputs, image, images) ->
            List.of(new Objective.OfClass(0), new Objective.OfClass(1), new Objective.OfClass(0));
    XAIDecoder decoder = decoder("a.npy").optTarget(twice).build();

    assertThatIllegalArgumentException()
        .isThrownBy(decoder::decode)
        .withMessageContaining("the target names two objectives alike: [0, 1, 0]");
  }

  @Test
  void decode_allClasses_explainsEveryClass() throws IOException {
    save("a.npy", 1, 2, 3, 4);
    save("b.npy", 9, 0, 0, 0);

    DecoderResult result = decoder("a.npy", "b.npy").optTarget(Target.all()).build().decode();

    assertThat(result.failures()).isEmpty();
    assertThat(result.explained()).extracting(Explained::sample).containsExactly("a.npy", "b.npy");
    List<Heatmap> maps = result.explained().get(0).maps();
    assertThat(maps).extracting(Heatmap::classIndex).containsExactly(0, 1);
    assertThat(maps).extracting(Heatmap::score).containsExactly(16f, 32f);
    assertThat(maps.get(0).shape()).containsExactly(2, 2);
    Maps.assertClose("class 0", maps.get(0).values(), new float[] {1, .75f, .5f, 0}, 1e-6);
    Maps.assertClose("class 1", maps.get(1).values(), new float[] {0, 0, 0, 1}, 1e-6);
  }

  @Test
  void decode_noTarget_explainsThePredictedClass() throws IOException {
    save("a.npy", 1, 2, 3, 4);
    save("b.npy", 9, 0, 0, 0);

    assertThat(labels(decoder("a.npy", "b.npy"))).containsExactly("1", "0");
  }

  @Test
  void decode_predictions_explainTheLargestAndTheFirstOfEquals() throws IOException {
    save("a.npy", 1, 2, 3, 4);
    save("b.npy", 1, 2, 3, 4);

    assertThat(
            labels(
                decoder("a.npy", "b.npy").optPredictions(new float[][] {{.1f, .9f}, {.5f, .5f}})))
        .containsExactly("1", "0");
  }

  @Test
  void decode_predictions_sayWhatAndTheModelHowMuch() throws IOException {
    save("a.npy", 1, 2, 3, 4);

    Heatmap map =
        decoder("a.npy")
            .optPredictions(new float[][] {{.9f, .1f}})
            .build()
            .decode()
            .explained()
            .get(0)
            .maps()
            .get(0);

    assertThat(map.classIndex()).isZero();
    assertThat(map.score()).isEqualTo(16);
  }

  @Test
  void decode_topK_comesInTheOrderOfTheOutputs() throws IOException {
    save("a.npy", 1, 2, 3, 4);
    save("b.npy", 9, 0, 0, 0);

    assertThat(labels(decoder("a.npy", "b.npy").optTarget(Target.topK(2))))
        .containsExactly("1", "0", "0", "1");
  }

  @Test
  void decode_contrast_explainsTheDifference() throws IOException {
    save("a.npy", 1, 2, 3, 4);

    DecoderResult result =
        decoder("a.npy").optTarget(Target.contrast(0, 1)).optRaw(true).build().decode();

    Heatmap map = result.explained().get(0).maps().get(0);
    assertThat(map.objective()).isEqualTo(new Objective.Contrast(0, 1));
    assertThat(map.score()).isEqualTo(16 - 32);
    assertThat(map.values()).containsExactly(4, 3, 2, -8);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 32})
  void decode_perImage_namesAClassForEachSampleOfTheRun(int batchSize) throws IOException {
    XAIDecoder.Builder decoder =
        decoder(generator(1, 2, 3, 4, 5).optBatchSize(batchSize).build())
            .optTarget(Target.perImage(0, 1, 1, 0, 1));

    assertThat(labels(decoder)).containsExactly("0", "1", "1", "0", "1");
  }

  @Test
  void decode_perImageOfAnotherNumber_endsTheRun() throws IOException {
    XAIDecoder decoder =
        decoder(generator(1, 2, 3).optBatchSize(2).build())
            .optTarget(Target.perImage(0, 1))
            .build();

    assertThatIllegalArgumentException()
        .isThrownBy(decoder::decode)
        .withMessageContaining("the target names a class for 2 images, the batch has 3");
  }

  @Test
  void decode_thresholdThatNoClassReaches_givesNoMapAndNoFailure() throws IOException {
    save("low.npy", 0, 0, 0, .1f);
    save("high.npy", 9, 0, 0, 9);
    List<String> told = new ArrayList<>();
    XAIDecoder.Builder decoder =
        decoder("low.npy", "high.npy").optTarget(Target.above(2)).optListener(listener(told));

    DecoderResult kept = decoder.build().decode();

    assertThat(kept.failures()).isEmpty();
    assertThat(kept.explained())
        .extracting(Explained::sample)
        .containsExactly("low.npy", "high.npy");
    assertThat(kept.explained().get(0).maps()).isEmpty();
    assertThat(kept.explained().get(1).maps()).hasSize(2);
    assertThat(told).containsExactly("unexplained low.npy");

    told.clear();
    Path out = folder.resolve("out");
    DecoderResult written = decoder.optOutput(out, OutputFormat.NPY).build().decode();

    assertThat(written.samples().get(0)).isEqualTo(new Written("low.npy", List.of()));
    assertThat(out.toFile().list())
        .containsExactlyInAnyOrder("high.class_0.npy", "high.class_1.npy");
    assertThat(told)
        .containsExactly("unexplained low.npy", "written high.npy 0", "written high.npy 1");
  }

  @Test
  void decode_raw_isNotNormalised() throws IOException {
    save("a.npy", 1, 2, 3, 4);

    DecoderResult result =
        decoder("a.npy").optRaw(true).optTarget(Target.ofClass(0)).build().decode();

    assertThat(result.explained().get(0).maps().get(0).values()).containsExactly(4, 3, 2, 0);
  }

  @Test
  void decode_imageOfAnotherSize_getsItsMapBackInThatSize() throws IOException {
    Npy.write(folder.resolve("wide.npy"), new int[] {2, 4, 1}, new float[8]);
    save("a.npy", 1, 2, 3, 4);
    DataGenerator generator =
        generator().addSamples(folder, List.of("wide.npy", "a.npy")).optResize(2, 2).build();

    DecoderResult result =
        decoder(generator).optMethod("sm").optTarget(Target.ofClass(0)).build().decode();

    Heatmap map = result.explained().get(0).maps().get(0);
    assertThat(map.shape()).containsExactly(2, 4);
    Maps.assertClose(
        "wide", map.values(), new float[] {1, .9375f, .8125f, .75f, .5f, .375f, .125f, 0}, 1e-6);
    assertThat(result.explained().get(1).maps().get(0).shape()).containsExactly(2, 2);
  }

  @Test
  void decode_classOutOfRange_endsTheRun() throws IOException {
    save("a.npy", 1, 2, 3, 4);
    XAIDecoder decoder = decoder("a.npy").optTarget(Target.ofClasses(0, 2)).build();

    assertThatIllegalArgumentException()
        .isThrownBy(decoder::decode)
        .withMessage("class index 2 is out of range: the model has 2 classes, 0 to 1");
  }

  @Test
  void decode_oneUnitOfUnknownActivation_saysHowToExplainNo() throws IOException {
    save("a.npy", 1, 2, 3, 4);
    ExplainableModel model = Mockito.spy(model(1));
    Mockito.doReturn(OutputActivation.UNKNOWN).when(model).outputActivation();
    XAIDecoder decoder = decoder("a.npy").setModel(model).optTarget(Target.ofClass(1)).build();

    assertThatIllegalArgumentException()
        .isThrownBy(decoder::decode)
        .withMessage(
            "class index 1 is out of range: the model has one class, 0; if its single output is a"
                + " sigmoid, declare it (--activation sigmoid, LoadOptions)");
  }

  @Test
  void decode_givenPredictionsOfAnotherModel_endTheRun() throws IOException {
    save("a.npy", 1, 2, 3, 4);
    XAIDecoder decoder = decoder("a.npy").optPredictions(new float[][] {{.1f, .2f, .7f}}).build();

    assertThatIllegalArgumentException()
        .isThrownBy(decoder::decode)
        .withMessageStartingWith(
            "row 0 of the predictions has 3 values, and the model's output has 2");
  }

  @Test
  void decode_givenPredictionThatIsNotFinite_fails() throws IOException {
    save("a.npy", 1, 2, 3, 4);
    save("b.npy", 1, 2, 3, 4);

    DecoderResult result =
        decoder("a.npy", "b.npy")
            .optPredictions(new float[][] {{.5f, Float.NaN}, {.4f, .6f}})
            .build()
            .decode();

    assertThat(result.failures()).hasSize(1);
    Failed failure = result.failures().get(0);
    assertThat(failure.sample()).isEqualTo("a.npy");
    assertThat(failure.stage()).isEqualTo(Stage.EXPLAINING);
    assertThat(failure.reason()).isEqualTo("the prediction given for it is not finite (NaN)");
    assertThat(result.explained()).extracting(Explained::sample).containsExactly("b.npy");
  }

  /** The last but one has an infinite output that is no objective of a threshold. */
  @ParameterizedTest
  @MethodSource("targets")
  void decode_predictionThatIsNotFinite_failsAndHasNoMap(Target target) throws IOException {
    save("a.npy", 1, 2, 3, 4);
    save("b.npy", 1e38f, -2e38f, 3, 4);
    save("c.npy", 4, 3, 2, 1);
    save("d.npy", -1e38f, 0, 0, 0);
    save("e.npy", -1e38f, 3, 2, 1);

    DecoderResult result =
        decoder("a.npy", "b.npy", "c.npy", "d.npy", "e.npy").optTarget(target).build().decode();

    assertThat(result.explained()).extracting(Explained::sample).containsExactly("a.npy", "c.npy");
    assertThat(result.warnings()).isEmpty();
    assertThat(result.failures())
        .extracting(Failed::sample)
        .containsExactly("b.npy", "d.npy", "e.npy");
    assertThat(result.failures())
        .extracting(Failed::reason)
        .containsExactly(notFinite("NaN"), notFinite("-Infinity"), notFinite("-Infinity"));
    assertThat(result.failures()).extracting(Failed::stage).containsOnly(Stage.EXPLAINING);
  }

  static List<Target> targets() {
    return List.of(Target.argmax(), Target.all(), Target.ofClass(0), Target.above(2));
  }

  private static String notFinite(String value) {
    return "the model's output is not finite ("
        + value
        + "); check the image for NaN, its standardisation, and the weights";
  }

  private static List<String> labels(XAIDecoder.Builder decoder) {
    return decoder.build().decode().explained().stream()
        .flatMap(explained -> explained.maps().stream())
        .map(map -> map.objective().label())
        .toList();
  }
}

package org.aucmedi.xai.decoder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CancellationException;
import org.aucmedi.xai.AttributionMethod;
import org.aucmedi.xai.MapStatus;
import org.aucmedi.xai.MethodOptions;
import org.aucmedi.xai.Profile;
import org.aucmedi.xai.RawMaps;
import org.aucmedi.xai.Target;
import org.aucmedi.xai.XAIMethodBase;
import org.aucmedi.xai.decoder.DecoderResult.Failure;
import org.aucmedi.xai.decoder.DecoderResult.Warning;
import org.aucmedi.xai.decoder.Explanation.ClassMap;
import org.aucmedi.xai.decoder.image.Npy;
import org.aucmedi.xai.decoder.image.Standardize;
import org.aucmedi.xai.methods.gradient.SaliencyMap;
import org.aucmedi.xai.methods.perturbation.OcclusionSensitivity;
import org.aucmedi.xai.model.Capability;
import org.aucmedi.xai.model.ChannelLayout;
import org.aucmedi.xai.model.ExplainableModel;
import org.aucmedi.xai.model.MissingCapabilityException;
import org.aucmedi.xai.testkit.LinearModel;
import org.aucmedi.xai.testkit.Maps;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mockito.Mockito;

final class XAIDecoderIT {

  /** Two classes over 2 x 2 pixels of one channel; class 1 wins where the last pixel is large. */
  private static final float[][] WEIGHTS = {{4, 3, 2, 0}, {0, 0, 0, 8}};

  @TempDir private Path folder;

  @Test
  void decode_noPredictions_explainsEveryClass() throws IOException {
    save("a.npy", 1, 2, 3, 4);
    save("b.npy", 9, 0, 0, 0);

    DecoderResult result = decoder("a.npy", "b.npy").build().decode();

    assertThat(result.failures()).isEmpty();
    assertThat(result.explanations())
        .extracting(Explanation::sample)
        .containsExactly("a.npy", "b.npy");
    List<ClassMap> maps = result.explanations().get(0).maps();
    assertThat(maps).extracting(ClassMap::classIndex).containsExactly(0, 1);
    assertThat(maps).extracting(ClassMap::probability).containsExactly(16f, 32f);
    assertThat(maps.get(0).shape()).containsExactly(2, 2);
    Maps.assertClose("class 0", maps.get(0).values(), new float[] {1, .75f, .5f, 0}, 1e-6);
    Maps.assertClose("class 1", maps.get(1).values(), new float[] {0, 0, 0, 1}, 1e-6);
  }

  @Test
  void decode_predictions_explainTheLargestAndTheFirstOfEquals() throws IOException {
    save("a.npy", 1, 2, 3, 4);
    save("b.npy", 1, 2, 3, 4);

    DecoderResult result =
        decoder("a.npy", "b.npy")
            .optPredictions(new float[][] {{.1f, .9f}, {.5f, .5f}})
            .build()
            .decode();

    assertThat(result.explanations())
        .flatExtracting(Explanation::maps)
        .extracting(ClassMap::classIndex)
        .containsExactly(1, 0);
  }

  @Test
  void decode_argmax_predictsItself() throws IOException {
    save("a.npy", 1, 2, 3, 4);
    save("b.npy", 9, 0, 0, 0);

    DecoderResult result =
        decoder("a.npy", "b.npy").optClasses(ClassChoice.argmax()).build().decode();

    assertThat(result.explanations())
        .flatExtracting(Explanation::maps)
        .extracting(ClassMap::classIndex)
        .containsExactly(1, 0);
  }

  @Test
  void decode_raw_isNotNormalised() throws IOException {
    save("a.npy", 1, 2, 3, 4);

    DecoderResult result =
        decoder("a.npy").optRaw(true).optClasses(ClassChoice.of(0)).build().decode();

    assertThat(result.explanations().get(0).maps().get(0).values()).containsExactly(4, 3, 2, 0);
  }

  @Test
  void decode_imageOfAnotherSize_getsItsMapBackInThatSize() throws IOException {
    Npy.write(folder.resolve("wide.npy"), new int[] {2, 4, 1}, new float[8]);
    save("a.npy", 1, 2, 3, 4);
    DataGenerator generator =
        DataGenerator.builder()
            .addSamples(folder, List.of("wide.npy", "a.npy"))
            .optStandardize(Standardize.NONE)
            .optResize(2, 2)
            .build();

    DecoderResult result =
        XAIDecoder.builder()
            .setModel(model())
            .setGenerator(generator)
            .optMethod("sm")
            .optClasses(ClassChoice.of(0))
            .build()
            .decode();

    ClassMap map = result.explanations().get(0).maps().get(0);
    assertThat(map.shape()).containsExactly(2, 4);
    Maps.assertClose(
        "wide", map.values(), new float[] {1, .9375f, .8125f, .75f, .5f, .375f, .125f, 0}, 1e-6);
    assertThat(result.explanations().get(1).maps().get(0).shape()).containsExactly(2, 2);
  }

  @Test
  void decode_badSamplesInABatch_areReportedAndTheRestGoesOn() throws IOException {
    save("a.npy", 1, 2, 3, 4);
    Files.write(folder.resolve("broken.png"), new byte[] {1, 2, 3});
    Npy.write(folder.resolve("large.npy"), new int[] {3, 3, 1}, new float[9]);
    save("z.npy", 4, 3, 2, 1);

    DecoderResult result =
        decoder("a.npy", "broken.png", "large.npy", "missing.npy", "z.npy").build().decode();

    assertThat(result.explanations())
        .extracting(Explanation::sample)
        .containsExactly("a.npy", "z.npy");
    assertThat(result.failures())
        .extracting(Failure::sample)
        .containsExactly("broken.png", "large.npy", "missing.npy");
    assertThat(result.failures().get(0).reason()).contains("broken.png").contains("damaged");
    assertThat(result.failures().get(2).reason()).contains("no such file");
  }

  @Test
  void decode_anyBatchSize_givesTheSame() throws IOException {
    List<String> names = new ArrayList<>();
    for (int i = 0; i < 7; i++) {
      names.add("image" + i + ".npy");
      save(names.get(i), i, 7 - i, i * i, 3);
    }
    List<float[]> expected = new ArrayList<>();
    for (int batchSize : new int[] {1, 3, 7, 100}) {
      DataGenerator generator =
          DataGenerator.builder()
              .addSamples(folder, names)
              .optStandardize(Standardize.MINMAX)
              .optBatchSize(batchSize)
              .build();
      List<Integer> progress = new ArrayList<>();
      DecoderResult result =
          XAIDecoder.builder()
              .setModel(model())
              .setGenerator(generator)
              .optMethod(new SaliencyMap(model()))
              .optProgress(progress::add)
              .build()
              .decode();
      List<float[]> maps =
          result.explanations().stream()
              .flatMap(explanation -> explanation.maps().stream())
              .map(ClassMap::values)
              .toList();
      assertThat(maps).hasSize(14);
      if (expected.isEmpty()) {
        expected.addAll(maps);
      }
      for (int i = 0; i < maps.size(); i++) {
        assertThat(maps.get(i)).containsExactly(expected.get(i));
      }
      assertThat(progress.get(progress.size() - 1)).isEqualTo(7);
    }
  }

  @Test
  void decode_output_writesFilesNamedAfterSamplesAndClasses() throws IOException {
    Files.createDirectories(folder.resolve("cls"));
    save("cls/a.npy", 1, 2, 3, 4);
    Path out = folder.resolve("deep/out");

    DecoderResult result = decoder("cls/a.npy").optOutput(out, OutputFormat.NPY).build().decode();

    assertThat(result.explanations()).isEmpty();
    assertThat(result.files())
        .containsExactly(out.resolve("cls.a.class_0.npy"), out.resolve("cls.a.class_1.npy"));
    assertThat(Npy.read(result.files().get(1)).data()[3]).isEqualTo(1);
    assertThat(out.toFile().list()).hasSize(2);
  }

  @Test
  void decode_samplesWithOneOutputName_haveFilesOfTheirOwn() throws IOException {
    Files.createDirectories(folder.resolve("a"));
    save("a/b.npy", 1, 2, 3, 4);
    save("a.b.npy", 4, 3, 2, 1);
    Path out = folder.resolve("out");

    DecoderResult result =
        decoder("a/b.npy", "a.b.npy")
            .optClasses(ClassChoice.of(1))
            .optOutput(out, OutputFormat.NPY)
            .build()
            .decode();

    assertThat(result.failures()).isEmpty();
    assertThat(result.files())
        .containsExactly(out.resolve("a.b.npy.class_1.npy"), out.resolve("a.b.npy~2.class_1.npy"));
  }

  @Test
  void decode_outputIntoTheFolderOfTheImages_leavesThem() throws IOException {
    save("a.npy", 1, 2, 3, 4);
    byte[] before = Files.readAllBytes(folder.resolve("a.npy"));

    for (int run = 0; run < 2; run++) {
      DecoderResult result =
          decoder("a.npy")
              .optClasses(ClassChoice.argmax())
              .optOutput(folder, OutputFormat.NPY)
              .build()
              .decode();
      assertThat(result.files()).containsExactly(folder.resolve("a.npy.npy"));
    }

    assertThat(folder.resolve("a.npy")).hasBinaryContent(before);
  }

  @Test
  void decode_classOutOfRange_endsTheRun() throws IOException {
    save("a.npy", 1, 2, 3, 4);
    XAIDecoder decoder = decoder("a.npy").optClasses(ClassChoice.of(0, 2)).build();

    assertThatIllegalArgumentException()
        .isThrownBy(decoder::decode)
        .withMessage("class index 2 is out of range: the model has 2 classes, 0 to 1");
  }

  @Test
  void decode_methodIsCancelled_endsTheRunAndKeepsWhatIsWritten() throws IOException {
    save("a.npy", 1, 2, 3, 4);
    save("b.npy", 1, 2, 3, 4);
    List<Long> passes = new ArrayList<>();
    XAIMethodBase method =
        new OcclusionSensitivity(
            model(),
            null,
            MethodOptions.of(Profile.AUCMEDI),
            (done, total) -> {
              passes.add(done);
              if (passes.size() == 2) {
                throw new CancellationException("enough");
              }
            });
    Path out = folder.resolve("out");
    XAIDecoder decoder =
        XAIDecoder.builder()
            .setModel(model())
            .setGenerator(
                DataGenerator.builder()
                    .addSamples(folder, List.of("a.npy", "b.npy"))
                    .optStandardize(Standardize.NONE)
                    .optBatchSize(1)
                    .build())
            .optMethod(method)
            .optOutput(out, OutputFormat.NPY)
            .build();

    assertThatExceptionOfType(CancellationException.class)
        .isThrownBy(decoder::decode)
        .withMessage("enough");
    assertThat(out.toFile().list()).containsExactlyInAnyOrder("a.class_0.npy", "a.class_1.npy");
  }

  @Test
  void decode_mapsThatAreNotOk_areMadeAndWarnedOf() throws IOException {
    save("a.npy", 1, 2, 3, 4);
    save("b.npy", 4, 3, 2, 1);
    XAIMethodBase method =
        new AttributionMethod(model(), null) {
          @Override
          protected RawMaps attribute(NDArray batch, Target target) {
            RawMaps maps = new RawMaps(2, 2, new Shape(2, 2));
            maps.set(0, 1, new float[] {0, 1, 2, 3});
            maps.set(1, 0, new float[] {0, 1, 2, 3});
            maps.set(1, 1, new float[] {5, 5, 5, 5});
            maps.mark(0, 0, MapStatus.ZERO_GRADIENT);
            maps.mark(1, 0, MapStatus.NOT_CONVERGED);
            return maps;
          }
        };

    DecoderResult result = decoder("a.npy", "b.npy").optMethod(method).build().decode();

    assertThat(result.failures()).isEmpty();
    assertThat(result.warnings())
        .containsExactly(
            new Warning("a.npy", 0, MapStatus.ZERO_GRADIENT),
            new Warning("b.npy", 0, MapStatus.NOT_CONVERGED),
            new Warning("b.npy", 1, MapStatus.FLAT));
    assertThat(result.explanations())
        .flatExtracting(Explanation::maps)
        .extracting(ClassMap::status)
        .containsExactly(
            MapStatus.ZERO_GRADIENT, MapStatus.OK, MapStatus.NOT_CONVERGED, MapStatus.FLAT);
  }

  @Test
  void decode_modelOfNaN_warnsAndItsMapsAreZero() throws IOException {
    save("a.npy", 1, 2, 3, 4);
    ExplainableModel broken =
        new LinearModel(
            new float[][] {{1, Float.NaN, 0, 1}, {1, Float.NaN, 3, 4}},
            ChannelLayout.CHANNELS_FIRST,
            "PyTorch");

    DecoderResult result = decoder("a.npy").setModel(broken).build().decode();

    assertThat(result.failures()).isEmpty();
    assertThat(result.warnings())
        .containsExactly(
            new Warning("a.npy", 0, MapStatus.NON_FINITE),
            new Warning("a.npy", 1, MapStatus.NON_FINITE));
    for (ClassMap map : result.explanations().get(0).maps()) {
      assertThat(map.values()).containsOnly(0);
    }
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
  void build_modelWithoutGradients_saysWhatIsMissing() {
    ExplainableModel blackBox = Mockito.mock(ExplainableModel.class);
    Set<Capability> predictions = EnumSet.of(Capability.PREDICTION);
    Mockito.when(blackBox.capabilities()).thenReturn(predictions);

    assertThatExceptionOfType(MissingCapabilityException.class)
        .isThrownBy(() -> decoder("a.npy").setModel(blackBox).build())
        .withMessageContaining("gives no input gradients")
        .withMessageContaining("predictions")
        .satisfies(e -> assertThat(e.capability()).isEqualTo(Capability.INPUT_GRADIENTS));
  }

  private XAIDecoder.Builder decoder(String... samples) {
    return XAIDecoder.builder()
        .setModel(model())
        .setGenerator(
            DataGenerator.builder()
                .addSamples(folder, List.of(samples))
                .optStandardize(Standardize.NONE)
                .build())
        .optMethod("saliency");
  }

  /** A new model for each decoder; it holds nothing native. */
  private static ExplainableModel model() {
    return new LinearModel(WEIGHTS, ChannelLayout.CHANNELS_FIRST, "PyTorch");
  }

  private void save(String name, float... pixels) throws IOException {
    Npy.write(folder.resolve(name), new int[] {2, 2, 1}, pixels);
  }
}

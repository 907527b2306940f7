package org.aucmedi.xai.decoder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import com.google.common.base.Throwables;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.aucmedi.xai.AttributionMethod;
import org.aucmedi.xai.MapStatus;
import org.aucmedi.xai.MethodOptions;
import org.aucmedi.xai.Profile;
import org.aucmedi.xai.RawMaps;
import org.aucmedi.xai.Target;
import org.aucmedi.xai.XAIException;
import org.aucmedi.xai.XAIMethodBase;
import org.aucmedi.xai.array.ImageArray;
import org.aucmedi.xai.array.Npy;
import org.aucmedi.xai.decoder.DecoderResult.Failure;
import org.aucmedi.xai.decoder.DecoderResult.Stage;
import org.aucmedi.xai.decoder.DecoderResult.Warning;
import org.aucmedi.xai.decoder.Explanation.ClassMap;
import org.aucmedi.xai.imaging.Standardize;
import org.aucmedi.xai.methods.gradient.SaliencyMap;
import org.aucmedi.xai.methods.perturbation.OcclusionSensitivity;
import org.aucmedi.xai.model.Capability;
import org.aucmedi.xai.model.ChannelLayout;
import org.aucmedi.xai.model.ExplainableModel;
import org.aucmedi.xai.model.MissingCapabilityException;
import org.aucmedi.xai.model.OutputActivation;
import org.aucmedi.xai.model.UnsupportedModelException;
import org.aucmedi.xai.testkit.ClosedFormNet;
import org.aucmedi.xai.testkit.LinearModel;
import org.aucmedi.xai.testkit.Maps;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.mockito.Mockito;

final class XAIDecoderTest {

  /** Two classes over 2 x 2 pixels of one channel; class 1 wins where the last pixel is large. */
  private static final float[][] WEIGHTS = {{4, 3, 2, 0}, {0, 0, 0, 8}};

  private static final String HEAP = "heap";

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

    DecoderResult result =
        decoder("a.npy", "b.npy").setModel(method.model()).optMethod(method).build().decode();

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
  void decode_mapOfNaN_isWarnedOfAndZero() throws IOException {
    save("a.npy", 1, 2, 3, 4);
    XAIMethodBase method = method((batch, maps) -> Arrays.fill(maps.values(), Float.NaN));

    DecoderResult result =
        decoder("a.npy").setModel(method.model()).optMethod(method).build().decode();

    assertThat(result.failures()).isEmpty();
    assertThat(result.warnings())
        .containsExactly(
            new Warning("a.npy", 0, MapStatus.NON_FINITE),
            new Warning("a.npy", 1, MapStatus.NON_FINITE));
    for (ClassMap map : result.explanations().get(0).maps()) {
      assertThat(map.values()).containsOnly(0);
    }
  }

  @ParameterizedTest
  @MethodSource("classChoices")
  void decode_predictionThatIsNotFinite_failsAndHasNoMap(ClassChoice classes) throws IOException {
    save("a.npy", 1, 2, 3, 4);
    save("b.npy", 1e38f, -2e38f, 3, 4);
    save("c.npy", 4, 3, 2, 1);
    save("d.npy", -1e38f, 3, 2, 1);

    DecoderResult result =
        decoder("a.npy", "b.npy", "c.npy", "d.npy").optClasses(classes).build().decode();

    assertThat(result.explanations())
        .extracting(Explanation::sample)
        .containsExactly("a.npy", "c.npy");
    assertThat(result.warnings()).isEmpty();
    assertThat(result.failures())
        .containsExactly(
            new Failure("b.npy", notFinite("NaN"), Stage.EXPLAINING),
            new Failure("d.npy", notFinite("-Infinity"), Stage.EXPLAINING));
  }

  static List<ClassChoice> classChoices() {
    return List.of(ClassChoice.argmax(), ClassChoice.all(), ClassChoice.of(0));
  }

  private static String notFinite(String value) {
    return "the model's output is not finite ("
        + value
        + "); check the image for NaN, its standardisation, and the weights";
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

    assertThat(result.failures())
        .containsExactly(new Failure("a.npy", notFinite("NaN"), Stage.EXPLAINING));
    assertThat(result.explanations()).extracting(Explanation::sample).containsExactly("b.npy");
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
  void decode_memoryRunsOutForOneImage_costsThatImage() throws IOException {
    savePixels(1, 2, 3, 4, 5);

    DecoderResult result = decoder(failingFor(3, new OutOfMemoryError("Java heap space"))).decode();

    assertThat(result.explanations())
        .extracting(Explanation::sample)
        .containsExactly("1.npy", "2.npy", "4.npy", "5.npy");
    assertThat(result.failures()).extracting(Failure::sample).containsExactly("3.npy");
    assertThat(result.failures().get(0).stage()).isEqualTo(Stage.LOADING);
    assertThat(result.failures().get(0).reason())
        .startsWith("out of memory (Java heap space, of ")
        .contains("--resize", "--batch-size 1", "JAVA_TOOL_OPTIONS=-Xmx8g");
  }

  @Test
  void decode_memoryRunsOutWhileOthersAreLoaded_triesAgainByItself() throws IOException {
    savePixels(1, 2, 3);
    AtomicInteger tries = new AtomicInteger();
    DataGenerator generator =
        generator()
            .addSubfunction(
                image -> {
                  if (image.at(0, 0, 0) == 2 && tries.getAndIncrement() == 0) {
                    throw new OutOfMemoryError("Java heap space");
                  }
                  return image;
                })
            .addSamples(folder, List.of("1.npy", "2.npy", "3.npy"))
            .build();

    DecoderResult result = decoder(generator).decode();

    assertThat(tries).hasValue(2);
    assertThat(result.failures()).isEmpty();
    assertThat(result.explanations())
        .extracting(Explanation::sample)
        .containsExactly("1.npy", "2.npy", "3.npy");
  }

  @Test
  void decode_stackOverflowForOneImage_costsThatImage() throws IOException {
    savePixels(1, 2, 3, 4, 5);

    DecoderResult result = decoder(failingFor(3, new StackOverflowError())).decode();

    assertThat(result.explanations()).hasSize(4);
    assertThat(result.failures().get(0).reason())
        .startsWith("too deeply nested for Java's stack")
        .contains("JAVA_TOOL_OPTIONS=-Xss64m");
  }

  @Test
  @Timeout(20)
  void decode_errorThatIsNoImagesFault_endsTheRun() throws IOException {
    savePixels(1, 2, 3, 4, 5);
    XAIDecoder decoder = decoder(failingFor(3, new NoClassDefFoundError("gone")));

    assertThatExceptionOfType(NoClassDefFoundError.class).isThrownBy(decoder::decode);
  }

  private DataGenerator failingFor(int pixel, Error error) {
    return generator()
        .addSubfunction(
            image -> {
              if (image.at(0, 0, 0) == pixel) {
                throw error;
              }
              return image;
            })
        .addSamples(folder, List.of("1.npy", "2.npy", "3.npy", "4.npy", "5.npy"))
        .build();
  }

  @ParameterizedTest
  @MethodSource("faultsOfAnImage")
  void decode_passFails_costsThatImageAndNoOther(Throwable fault) throws IOException {
    savePixels(1, 2, 3, 4, 5);
    List<Integer> sizes = new ArrayList<>();
    XAIMethodBase method =
        method(
            (batch, maps) -> {
              float[] pixels = batch.toFloatArray();
              sizes.add(pixels.length / 4);
              for (float pixel : pixels) {
                if (pixel == 4) {
                  Throwables.throwIfUnchecked(fault);
                }
              }
              maps.values()[0] = 1;
            });

    DecoderResult result =
        XAIDecoder.builder()
            .setGenerator(
                generator()
                    .addSamples(folder, List.of("1.npy", "2.npy", "3.npy", "4.npy", "5.npy"))
                    .build())
            .optMethod(method)
            .optClasses(ClassChoice.of(0))
            .build()
            .decode();

    assertThat(result.explanations())
        .extracting(Explanation::sample)
        .containsExactly("1.npy", "2.npy", "3.npy", "5.npy");
    assertThat(result.failures()).hasSize(1);
    assertThat(result.failures().get(0).stage()).isEqualTo(Stage.EXPLAINING);
    assertThat(sizes).containsExactly(5, 3, 2, 1, 1);
  }

  static List<Throwable> faultsOfAnImage() {
    return List.of(
        new OutOfMemoryError("Direct buffer memory"),
        new StackOverflowError(),
        new EngineException("cannot allocate"),
        new XAIException("cannot run"));
  }

  @Test
  void decode_noMemoryForAllClassesAtOnce_makesTheirMapsInTurn() throws IOException {
    save("a.npy", 1, 2, 3, 4);
    List<Integer> maps = new ArrayList<>();
    XAIMethodBase method =
        new AttributionMethod(model(5), null) {
          @Override
          protected RawMaps attribute(NDArray batch, Target target) {
            int classes = target.maps(5);
            maps.add(classes);
            if (classes > 2) {
              throw new OutOfMemoryError("Java heap space");
            }
            RawMaps raw = new RawMaps(1, classes, new Shape(2, 2));
            for (int k = 0; k < classes; k++) {
              float[] seed = target.seed(k, 0, 1, 5);
              raw.set(0, k, new float[] {seed[1] + 2 * seed[2], seed[3] + 2 * seed[4], seed[0], 0});
            }
            return raw;
          }
        };

    DecoderResult result =
        decoder("a.npy").setModel(method.model()).optMethod(method).optRaw(true).build().decode();

    assertThat(maps).containsExactly(5, 2, 3, 1, 2);
    List<ClassMap> made = result.explanations().get(0).maps();
    assertThat(made).extracting(ClassMap::classIndex).containsExactly(0, 1, 2, 3, 4);
    assertThat(made.get(2).values()).containsExactly(2, 0, 0, 0);
    assertThat(made.get(4).values()).containsExactly(0, 2, 0, 0);
  }

  @Test
  void decode_faultOfTheModel_endsTheRunAndKeepsWhatIsWritten() throws IOException {
    savePixels(1, 2, 3);
    AtomicInteger passes = new AtomicInteger();
    XAIMethodBase method =
        method(
            (batch, maps) -> {
              if (passes.getAndIncrement() == 1) {
                throw new UnsupportedModelException("no differentiable path");
              }
              maps.values()[0] = 1;
            });
    List<String> told = new ArrayList<>();
    Path out = folder.resolve("out");
    XAIDecoder decoder =
        XAIDecoder.builder()
            .setGenerator(
                generator()
                    .addSamples(folder, List.of("1.npy", "2.npy", "3.npy"))
                    .optBatchSize(1)
                    .build())
            .optMethod(method)
            .optClasses(ClassChoice.argmax())
            .optOutput(out, OutputFormat.NPY)
            .optListener(listener(told))
            .build();

    assertThatExceptionOfType(UnsupportedModelException.class)
        .isThrownBy(decoder::decode)
        .withMessage("no differentiable path");
    assertThat(passes).hasValue(2);
    assertThat(told).containsExactly("written 1.npy 1.npy");
    assertThat(out.toFile().list()).containsExactly("1.npy");
  }

  @Test
  void decode_modelClosedMeanwhile_endsTheRunOnce() throws IOException {
    savePixels(1, 2, 3);
    ExplainableModel net =
        new ClosedFormNet(ChannelLayout.CHANNELS_FIRST, ClosedFormNet.Weights.random(1, 1));
    List<String> told = new ArrayList<>();
    XAIDecoder decoder =
        XAIDecoder.builder()
            .setModel(net)
            .setGenerator(
                generator()
                    .addSamples(folder, List.of("1.npy", "2.npy", "3.npy"))
                    .optBatchSize(1)
                    .build())
            .optMethod("saliency")
            .optProgress(done -> net.close())
            .optListener(listener(told))
            .build();

    assertThatIllegalStateException()
        .isThrownBy(decoder::decode)
        .withMessage("a network in closed form was closed before the last image; close it later");
    assertThat(told).isEmpty();
  }

  @Test
  void decode_interrupted_endsTheRun() throws IOException {
    savePixels(1, 2, 3);
    DataGenerator generator =
        generator().addSamples(folder, List.of("1.npy", "2.npy", "3.npy")).optBatchSize(2).build();
    XAIDecoder decoder =
        XAIDecoder.builder()
            .setModel(model())
            .setGenerator(generator)
            .optMethod("saliency")
            .optProgress(done -> Thread.currentThread().interrupt())
            .build();

    assertThatExceptionOfType(CancellationException.class)
        .isThrownBy(decoder::decode)
        .withMessage("interrupted after 2 of 3 images");
    assertThat(Thread.interrupted()).isTrue();
  }

  @Test
  void decode_failure_isToldBeforeTheNextBatchIsLoaded() throws IOException {
    savePixels(1, 3);
    save("2.npy", 1e38f, 0, 0, 0);
    List<String> told = Collections.synchronizedList(new ArrayList<>());
    DataGenerator generator =
        generator()
            .addSamples(folder, List.of("absent.npy", "1.npy", "2.npy", "3.npy"))
            .addSubfunction(
                image -> {
                  told.add("loaded " + image.at(0, 0, 0));
                  return image;
                })
            .optBatchSize(1)
            .build();

    XAIDecoder.builder()
        .setModel(model())
        .setGenerator(generator)
        .optMethod("saliency")
        .optClasses(ClassChoice.of(0))
        .optListener(listener(told))
        .build()
        .decode();

    assertThat(told)
        .containsExactly(
            "failed absent.npy", "loaded 1.0", "loaded 1.0E38", "failed 2.npy", "loaded 3.0");
  }

  private static DecoderListener listener(List<String> told) {
    return new DecoderListener() {
      @Override
      public void failed(Failure failure) {
        told.add("failed " + failure.sample());
      }

      @Override
      public void written(String sample, Path file) {
        told.add("written " + sample + " " + file.getFileName());
      }
    };
  }

  @Test
  void decode_loading_leavesTheCommonThreadsAlone() throws IOException {
    savePixels(1, 2, 3);
    Set<String> threads = ConcurrentHashMap.newKeySet();
    DataGenerator generator =
        generator()
            .addSamples(folder, List.of("1.npy", "2.npy", "3.npy"))
            .addSubfunction(
                image -> {
                  threads.add(Thread.currentThread().getName());
                  return image;
                })
            .build();

    decoder(generator).decode();

    assertThat(threads).isNotEmpty().allMatch(name -> name.startsWith("aucmedi-xai-decoder-"));
  }

  @Test
  void decode_overlayOnTheImageBeforeACrop_isRefused() throws IOException {
    Npy.write(folder.resolve("wide.npy"), new int[] {2, 3, 1}, new float[] {1, 2, 3, 4, 5, 6});
    DataGenerator generator =
        generator()
            .addSamples(folder, List.of("wide.npy"))
            .addSubfunction(
                image ->
                    ImageArray.of(
                        new int[] {2, 2}, 1, new float[] {1, 2, 4, 5}, image.sampleType()))
            .build();
    XAIDecoder.Builder builder =
        XAIDecoder.builder().setModel(model()).setGenerator(generator).optMethod("saliency");

    DecoderResult refused = builder.optPreprocessOverlay(false).build().decode();
    DecoderResult cropped = builder.optPreprocessOverlay(true).build().decode();

    assertThat(refused.explanations()).isEmpty();
    assertThat(refused.failures().get(0).reason())
        .startsWith(
            "the subfunctions make an image of [2, 2] out of one of [2, 3], so its map does not fit");
    assertThat(cropped.explanations().get(0).maps().get(0).shape()).containsExactly(2, 2);
  }

  @Test
  void decode_volumeAsPicture_isRefusedBeforeAnyPass() throws IOException {
    Npy.write(folder.resolve("ct.npy"), new int[] {2, 2, 2, 1}, new float[8]);
    XAIMethodBase method =
        method(
            (batch, maps) -> {
              throw new AssertionError("computed in vain");
            });

    DecoderResult result =
        XAIDecoder.builder()
            .setGenerator(generator().addSamples(folder, List.of("ct.npy")).build())
            .optMethod(method)
            .optOutput(folder.resolve("out"), OutputFormat.PNG)
            .build()
            .decode();

    assertThat(result.failures())
        .containsExactly(
            new Failure(
                "ct.npy",
                "a volume cannot be written as a picture; write it as npy",
                Stage.LOADING));
  }

  @Test
  void decode_oneUnitOfUnknownActivation_saysHowToExplainNo() throws IOException {
    save("a.npy", 1, 2, 3, 4);
    ExplainableModel model = Mockito.spy(model(1));
    Mockito.doReturn(OutputActivation.UNKNOWN).when(model).outputActivation();
    XAIDecoder decoder = decoder("a.npy").setModel(model).optClasses(ClassChoice.of(1)).build();

    assertThatIllegalArgumentException()
        .isThrownBy(decoder::decode)
        .withMessage(
            "class index 1 is out of range: the model has one class, 0; if its one output is a"
                + " sigmoid's, for yes or no, say so (--activation sigmoid, LoadOptions)");
  }

  @Test
  void build_methodOfAnotherModel_isRefused() {
    assertThatIllegalStateException()
        .isThrownBy(() -> decoder("a.npy").optMethod(new SaliencyMap(model())).build())
        .withMessageContaining("leave out setModel");
  }

  @Test
  void build_settingsBesideAMethodObject_areRefused() {
    XAIDecoder.Builder builder =
        XAIDecoder.builder()
            .setGenerator(generator().addSamples(folder, List.of("a.npy")).build())
            .optMethod(new SaliencyMap(model()));

    builder.build();
    assertThatIllegalStateException()
        .isThrownBy(() -> builder.optOptions(Map.of("channels", "sum")).build())
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

  /** A new model for each decoder, in plain Java. */
  private static ExplainableModel model() {
    return new LinearModel(WEIGHTS, ChannelLayout.CHANNELS_FIRST, HEAP);
  }

  /** A model of so many classes. */
  private static ExplainableModel model(int classes) {
    return new LinearModel(new float[classes][4], ChannelLayout.CHANNELS_FIRST, HEAP);
  }

  @FunctionalInterface
  private interface Attribution {
    void fill(NDArray batch, RawMaps maps);
  }

  /** A method whose maps are 2 x 2. */
  private static XAIMethodBase method(Attribution attribution) {
    return new AttributionMethod(model(), null) {
      @Override
      protected RawMaps attribute(NDArray batch, Target target) {
        RawMaps maps = new RawMaps((int) batch.getShape().get(0), target.maps(2), new Shape(2, 2));
        attribution.fill(batch, maps);
        return maps;
      }
    };
  }

  private static DataGenerator.Builder generator() {
    return DataGenerator.builder().optStandardize(Standardize.NONE);
  }

  private static XAIDecoder decoder(DataGenerator generator) {
    return XAIDecoder.builder()
        .setModel(model())
        .setGenerator(generator)
        .optMethod("saliency")
        .build();
  }

  /** Images named after their pixels. */
  private void savePixels(int... pixels) throws IOException {
    for (int pixel : pixels) {
      save(pixel + ".npy", pixel, pixel, pixel, pixel);
    }
  }

  private void save(String name, float... pixels) throws IOException {
    Npy.write(folder.resolve(name), new int[] {2, 2, 1}, pixels);
  }
}

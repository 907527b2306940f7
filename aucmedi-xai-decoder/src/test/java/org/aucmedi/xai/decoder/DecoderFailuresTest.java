package org.aucmedi.xai.decoder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDArray;
import com.google.common.base.Throwables;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.aucmedi.xai.Attribution;
import org.aucmedi.xai.AttributionMethod;
import org.aucmedi.xai.Heatmap;
import org.aucmedi.xai.MapStatus;
import org.aucmedi.xai.MethodDescription;
import org.aucmedi.xai.MethodOptions;
import org.aucmedi.xai.Objective;
import org.aucmedi.xai.Profile;
import org.aucmedi.xai.Progress;
import org.aucmedi.xai.Target;
import org.aucmedi.xai.XAIMethodBase;
import org.aucmedi.xai.array.BatchAxes;
import org.aucmedi.xai.array.Npy;
import org.aucmedi.xai.decoder.DecoderResult.Warning;
import org.aucmedi.xai.decoder.SampleResult.Explained;
import org.aucmedi.xai.decoder.SampleResult.Failed;
import org.aucmedi.xai.decoder.SampleResult.Stage;
import org.aucmedi.xai.error.XAIException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What a sample that fails costs, and what is said of it. */
@Timeout(60)
final class DecoderFailuresTest extends DecoderTestBase {

  @Test
  void decode_badSamplesInABatch_areReportedAndTheRestGoesOn() throws IOException {
    save("a.npy", 1, 2, 3, 4);
    Files.write(folder.resolve("broken.png"), new byte[] {1, 2, 3});
    Npy.write(folder.resolve("large.npy"), new int[] {3, 3, 1}, new float[9]);
    save("z.npy", 4, 3, 2, 1);

    DecoderResult result =
        decoder("a.npy", "broken.png", "large.npy", "missing.npy", "z.npy").build().decode();

    assertThat(result.explained()).extracting(Explained::sample).containsExactly("a.npy", "z.npy");
    assertThat(result.failures())
        .extracting(Failed::sample)
        .containsExactly("broken.png", "large.npy", "missing.npy");
    assertThat(result.failures())
        .extracting(Failed::stage)
        .containsExactly(Stage.LOADING, Stage.EXPLAINING, Stage.LOADING);
    assertThat(result.failures().get(0).reason()).contains("broken.png").contains("damaged");
    assertThat(result.failures().get(2).reason()).contains("no such file");
  }

  @Test
  void decode_mapsThatAreNotOk_areMadeAndWarnedOf() throws IOException {
    save("a.npy", 1, 2, 3, 4);
    save("b.npy", 4, 3, 2, 1);
    List<Warning> told = new ArrayList<>();

    DecoderResult result =
        decoder("a.npy", "b.npy")
            .setModel(NOT_OK.model())
            .optMethod(NOT_OK)
            .optTarget(Target.all())
            .optListener(
                new DecoderListener() {
                  @Override
                  public void warned(Warning warning) {
                    told.add(warning);
                  }
                })
            .build()
            .decode();

    assertThat(result.failures()).isEmpty();
    assertThat(result.warnings())
        .isEqualTo(told)
        .containsExactly(
            new Warning("a.npy", "0", MapStatus.ZERO_GRADIENT),
            new Warning("b.npy", "0", MapStatus.NOT_CONVERGED),
            new Warning("b.npy", "1", MapStatus.FLAT));
    assertThat(result.explained())
        .flatExtracting(Explained::maps)
        .extracting(Heatmap::status)
        .containsExactly(
            MapStatus.ZERO_GRADIENT, MapStatus.OK, MapStatus.NOT_CONVERGED, MapStatus.FLAT);
  }

  @Test
  void decode_bodyMasks_markMapsOutsideAndFailWhereTheyDoNotFit() throws IOException {
    save("in.npy", 1, 2, 3, 4);
    save("out.npy", 1, 2, 3, 4);
    save("none.npy", 1, 2, 3, 4);
    save("other.npy", 1, 2, 3, 4);
    XAIMethodBase method =
        method(model(), pixels -> {}, (image, objective) -> new float[] {0, 0, 1, 0});

    DecoderResult result =
        decoder("in.npy", "out.npy", "none.npy", "other.npy")
            .setModel(method.model())
            .optMethod(method)
            .optBodyMasks(
                (sample, shape) -> {
                  assertThat(shape).containsExactly(2, 2);
                  return switch (sample) {
                    case "in.npy" -> Optional.of(new boolean[] {false, true, true, true});
                    case "out.npy" -> Optional.of(new boolean[] {true, true, false, true});
                    case "other.npy" -> Optional.of(new boolean[] {true});
                    default -> Optional.empty();
                  };
                })
            .build()
            .decode();

    assertThat(result.warnings())
        .containsExactly(new Warning("out.npy", "1", MapStatus.OUTSIDE_BODY));
    assertThat(result.failures()).hasSize(1);
    assertThat(result.failures().get(0).sample()).isEqualTo("other.npy");
    assertThat(result.failures().get(0).reason()).contains("1 positions does not fit");
  }

  /** Of two images and two classes. */
  private static final XAIMethodBase NOT_OK =
      new AttributionMethod(
          MethodDescription.of("Stub", "stub"), model(), null, MethodOptions.of(Profile.AUCMEDI)) {
        @Override
        protected List<List<Attribution>> attribute(
            NDArray batch, Target target, Progress progress) {
          float[][] outputs = model().outputs(batch);
          List<Objective> first = target.objectives(outputs[0], 0, 2);
          List<Objective> second = target.objectives(outputs[1], 1, 2);
          return List.of(
              List.of(
                  of(first.get(0), outputs[0], 0, 0, 0, 0).withStatus(MapStatus.ZERO_GRADIENT),
                  of(first.get(1), outputs[0], 0, 1, 2, 3)),
              List.of(
                  of(second.get(0), outputs[1], 0, 1, 2, 3).withStatus(MapStatus.NOT_CONVERGED),
                  of(second.get(1), outputs[1], 5, 5, 5, 5)));
        }

        private Attribution of(Objective objective, float[] outputs, float... values) {
          return Attribution.of(objective, outputs, BatchAxes.ofMap(2, 2), values);
        }
      };

  @Test
  void decode_mapOfNaN_isWarnedOfAndZero() throws IOException {
    save("a.npy", 1, 2, 3, 4);
    XAIMethodBase method =
        method(
            model(),
            pixels -> {},
            (image, objective) -> new float[] {Float.NaN, Float.NaN, Float.NaN, Float.NaN});

    DecoderResult result =
        decoder("a.npy")
            .setModel(method.model())
            .optMethod(method)
            .optTarget(Target.all())
            .build()
            .decode();

    assertThat(result.failures()).isEmpty();
    assertThat(result.warnings())
        .containsExactly(
            new Warning("a.npy", "0", MapStatus.NON_FINITE),
            new Warning("a.npy", "1", MapStatus.NON_FINITE));
    assertThat(result.explained().get(0).maps())
        .hasSize(2)
        .allSatisfy(map -> assertThat(map.values()).containsOnly(0));
  }

  @Test
  void decode_stackOverflowForOneImage_costsThatImage() throws IOException {
    DecoderResult result = decoder(failingFor(3, new StackOverflowError())).build().decode();

    assertThat(result.explained()).hasSize(4);
    assertThat(result.failures().get(0).reason())
        .startsWith("too deeply nested for Java's stack")
        .contains("JAVA_TOOL_OPTIONS=-Xss64m");
  }

  @Test
  void decode_errorThatIsNoImagesFault_endsTheRun() throws IOException {
    XAIDecoder decoder = decoder(failingFor(3, new NoClassDefFoundError("gone"))).build();

    assertThatExceptionOfType(NoClassDefFoundError.class).isThrownBy(decoder::decode);
  }

  @ParameterizedTest
  @MethodSource("faultsOfAnImage")
  void decode_passFails_costsThatImageAndNoOther(Throwable fault) throws IOException {
    List<Integer> sizes = new ArrayList<>();
    Consumer<float[]> batches =
        pixels -> {
          sizes.add(pixels.length / 4);
          for (float pixel : pixels) {
            if (pixel == 4) {
              Throwables.throwIfUnchecked(fault);
            }
          }
        };

    DecoderResult result =
        decoder(generator(1, 2, 3, 4, 5).build(), method(batches)).build().decode();

    assertThat(result.explained())
        .extracting(Explained::sample)
        .containsExactly("1.npy", "2.npy", "3.npy", "5.npy");
    assertThat(result.failures()).hasSize(1);
    assertThat(result.failures().get(0).stage()).isEqualTo(Stage.EXPLAINING);
    assertThat(result.failures().get(0).cause()).isSameAs(fault);
    assertThat(sizes).containsExactly(5, 3, 2, 1, 1);
  }

  static List<Throwable> faultsOfAnImage() {
    return List.of(
        new OutOfMemoryError("Direct buffer memory"),
        new StackOverflowError(),
        new EngineException("cannot allocate"),
        new XAIException("cannot run"));
  }

  /** Two maps fit a pass, so that the sink fails of the first while the others are computed. */
  @Test
  void decode_sampleThatFailsTwice_keepsItsFirstFailure() throws IOException {
    List<String> told = new ArrayList<>();
    AtomicInteger passes = new AtomicInteger();
    XAIMethodBase method =
        method(
            model(5),
            pixels -> {
              if (passes.incrementAndGet() == 3) {
                throw new XAIException("cannot run");
              }
            },
            CORNER);
    ExplanationSink sink =
        (sample, map) -> {
          throw new XAIException("cannot write");
        };

    DecoderResult result =
        decoder(generator(1).build(), method)
            .optTarget(Target.all())
            .optSink(sink)
            .optListener(listener(told))
            .build()
            .decode(new MemoryLimit(3 * 8));

    assertThat(passes).hasValue(3);
    assertThat(result.failures()).extracting(Failed::reason).containsExactly("cannot write");
    assertThat(told).containsExactly("failed 1.npy");
  }
}

package org.aucmedi.xai.decoder;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.aucmedi.xai.Attribution;
import org.aucmedi.xai.AttributionMethod;
import org.aucmedi.xai.Heatmap;
import org.aucmedi.xai.MethodDescription;
import org.aucmedi.xai.MethodOptions;
import org.aucmedi.xai.Objective;
import org.aucmedi.xai.Profile;
import org.aucmedi.xai.Progress;
import org.aucmedi.xai.Target;
import org.aucmedi.xai.XAIMethodBase;
import org.aucmedi.xai.array.BatchAxes;
import org.aucmedi.xai.array.ImageArray;
import org.aucmedi.xai.array.SampleType;
import org.aucmedi.xai.decoder.SampleResult.Explained;
import org.aucmedi.xai.decoder.SampleResult.Failed;
import org.aucmedi.xai.decoder.SampleResult.Stage;
import org.aucmedi.xai.model.ExplainableModel;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** How much memory a run takes, and what happens where there is too little. */
@Timeout(60)
final class DecoderMemoryTest extends DecoderTestBase {

  @Test
  void decode_memoryRunsOutForOneImage_costsThatImage() throws IOException {
    OutOfMemoryError error = new OutOfMemoryError("Java heap space");

    DecoderResult result = decoder(failingFor(3, error)).build().decode();

    assertThat(result.explained())
        .extracting(Explained::sample)
        .containsExactly("1.npy", "2.npy", "4.npy", "5.npy");
    assertThat(result.failures()).extracting(Failed::sample).containsExactly("3.npy");
    assertThat(result.failures().get(0).stage()).isEqualTo(Stage.LOADING);
    assertThat(result.failures().get(0).cause()).isSameAs(error);
    assertThat(result.failures().get(0).reason())
        .startsWith("out of memory (Java heap space, of ")
        .contains("--resize", "--batch-size 1", "JAVA_TOOL_OPTIONS=-Xmx8g");
  }

  @Test
  void decode_memoryRunsOutWhileOthersAreLoaded_triesAgainByItself() throws IOException {
    AtomicInteger tries = new AtomicInteger();
    DataGenerator generator =
        generator(1, 2, 3)
            .addSubfunction(
                image -> {
                  if (image.at(0, 0, 0) == 2 && tries.getAndIncrement() == 0) {
                    throw new OutOfMemoryError("Java heap space");
                  }
                  return image;
                })
            .build();

    DecoderResult result = decoder(generator).build().decode();

    assertThat(tries).hasValue(2);
    assertThat(result.failures()).isEmpty();
    assertThat(result.explained())
        .extracting(Explained::sample)
        .containsExactly("1.npy", "2.npy", "3.npy");
  }

  @Test
  void decode_memoryRunsOutWhileOthersAreWritten_triesAgainByItself() throws IOException {
    AtomicInteger writing = new AtomicInteger();
    List<Float> passes = new ArrayList<>();
    CountDownLatch begun = new CountDownLatch(1);
    XAIMethodBase method =
        method(
            pixels -> {
              passes.add(pixels[0]);
              if (pixels[0] == 2) {
                assertThat(Latches.await(begun)).isTrue();
              }
              if (writing.get() > 0) {
                throw new OutOfMemoryError("Java heap space");
              }
            });
    ExplanationSink sink =
        (sample, map) -> {
          writing.incrementAndGet();
          begun.countDown();
          Latches.pause(100);
          writing.decrementAndGet();
          return List.of();
        };

    DecoderResult result =
        decoder(generator(1, 2).optBatchSize(1).build(), method).optSink(sink).build().decode();

    assertThat(result.failures()).isEmpty();
    assertThat(passes).containsExactly(1f, 2f, 2f);
  }

  @Test
  void decode_memoryRunsOutInASink_triesTheMapAgainByItself() throws IOException {
    AtomicInteger tries = new AtomicInteger();
    ExplanationSink sink =
        (sample, map) -> {
          if (sample.name().equals("2.npy") && tries.getAndIncrement() == 0) {
            throw new OutOfMemoryError("Java heap space");
          }
          return List.of(folder.resolve(sample.name()));
        };

    DecoderResult result = decoder(generator(1, 2, 3).build()).optSink(sink).build().decode();

    assertThat(tries).hasValue(2);
    assertThat(result.failures()).isEmpty();
    assertThat(result.files()).hasSize(3);
  }

  @Test
  void decode_noMemoryForAllClassesAtOnce_makesTheirMapsInTurn() throws IOException {
    save("a.npy", 1, 2, 3, 4);
    List<Integer> maps = new ArrayList<>();
    ExplainableModel model = model(5);
    XAIMethodBase method =
        new AttributionMethod(
            MethodDescription.of("Stub", "stub"), model, null, MethodOptions.of(Profile.AUCMEDI)) {
          @Override
          protected List<List<Attribution>> attribute(
              NDArray batch, Target target, Progress progress) {
            float[] outputs = model().outputs(batch)[0];
            List<Objective> objectives = target.objectives(outputs, 0, 1);
            maps.add(objectives.size());
            if (objectives.size() > 2) {
              throw new OutOfMemoryError("Java heap space");
            }
            return List.of(
                objectives.stream()
                    .map(
                        objective ->
                            Attribution.of(
                                objective,
                                outputs,
                                BatchAxes.ofMap(2, 2),
                                new float[] {objective.classIndex(), 1, 0, 0}))
                    .toList());
          }
        };

    DecoderResult result =
        decoder("a.npy")
            .setModel(model)
            .optMethod(method)
            .optTarget(Target.all())
            .optRaw(true)
            .build()
            .decode();

    assertThat(maps).containsExactly(5, 2, 3, 1, 2);
    List<Heatmap> made = result.explained().get(0).maps();
    assertThat(made).extracting(Heatmap::classIndex).containsExactly(0, 1, 2, 3, 4);
    assertThat(made).allSatisfy(map -> assertThat(map.at(0, 0)).isEqualTo(map.classIndex()));
  }

  /** Counts images from the start of their loading until their maps are written. */
  @Test
  void decode_manyLargeImages_holdsNoMoreThanTheLimit() throws IOException {
    int values = 2500;
    long limit = 3L * 4 * values;
    AtomicLong held = new AtomicLong();
    AtomicLong most = new AtomicLong();
    int[] pixels = new int[60];
    for (int n = 0; n < pixels.length; n++) {
      pixels[n] = n;
    }
    DataGenerator generator =
        generator(pixels)
            .addSubfunction(
                image -> {
                  most.accumulateAndGet(held.addAndGet(values), Math::max);
                  return ImageArray.of(new int[] {50, 50}, 1, new float[values], SampleType.FLOAT);
                })
            .build();
    ExplanationSink slow =
        (sample, map) -> {
          Latches.pause(2);
          held.addAndGet(-values);
          return List.of();
        };

    DecoderResult result =
        decoder(generator, largeMaps()).optSink(slow).build().decode(new MemoryLimit(limit));

    assertThat(result.failures()).isEmpty();
    assertThat(held).hasValue(0);
    assertThat(most.get()).isLessThanOrEqualTo(limit).isGreaterThan(limit / 3);
  }

  /** Explains images of any size by the model of 2 x 2 pixels. */
  private static XAIMethodBase largeMaps() {
    return new AttributionMethod(
        MethodDescription.of("Stub", "stub"), model(), null, MethodOptions.of(Profile.AUCMEDI)) {
      @Override
      protected List<List<Attribution>> attribute(NDArray batch, Target target, Progress progress) {
        List<List<Attribution>> made = new ArrayList<>();
        int images = (int) batch.getShape().get(0);
        for (int n = 0; n < images; n++) {
          float[] outputs = {1, 0};
          made.add(
              target.objectives(outputs, n, images).stream()
                  .map(
                      objective ->
                          Attribution.of(
                              objective, outputs, BatchAxes.ofMap(2, 2), new float[] {1, 0, 0, 0}))
                  .toList());
        }
        return made;
      }
    };
  }
}

package org.aucmedi.xai.decoder;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.function.Consumer;
import org.aucmedi.xai.Heatmap;
import org.aucmedi.xai.Target;
import org.aucmedi.xai.decoder.SampleResult.Explained;
import org.aucmedi.xai.decoder.SampleResult.Failed;
import org.aucmedi.xai.decoder.SampleResult.Written;
import org.aucmedi.xai.decoder.SampleResult.WrittenMap;
import org.aucmedi.xai.imaging.Standardize;
import org.aucmedi.xai.methods.gradient.SaliencyMap;
import org.aucmedi.xai.testkit.CountingModel;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** How a run goes through its batches. */
@Timeout(60)
final class DecoderRunTest extends DecoderTestBase {

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
      DecoderResult result =
          decoder(generator, SaliencyMap.builder().build(model()))
              .optTarget(Target.all())
              .build()
              .decode();
      List<float[]> maps =
          result.explained().stream()
              .flatMap(explained -> explained.maps().stream())
              .map(Heatmap::values)
              .toList();
      assertThat(maps).hasSize(14);
      if (expected.isEmpty()) {
        expected.addAll(maps);
      }
      for (int i = 0; i < maps.size(); i++) {
        assertThat(maps.get(i)).containsExactly(expected.get(i));
      }
    }
  }

  @ParameterizedTest
  @MethodSource("targets")
  void decode_anyTarget_takesOneForwardPassForEachBatch(Target target) throws IOException {
    CountingModel model = new CountingModel(model());

    decoder(generator(1, 2, 3, 4, 5).optBatchSize(2).build())
        .setModel(model)
        .optTarget(target)
        .build()
        .decode();

    assertThat(model.take().calls()).isEqualTo(3);
  }

  static List<Target> targets() {
    return List.of(Target.argmax(), Target.topK(2), Target.all(), Target.above(1e9f));
  }

  @Test
  void decode_givenPredictions_takeNoForwardPassMore() throws IOException {
    CountingModel model = new CountingModel(model());

    decoder(generator(1, 2, 3, 4, 5).optBatchSize(2).build())
        .setModel(model)
        .optPredictions(new float[5][2])
        .build()
        .decode();

    assertThat(model.take().calls()).isEqualTo(3);
  }

  @Test
  void decode_nextBatch_isLoadedWhileOneIsExplained() throws IOException {
    CountDownLatch loading = new CountDownLatch(1);
    List<Boolean> overlaps = new ArrayList<>();
    DataGenerator generator =
        generator(1, 2)
            .addSubfunction(
                image -> {
                  if (image.at(0, 0, 0) == 2) {
                    loading.countDown();
                  }
                  return image;
                })
            .optBatchSize(1)
            .build();

    decoder(generator, method(pixels -> overlaps.add(Latches.await(loading)))).build().decode();

    assertThat(overlaps).containsExactly(true, true);
  }

  @Test
  void decode_maps_areWrittenWhileTheNextBatchIsExplained() throws IOException {
    CountDownLatch explaining = new CountDownLatch(1);
    List<Boolean> overlaps = Collections.synchronizedList(new ArrayList<>());
    Consumer<float[]> batches =
        pixels -> {
          if (pixels[0] == 2) {
            explaining.countDown();
          }
        };

    decoder(generator(1, 2).optBatchSize(1).build(), method(batches))
        .optSink(
            (sample, map) -> {
              overlaps.add(Latches.await(explaining));
              return List.of();
            })
        .build()
        .decode();

    assertThat(overlaps).containsExactly(true, true);
  }

  @Test
  void decode_failure_isToldWhileAtMostOneMoreBatchIsLoaded() throws IOException {
    for (float pixel : new float[] {1, 1e38f, 3, 4, 5}) {
      save(pixel == 1e38f ? "2.npy" : (int) pixel + ".npy", pixel, 0, 0, 0);
    }
    List<Float> loaded = Collections.synchronizedList(new ArrayList<>());
    List<String> told = new ArrayList<>();
    DataGenerator generator =
        generator()
            .addSamples(folder, List.of("absent.npy", "1.npy", "2.npy", "3.npy", "4.npy", "5.npy"))
            .addSubfunction(
                image -> {
                  loaded.add(image.at(0, 0, 0));
                  return image;
                })
            .optBatchSize(1)
            .build();

    decoder(generator)
        .optListener(
            new DecoderListener() {
              @Override
              public void failed(Failed failure) {
                told.add(failure.sample());
                assertThat(loaded).doesNotContain(told.size() == 1 ? 1e38f : 4f);
              }
            })
        .build()
        .decode();

    assertThat(told).containsExactly("absent.npy", "2.npy");
    assertThat(loaded).containsExactly(1f, 1e38f, 3f, 4f, 5f);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 10})
  void decode_progress_endsWhenEverythingIsWritten(int batchSize) throws IOException {
    List<String> told = new ArrayList<>();
    XAIDecoder decoder =
        decoder(generator(1, 2, 3).optBatchSize(batchSize).build())
            .optSink((sample, map) -> List.of())
            .optListener(
                new DecoderListener() {
                  @Override
                  public void written(String sample, WrittenMap map) {
                    told.add(sample);
                  }

                  @Override
                  public void progressed(int samples, int total, double pass) {
                    told.add(samples + "/" + total);
                  }
                })
            .build();

    DecoderResult result = decoder.decode();

    assertThat(result.samples()).hasSize(3).hasOnlyElementsOfType(Written.class);
    assertThat(told.subList(0, told.size() - 1)).contains("1.npy", "2.npy", "3.npy");
    assertThat(told.get(told.size() - 1)).isEqualTo("3/3");
    assertThat(told).hasSize(3 + (3 + batchSize - 1) / batchSize);
  }

  @Test
  void decode_twice_isTwoRuns() throws IOException {
    XAIDecoder decoder = decoder(generator(1, 2, 3).build()).build();

    for (int run = 0; run < 2; run++) {
      assertThat(decoder.decode().explained())
          .extracting(Explained::sample)
          .containsExactly("1.npy", "2.npy", "3.npy");
    }
  }

  @Test
  void decode_loading_leavesTheCommonThreadsAlone() throws IOException {
    Set<String> threads = ConcurrentHashMap.newKeySet();
    DataGenerator generator =
        generator(1, 2, 3)
            .addSubfunction(
                image -> {
                  threads.add(Thread.currentThread().getName());
                  return image;
                })
            .build();

    decoder(generator)
        .optSink(
            (sample, map) -> {
              threads.add(Thread.currentThread().getName());
              return List.of();
            })
        .build()
        .decode();

    assertThat(threads).isNotEmpty().allMatch(name -> name.startsWith("aucmedi-xai-decoder-"));
  }
}

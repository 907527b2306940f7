package org.aucmedi.xai.decoder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.aucmedi.xai.RawScale;
import org.aucmedi.xai.Target;
import org.aucmedi.xai.decoder.CompletedSample.MapDetails;
import org.aucmedi.xai.decoder.SampleResult.Failed;
import org.aucmedi.xai.decoder.SampleResult.Stage;
import org.aucmedi.xai.decoder.SampleResult.Written;
import org.junit.jupiter.api.Test;

final class DecoderBatchesTest extends DecoderTestBase {

  private final List<CompletedSample> completed = new ArrayList<>();
  private final DecoderListener listener =
      new DecoderListener() {
        @Override
        public void completed(CompletedSample sample) {
          completed.add(sample);
        }
      };

  @Test
  void decode_batches_explainsThemTogetherAndNothingElse() throws IOException {
    List<Integer> images = new ArrayList<>();
    DataGenerator generator = generator(1, 2, 3, 4, 5).optBatchSize(2).build();

    DecoderResult result =
        decoder(generator, method(batch -> images.add(batch.length / 4)))
            .optBatches(List.of(List.of(4, 0, 2), List.of(1)))
            .optSink((sample, map) -> List.of())
            .build()
            .decode();

    assertThat(images).containsExactly(3, 1);
    assertThat(result.samples().stream().map(SampleResult::sample))
        .containsExactly("5.npy", "1.npy", "3.npy", "2.npy");
  }

  @Test
  void decode_noBatches_explainsNothing() throws IOException {
    DecoderResult result = decoder(generator(1, 2).build()).optBatches(List.of()).build().decode();

    assertThat(result.samples()).isEmpty();
  }

  @Test
  void decode_partOfTheSamples_namesFilesAsARunOfAll() throws IOException {
    Files.createDirectories(folder.resolve("a"));
    save("a/b.npy", 1, 2, 3, 4);
    save("a.b.npy", 4, 3, 2, 1);
    Path out = folder.resolve("out");

    decoder("a/b.npy", "a.b.npy")
        .optOutput(out, OutputFormat.NPY)
        .optBatches(List.of(List.of(1)))
        .build()
        .decode();

    assertThat(out.toFile().list()).containsExactly("a.b.npy~2.npy");
  }

  @Test
  void build_batchesThatNameASampleTwiceOrNone_areRefused() throws IOException {
    XAIDecoder.Builder decoder = decoder(generator(1, 2).build());

    assertThatIllegalArgumentException()
        .isThrownBy(() -> decoder.optBatches(List.of(List.of(0), List.of(0))).build())
        .withMessage("batches name each of the samples 0 to 1 at most once, got 0 twice");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> decoder.optBatches(List.of(List.of(2))).build())
        .withMessageEndingWith("got 2");
  }

  @Test
  void completed_tellsWhatTheRecordNeeds() throws IOException {
    DataGenerator generator = failingFor(2, new StackOverflowError());
    decoder(generator, method(batch -> {}))
        .optTarget(Target.all())
        .optSink((sample, map) -> List.of(folder.resolve(map.objective().label())))
        .optListener(listener)
        .build()
        .decode();

    assertThat(completed).extracting(CompletedSample::index).containsExactly(1, 0, 2, 3, 4);
    CompletedSample failed = completed.get(0);
    assertThat(((Failed) failed.result()).stage()).isEqualTo(Stage.LOADING);
    assertThat(failed.shape()).isNull();
    assertThat(failed.outputs()).isNull();
    CompletedSample third = completed.get(2);
    assertThat(((Written) third.result()).maps()).hasSize(2);
    assertThat(third.shape()).containsExactly(2, 2);
    assertThat(third.outputs()).containsExactly(27, 24);
    assertThat(third.details().get(1).rawScale()).isEqualTo(new RawScale(0, 1));
    assertThat(third.details().get(1).layer()).isNull();
    assertThat(third.time()).isPositive().isLessThan(Duration.ofMinutes(1));
  }

  @Test
  void completed_rawMaps_haveTheirSmallestAndLargestValue() throws IOException {
    decoder(
            generator(1).build(),
            method(model(), batch -> {}, (image, o) -> new float[] {-3, 0, 1, 7}))
        .optRaw(true)
        .optSink((sample, map) -> List.of())
        .optListener(listener)
        .build()
        .decode();

    assertThat(completed.get(0).details())
        .extracting(MapDetails::rawScale)
        .containsExactly(new RawScale(-3, 7));
  }

  @Test
  void completed_targetSelectsNothing_hasOutputsAndNoMap() throws IOException {
    decoder(generator(1).build())
        .optTarget(Target.parse("above100"))
        .optSink((sample, map) -> List.of())
        .optListener(listener)
        .build()
        .decode();

    assertThat(completed).hasSize(1);
    assertThat(completed.get(0).result()).isEqualTo(new Written("1.npy", List.of()));
    assertThat(completed.get(0).outputs()).containsExactly(9, 8);
  }
}

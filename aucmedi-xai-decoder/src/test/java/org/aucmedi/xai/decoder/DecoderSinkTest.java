package org.aucmedi.xai.decoder;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.aucmedi.xai.Heatmap;
import org.aucmedi.xai.MapStatus;
import org.aucmedi.xai.Target;
import org.aucmedi.xai.XAIMethodBase;
import org.aucmedi.xai.array.ImageArray;
import org.aucmedi.xai.array.ImageAxes;
import org.aucmedi.xai.array.Npy;
import org.aucmedi.xai.decoder.SampleResult.Failed;
import org.aucmedi.xai.decoder.SampleResult.Stage;
import org.aucmedi.xai.decoder.SampleResult.Written;
import org.aucmedi.xai.decoder.SampleResult.WrittenMap;
import org.aucmedi.xai.model.ExplainableModel;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Where the maps of a decoder go. */
final class DecoderSinkTest extends DecoderTestBase {

  @Test
  void decode_output_writesFilesNamedAfterSamplesAndClasses() throws IOException {
    Files.createDirectories(folder.resolve("cls"));
    save("cls/a.npy", 1, 2, 3, 4);
    Path out = folder.resolve("deep/out");

    DecoderResult result =
        decoder("cls/a.npy")
            .optTarget(Target.all())
            .optOutput(out, OutputFormat.NPY)
            .build()
            .decode();

    assertThat(result.explained()).isEmpty();
    assertThat(result.samples())
        .containsExactly(
            new Written(
                "cls/a.npy",
                List.of(
                    new WrittenMap(
                        "0", 16, MapStatus.OK, List.of(out.resolve("cls.a.class_0.npy"))),
                    new WrittenMap(
                        "1", 32, MapStatus.OK, List.of(out.resolve("cls.a.class_1.npy"))))));
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
            .optTarget(Target.ofClass(1))
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
      DecoderResult result = decoder("a.npy").optOutput(folder, OutputFormat.NPY).build().decode();
      assertThat(result.files()).containsExactly(folder.resolve("a.npy.npy"));
    }

    assertThat(folder.resolve("a.npy")).hasBinaryContent(before);
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
    XAIDecoder.Builder builder = decoder(generator);

    DecoderResult refused = builder.optPreprocessOverlay(false).build().decode();
    DecoderResult cropped = builder.optPreprocessOverlay(true).build().decode();

    assertThat(refused.explained()).isEmpty();
    assertThat(refused.failures().get(0).reason())
        .startsWith(
            "the subfunctions make an image of [2, 2] out of one of [2, 3], so its map does not fit");
    assertThat(cropped.explained().get(0).maps().get(0).shape()).containsExactly(2, 2);
  }

  @Test
  void decode_imageThatNoOverlayShows_isRefusedBeforeAnyPass() throws IOException {
    Npy.write(folder.resolve("two.npy"), new int[] {2, 2, 2}, new float[8]);
    XAIMethodBase method =
        method(
            pixels -> {
              throw new AssertionError("computed in vain");
            });
    DataGenerator generator =
        generator().addSamples(folder, List.of("two.npy")).optAxes(ImageAxes.of("HWC")).build();

    DecoderResult result =
        decoder(generator, method)
            .optOutput(folder.resolve("out"), OutputFormat.PNG)
            .build()
            .decode();

    assertThat(result.failures()).hasSize(1);
    Failed failure = result.failures().get(0);
    assertThat(failure.sample()).isEqualTo("two.npy");
    assertThat(failure.stage()).isEqualTo(Stage.LOADING);
    assertThat(failure.reason())
        .isEqualTo(
            "an overlay needs an image of 1 or 3 channels, got 2; write the map without an overlay"
                + " or as npy");
  }

  /** The maps of a pass are handed over before those of the next; limits are in values. */
  @ParameterizedTest
  @ValueSource(longs = {1, 24, 36, 60, 240, 1_000_000})
  void decode_ownSink_getsEveryMapOfASampleInOrder(long limit) throws IOException {
    Map<String, List<String>> taken = new ConcurrentHashMap<>();
    ExplanationSink sink =
        (sample, map) -> {
          assertThat(map.values())
              .containsExactly(map.classIndex(), sample.image().data()[0], 0, 0);
          assertThat(sample.name()).startsWith(sample.index() + 1 + ".");
          taken
              .computeIfAbsent(sample.name(), name -> new CopyOnWriteArrayList<>())
              .add(map.objective().label());
          return List.of();
        };
    ExplainableModel model = model(5);
    XAIDecoder decoder =
        decoder(
                generator(1, 2, 3, 4, 5, 6, 7).optBatchSize(3).build(),
                method(
                    model,
                    pixels -> {},
                    (image, objective) -> new float[] {objective.classIndex(), image[0], 0, 0}))
            .optTarget(Target.all())
            .optRaw(true)
            .optSink(sink)
            .build();

    DecoderResult result = decoder.decode(new MemoryLimit(limit));

    assertThat(taken).hasSize(7);
    assertThat(taken.values()).containsOnly(List.of("0", "1", "2", "3", "4"));
    assertThat(result.files()).isEmpty();
    assertThat(result.samples()).hasSize(7).hasOnlyElementsOfType(Written.class);
    assertThat(result.samples())
        .allSatisfy(
            sample ->
                assertThat(((Written) sample).maps())
                    .extracting(WrittenMap::label)
                    .containsExactly("0", "1", "2", "3", "4"));
  }

  @Test
  void decode_folderAndSink_bothGetEveryMapAndTheFolderFirst() throws IOException {
    Path out = folder.resolve("out");
    Path own = folder.resolve("own");
    List<String> taken = new CopyOnWriteArrayList<>();

    DecoderResult result =
        decoder(generator(1, 2).build())
            .optTarget(Target.ofClass(1))
            .optOutput(out, OutputFormat.NPY)
            .optSink(
                (sample, map) -> {
                  assertThat(out.resolve(sample.index() + 1 + ".class_1.npy")).exists();
                  taken.add(sample.name() + " " + map.objective().label());
                  return List.of(own);
                })
            .build()
            .decode();

    assertThat(taken).containsExactlyInAnyOrder("1.npy 1", "2.npy 1");
    assertThat(result.files())
        .containsExactly(out.resolve("1.class_1.npy"), own, out.resolve("2.class_1.npy"), own);
  }

  @Test
  void decode_folderRefusesASample_theSinkDoesNotSeeIt() throws IOException {
    Npy.write(folder.resolve("two.npy"), new int[] {2, 2, 2}, new float[8]);
    DataGenerator generator =
        generator().addSamples(folder, List.of("two.npy")).optAxes(ImageAxes.of("HWC")).build();

    DecoderResult result =
        decoder(generator)
            .optOutput(folder.resolve("out"), OutputFormat.PNG)
            .optSink(
                (sample, map) -> {
                  throw new AssertionError("asked in vain");
                })
            .build()
            .decode();

    assertThat(result.failures())
        .singleElement()
        .satisfies(failure -> assertThat(failure.stage()).isEqualTo(Stage.LOADING));
  }

  @Test
  void decode_sinkFails_costsThatSampleAndKeepsWhatWasWritten() throws IOException {
    IllegalStateException full = new IllegalStateException("the store is full");
    Path file = folder.resolve("map");
    ExplanationSink sink =
        (sample, map) -> {
          if (sample.name().equals("2.npy") && map.classIndex() == 1) {
            throw full;
          }
          return List.of(file);
        };

    DecoderResult result =
        decoder(generator(1, 2, 3).build()).optTarget(Target.all()).optSink(sink).build().decode();

    List<WrittenMap> both =
        List.of(
            new WrittenMap("0", 9, MapStatus.OK, List.of(file)),
            new WrittenMap("1", 8, MapStatus.OK, List.of(file)));
    assertThat(result.samples().get(0)).isEqualTo(new Written("1.npy", both));
    assertThat(result.samples().get(1))
        .isEqualTo(
            new Failed(
                "2.npy",
                Stage.WRITING,
                "the store is full",
                full,
                List.of(new WrittenMap("0", 18, MapStatus.OK, List.of(file)))));
    assertThat(result.samples().get(2)).isInstanceOf(Written.class);
    assertThat(result.files()).hasSize(5);
  }

  @Test
  void decode_sinkRefusesASample_failsItBeforeAnyPass() throws IOException {
    IllegalArgumentException refusal = new IllegalArgumentException("not this one");
    ExplanationSink sink =
        new ExplanationSink() {
          @Override
          public void check(Sample sample) {
            if (sample.name().equals("2.npy")) {
              throw refusal;
            }
          }

          @Override
          public List<Path> accept(Sample sample, Heatmap map) {
            assertThat(sample.name()).isNotEqualTo("2.npy");
            return List.of();
          }
        };

    DecoderResult result = decoder(generator(1, 2, 3).build()).optSink(sink).build().decode();

    assertThat(result.samples().get(1))
        .isEqualTo(new Failed("2.npy", Stage.LOADING, "not this one", refusal, List.of()));
    assertThat(result.failures()).hasSize(1);
  }
}

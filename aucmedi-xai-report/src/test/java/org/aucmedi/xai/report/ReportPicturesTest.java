package org.aucmedi.xai.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.aucmedi.xai.Target;
import org.aucmedi.xai.array.DisplayWindow;
import org.aucmedi.xai.array.Npy;
import org.aucmedi.xai.decoder.DataGenerator;
import org.aucmedi.xai.decoder.DecoderResult;
import org.aucmedi.xai.decoder.OutputFormat;
import org.aucmedi.xai.decoder.XAIDecoder;
import org.aucmedi.xai.imaging.OutputFolder;
import org.aucmedi.xai.imaging.Standardize;
import org.aucmedi.xai.model.ChannelLayout;
import org.aucmedi.xai.testkit.LinearModel;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ReportPicturesTest {

  private static final float[][] WEIGHTS = {{4, 3, 2, 0}, {0, 0, 0, 8}};

  @TempDir private Path folder;

  private DecoderResult explain(boolean raw) throws IOException {
    Npy.write(folder.resolve("a.npy"), new int[] {2, 2, 1}, new float[] {7, 0, 200, 255});
    DataGenerator generator =
        DataGenerator.builder()
            .optStandardize(Standardize.NONE)
            .addSamples(folder, List.of("a.npy"))
            .build();
    Path out = folder.resolve("out");
    ReportPictures pictures =
        ReportPictures.open(out, DisplayWindow.AUTO, List.of(folder.resolve("a.npy")));
    return XAIDecoder.builder()
        .setModel(new LinearModel(WEIGHTS, ChannelLayout.CHANNELS_FIRST, "heap"))
        .setGenerator(generator)
        .optMethod("saliency")
        .optTarget(Target.all())
        .optRaw(raw)
        .optOutput(out, OutputFormat.NPY)
        .optSink(pictures.sink("saliency"))
        .build()
        .decode();
  }

  private Sprite read(String name) {
    Path file = folder.resolve("out/report").resolve(name);
    assertThat(OutputFolder.wrote(file)).isTrue();
    return PictureFiles.read(file).sprite();
  }

  private static int[] bytes(Sprite sprite) {
    return sprite
        .picture()
        .getRaster()
        .getSamples(
            0, 0, sprite.picture().getWidth(), sprite.picture().getHeight(), 0, (int[]) null);
  }

  @Test
  void sink_keepsImageAndMapsWithTheirRange() throws IOException {
    DecoderResult result = explain(false);

    assertThat(result.failures()).isEmpty();
    assertThat(result.files())
        .containsExactly(folder.resolve("out/a.class_0.npy"), folder.resolve("out/a.class_1.npy"));
    assertThat(bytes(read(ReportPictures.imageName("a.npy")))).containsExactly(7, 0, 200, 255);
    Sprite map = read(ReportPictures.mapName("a.npy", "saliency", "1"));
    assertThat(bytes(map)).containsExactly(0, 0, 0, 255);
    assertThat(map.layout())
        .isEqualTo(new Layout(List.of(2, 2), List.of(2, 2), 1, null, "", 0f, 8f));
    assertThat(bytes(read(ReportPictures.mapName("a.npy", "saliency", "0"))))
        .containsExactly(255, 191, 128, 0);
    assertThat(folder.resolve("out/report").toFile().list()).hasSize(3);
  }

  @Test
  void sink_rawMaps_haveTheRangeOfTheirValues() throws IOException {
    explain(true);

    Sprite map = read(ReportPictures.mapName("a.npy", "saliency", "0"));
    assertThat(bytes(map)).containsExactly(255, 191, 128, 0);
    assertThat(map.layout().low()).isZero();
    assertThat(map.layout().high()).isEqualTo(4);
  }

  @Test
  void sink_fileOfAUser_staysAndTheSampleFails() throws IOException {
    Path mine =
        Files.createDirectories(folder.resolve("out/report"))
            .resolve(ReportPictures.imageName("a.npy"));
    Files.writeString(mine, "mine");

    DecoderResult result = explain(false);

    assertThat(mine).hasContent("mine");
    assertThat(result.failures().get(0).reason()).startsWith("cannot write " + mine);
  }

  @Test
  void names_areSafeAndDiffer() {
    Set<String> names =
        Stream.of("a.png", "A.png", "x/a.png", "../../a.png", "a\n\u202e<b>.png", "é".repeat(300))
            .flatMap(
                sample ->
                    Stream.of(
                        ReportPictures.imageName(sample),
                        ReportPictures.mapName(sample, "saliency", "1"),
                        ReportPictures.mapName(sample, "saliency", "2"),
                        ReportPictures.mapName(sample, "gradcam", "1")))
            .collect(Collectors.toSet());

    assertThat(names)
        .hasSize(24)
        .allMatch(name -> name.matches("[A-Za-z0-9_-]+\\.(image|map)\\.png"));
    assertThat(names).allMatch(name -> name.length() < 80);
  }
}

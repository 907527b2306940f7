package org.aucmedi.xai.decoder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.aucmedi.xai.Heatmap;
import org.aucmedi.xai.Target;
import org.aucmedi.xai.array.ImageArray;
import org.aucmedi.xai.array.Npy;
import org.aucmedi.xai.array.SampleType;
import org.aucmedi.xai.error.XAIException;
import org.aucmedi.xai.imaging.ImageWriter;
import org.aucmedi.xai.imaging.drawing.Drawing;
import org.aucmedi.xai.methods.gradient.SaliencyMap;
import org.aucmedi.xai.model.ChannelLayout;
import org.aucmedi.xai.model.ExplainableModel;
import org.aucmedi.xai.testkit.LinearModel;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class FileSinkTest {

  @TempDir private Path folder;

  @Test
  void accept_intoTheFolderOfTheImages_leavesThem() throws IOException {
    List<String> names = List.of("a.png", "b.jpg", "a.class_1.png");
    for (String name : names) {
      ImageWriter.write(new BufferedImage(2, 1, BufferedImage.TYPE_INT_RGB), folder.resolve(name));
    }
    byte[] before = Files.readAllBytes(folder.resolve("a.png"));
    for (int run = 0; run < 2; run++) {
      FileSink single = sink(folder, OutputFormat.PNG, true, names);
      FileSink perClass = sink(folder, OutputFormat.PNG, false, names);
      for (int i = 0; i < 3; i++) {
        single.check(sample(i, 3, 1, 2));
        assertThat(single.accept(sample(i, 3, 1, 2), map())).hasSize(1);
        assertThat(perClass.accept(sample(i, 3, 1, 2), map())).hasSize(1);
      }
    }

    assertThat(folder.resolve("a.png")).hasBinaryContent(before);
    assertThat(folder.resolve("a.class_1.png")).hasBinaryContent(before);
    assertThat(folder.toFile().list())
        .containsExactlyInAnyOrder(
            "a.png",
            "b.jpg",
            "a.class_1.png",
            "a.png.png",
            "b.png",
            "a.class_1.png.png",
            "a.png.class_1.png",
            "b.class_1.png",
            "a.class_1.class_1.png");
  }

  @Test
  void check_fileOfAUser_isRefusedBeforeItsMapIsMade() throws IOException {
    Path out = Files.createDirectory(folder.resolve("out"));
    Path mine = Files.writeString(out.resolve("a.png"), "mine");

    FileSink sink = sink(out, OutputFormat.PNG, true, List.of("a.png", "b.png"));

    assertThatExceptionOfType(XAIException.class)
        .isThrownBy(() -> sink.check(sample(0, 3, 1, 2)))
        .withMessageStartingWith("cannot write " + mine);
    sink.check(sample(1, 3, 1, 2));
    assertThatExceptionOfType(XAIException.class)
        .isThrownBy(() -> sink.accept(sample(0, 3, 1, 2), map()));
    assertThat(mine).hasContent("mine");
  }

  @Test
  void check_imageThatNoOverlayShows_isRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> sink(OutputFormat.PNG).check(sample(0, 13, 2, 2)))
        .withMessageContaining("1 or 3 channels, got 13");
    sink(OutputFormat.NPY).check(sample(0, 13, 2, 2));
  }

  @Test
  void accept_severalMapsPerSample_areNamedAfterWhatTheyExplain() throws IOException {
    FileSink sink = sink(folder, OutputFormat.NPY, false, List.of("a.png"));

    assertThat(sink.accept(sample(0, 3, 1, 2), map(Target.contrast(1, 0))))
        .containsExactly(folder.resolve("a.class_1vs0.npy"));
    Path file = sink.accept(sample(0, 3, 1, 2), map()).get(0);
    assertThat(file).isEqualTo(folder.resolve("a.class_1.npy"));
    assertThat(Npy.read(file).shape()).containsExactly(1, 2);
    assertThat(Npy.read(file).data()).containsExactly(map().values());
  }

  private FileSink sink(OutputFormat format) {
    return sink(folder.resolve("out"), format, true, List.of("a.npy"));
  }

  private FileSink sink(
      Path output, OutputFormat format, boolean singleClass, List<String> samples) {
    return new FileSink(
        output,
        format,
        Drawing.DEFAULT.withAlpha(0.5f),
        singleClass,
        DataGenerator.builder().addSamples(folder, samples).build());
  }

  /** The map of class 1 of an image of 1 x 2 pixels. */
  private static Heatmap map() {
    return map(Target.ofClass(1));
  }

  private static Heatmap map(Target target) {
    ExplainableModel model =
        new LinearModel(new float[][] {{1, 2}, {3, 4}}, ChannelLayout.CHANNELS_LAST, "heap");
    try (NDManager manager = model.newManager()) {
      NDArray image = manager.create(FloatBuffer.wrap(new float[] {1, 1}), new Shape(1, 1, 2, 1));
      return SaliencyMap.builder().build(model).explain(image, target).get(0).get(0);
    }
  }

  private static ExplanationSink.Sample sample(int index, int channels, int... shape) {
    int size = channels;
    for (int axis : shape) {
      size *= axis;
    }
    return new ExplanationSink.Sample(
        index, "name", ImageArray.of(shape, channels, new float[size], SampleType.UINT8));
  }
}

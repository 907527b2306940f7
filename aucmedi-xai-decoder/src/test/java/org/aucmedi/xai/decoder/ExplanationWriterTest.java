package org.aucmedi.xai.decoder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.aucmedi.xai.MapStatus;
import org.aucmedi.xai.XAIException;
import org.aucmedi.xai.array.ImageArray;
import org.aucmedi.xai.array.SampleType;
import org.aucmedi.xai.decoder.Explanation.ClassMap;
import org.aucmedi.xai.imaging.ImageWriter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ExplanationWriterTest {

  @TempDir private Path folder;

  @Test
  void write_intoTheFolderOfTheImages_leavesThem() throws IOException {
    List<String> names = List.of("a.png", "b.jpg", "a.class_1.png");
    for (String name : names) {
      ImageWriter.write(new BufferedImage(2, 1, BufferedImage.TYPE_INT_RGB), folder.resolve(name));
    }
    byte[] before = Files.readAllBytes(folder.resolve("a.png"));
    for (int run = 0; run < 2; run++) {
      ExplanationWriter single = writer(folder, OutputFormat.PNG, true, names);
      ExplanationWriter perClass = writer(folder, OutputFormat.PNG, false, names);
      for (int i = 0; i < 3; i++) {
        single.check(i, image(3, 1, 2));
        assertThat(single.write(i, explanation(1, 2))).hasSize(1);
        assertThat(perClass.write(i, explanation(1, 2))).hasSize(1);
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

    ExplanationWriter writer = writer(out, OutputFormat.PNG, true, List.of("a.png", "b.png"));

    assertThatExceptionOfType(XAIException.class)
        .isThrownBy(() -> writer.check(0, image(3, 1, 2)))
        .withMessageStartingWith("cannot write " + mine);
    writer.check(1, image(3, 1, 2));
    assertThatExceptionOfType(XAIException.class)
        .isThrownBy(() -> writer.write(0, explanation(1, 2)));
    assertThat(mine).hasContent("mine");
  }

  @Test
  void check_volumeAsPicture_isRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> writer(OutputFormat.PNG).check(0, image(1, 2, 2, 2)))
        .withMessage("a volume cannot be written as a picture; write it as npy");
    writer(OutputFormat.NPY).check(0, image(1, 2, 2, 2));
  }

  @Test
  void check_imageThatNoOverlayShows_isRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> writer(OutputFormat.PNG).check(0, image(13, 2, 2)))
        .withMessageContaining("1 or 3 channels, got 13");
    writer(OutputFormat.NPY).check(0, image(13, 2, 2));
  }

  private ExplanationWriter writer(OutputFormat format) {
    return writer(folder.resolve("out"), format, true, List.of("a.npy"));
  }

  private ExplanationWriter writer(
      Path output, OutputFormat format, boolean singleClass, List<String> samples) {
    return new ExplanationWriter(
        output,
        format,
        true,
        0.5f,
        singleClass,
        DataGenerator.builder().addSamples(folder, samples).build());
  }

  private static Explanation explanation(int... shape) {
    float[] values = new float[shape[0] * shape[1]];
    return new Explanation(
        "name", image(3, shape), List.of(new ClassMap(1, 0.5f, shape, values, MapStatus.OK)));
  }

  private static ImageArray image(int channels, int... shape) {
    int size = channels;
    for (int axis : shape) {
      size *= axis;
    }
    return ImageArray.of(shape, channels, new float[size], SampleType.UINT8);
  }
}

package org.aucmedi.xai.imaging;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageTypeSpecifier;
import javax.imageio.metadata.IIOMetadata;
import javax.imageio.metadata.IIOMetadataNode;
import javax.imageio.stream.ImageInputStream;
import javax.imageio.stream.ImageOutputStream;
import javax.imageio.stream.MemoryCacheImageOutputStream;
import org.aucmedi.xai.array.Overlay;
import org.aucmedi.xai.error.XAIException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class GifWriterTest {

  @TempDir private Path folder;
  private OutputFolder output;

  @BeforeEach
  void open() {
    output = OutputFolder.open(folder, List.of());
  }

  @Test
  void writeAnimation_framesOfFewColours_areReadBackExactly() throws IOException {
    List<BufferedImage> frames = List.of(frame(0x102030), frame(0x405060), frame(0x708090));

    Path file = output.writeAnimation("a.gif", frames.iterator());

    List<BufferedImage> read = read(file);
    assertThat(read).hasSize(3);
    for (int n = 0; n < 3; n++) {
      assertThat(rgb(read.get(n))).containsExactly(rgb(frames.get(n)));
    }
  }

  /** 256 colours for 4096 different ones in a plane: each stands for 4 x 4, 16 values wide. */
  @Test
  void writeAnimation_manyColours_areCloseToTheirs() throws IOException {
    BufferedImage many = new BufferedImage(64, 64, BufferedImage.TYPE_INT_RGB);
    for (int i = 0; i < 64 * 64; i++) {
      many.setRGB(i % 64, i / 64, ((i % 64 * 4) << 16) | ((i / 64 * 4) << 8) | 128);
    }

    BufferedImage read = read(output.writeAnimation("a.gif", List.of(many).iterator())).get(0);

    for (int i = 0; i < 64 * 64; i++) {
      for (int shift = 0; shift < 24; shift += 8) {
        int difference =
            (read.getRGB(i % 64, i / 64) >> shift & 255)
                - (many.getRGB(i % 64, i / 64) >> shift & 255);
        assertThat(Math.abs(difference)).isLessThanOrEqualTo(8);
      }
    }
  }

  @Test
  void writeAnimation_everyGrey_isReadBackExactly() throws IOException {
    float[] heat = new float[256];
    for (int i = 0; i < 256; i++) {
      heat[i] = i / 255f;
    }
    BufferedImage grey = Overlay.gray(heat, 16, 16);

    BufferedImage read = read(output.writeAnimation("a.gif", List.of(grey).iterator())).get(0);

    for (int i = 0; i < 256; i++) {
      int value = grey.getRaster().getSample(i % 16, i / 16, 0);
      assertThat(read.getRGB(i % 16, i / 16) & 0xffffff).isEqualTo(0x010101 * value);
    }
  }

  @Test
  void writeAnimation_file_loopsForEverAtTenFramesASecond() throws IOException {
    byte[] gif =
        Files.readAllBytes(output.writeAnimation("a.gif", List.of(frame(1), frame(2)).iterator()));
    String text = new String(gif, StandardCharsets.ISO_8859_1);

    // GIF89a, appendix: application extension; sub-block of 3: 1, and 0 for without end.
    assertThat(text).startsWith("GIF89a").contains("!\u00ff\u000bNETSCAPE2.0\u0003\u0001\0\0\0");
    assertThat(text).contains("!\u00fe\u0015Software: AUCMEDI-XAI\0");
    // Graphic control extension of 4 bytes in each frame: a delay of 10 hundredths.
    assertThat(text.split("!\u00f9\u0004\0\n\0\0\0", -1)).hasSize(3);
  }

  @Test
  void writeAnimation_oneFrame_isStill() throws IOException {
    byte[] gif = Files.readAllBytes(output.writeAnimation("a.gif", List.of(frame(1)).iterator()));

    assertThat(new String(gif, StandardCharsets.ISO_8859_1))
        .doesNotContain("NETSCAPE")
        .contains("Software: AUCMEDI-XAI");
  }

  @Test
  void writeAnimation_ownFile_isReplacedAndNobodyElses() throws IOException {
    Path own = output.writeAnimation("own.gif", List.of(frame(1)).iterator());
    Files.copy(own, folder.resolve("copy.gif"));
    ImageWriter.write(frame(3), folder.resolve("mine.gif"));
    Files.write(folder.resolve("comment.gif"), commented("Software: AUCMEDI-XAI 2"));
    byte[] mine = Files.readAllBytes(folder.resolve("mine.gif"));

    output.writeAnimation("own.gif", List.of(frame(2)).iterator());
    output.writeAnimation("copy.gif", List.of(frame(2)).iterator());

    assertThat(rgb(read(own).get(0))).containsExactly(rgb(frame(2)));
    for (String name : List.of("mine.gif", "comment.gif")) {
      assertThat(OutputFolder.wrote(folder.resolve(name))).isFalse();
      assertThatExceptionOfType(XAIException.class)
          .isThrownBy(() -> output.writeAnimation(name, List.of(frame(2)).iterator()))
          .withMessageContaining("this program did not write what is there");
    }
    assertThat(folder.resolve("mine.gif")).hasBinaryContent(mine);
  }

  @Test
  void wrote_cutFile_isOwnOnceTheCommentIsWhole() throws IOException {
    byte[] gif =
        Files.readAllBytes(output.writeAnimation("a.gif", List.of(frame(1), frame(2)).iterator()));
    int whole =
        new String(gif, StandardCharsets.ISO_8859_1).indexOf("AUCMEDI-XAI")
            + "AUCMEDI-XAI".length();
    Path cut = folder.resolve("cut.gif");
    for (int length = 0; length <= gif.length; length++) {
      Files.write(cut, Arrays.copyOf(gif, length));
      assertThat(OutputFolder.wrote(cut)).isEqualTo(length >= whole);
    }
  }

  /** A GIF as another program may write it. */
  private static byte[] commented(String comment) throws IOException {
    javax.imageio.ImageWriter writer = ImageIO.getImageWritersByFormatName("gif").next();
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ImageOutputStream out = new MemoryCacheImageOutputStream(bytes)) {
      writer.setOutput(out);
      IIOMetadata metadata =
          writer.getDefaultImageMetadata(
              ImageTypeSpecifier.createFromRenderedImage(frame(1)), null);
      IIOMetadataNode extension = new IIOMetadataNode("CommentExtension");
      extension.setAttribute("value", comment);
      IIOMetadataNode extensions = new IIOMetadataNode("CommentExtensions");
      extensions.appendChild(extension);
      IIOMetadataNode root = new IIOMetadataNode(metadata.getNativeMetadataFormatName());
      root.appendChild(extensions);
      metadata.mergeTree(metadata.getNativeMetadataFormatName(), root);
      writer.write(new IIOImage(frame(1), null, metadata));
    } finally {
      writer.dispose();
    }
    return bytes.toByteArray();
  }

  private static List<BufferedImage> read(Path file) throws IOException {
    javax.imageio.ImageReader reader = ImageIO.getImageReadersByFormatName("gif").next();
    try (ImageInputStream in = ImageIO.createImageInputStream(file.toFile())) {
      reader.setInput(in);
      List<BufferedImage> frames = new ArrayList<>();
      for (int n = 0; n < reader.getNumImages(true); n++) {
        frames.add(reader.read(n));
      }
      return frames;
    } finally {
      reader.dispose();
    }
  }

  private static int[] rgb(BufferedImage picture) {
    return picture.getRGB(
        0, 0, picture.getWidth(), picture.getHeight(), null, 0, picture.getWidth());
  }

  /** Fifteen colours from one on. */
  private static BufferedImage frame(int rgb) {
    BufferedImage picture = new BufferedImage(5, 3, BufferedImage.TYPE_INT_RGB);
    for (int i = 0; i < 15; i++) {
      picture.setRGB(i % 5, i / 5, rgb + i);
    }
    return picture;
  }
}

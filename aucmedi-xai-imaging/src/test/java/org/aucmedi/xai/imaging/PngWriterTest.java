package org.aucmedi.xai.imaging;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.stream.ImageInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class PngWriterTest {

  /** Sizes down to one pixel, and noise that does not compress and needs several chunks. */
  @ParameterizedTest
  @CsvSource({"1, 1", "1, 7", "7, 1", "33, 20", "300, 200"})
  void encode_readByImageIo_isTheSame(int width, int height) throws IOException {
    for (int type : new int[] {BufferedImage.TYPE_INT_RGB, BufferedImage.TYPE_BYTE_GRAY}) {
      BufferedImage picture = noise(width, height, type);

      BufferedImage read =
          ImageIO.read(new ByteArrayInputStream(PngWriter.encode(picture, Map.of(), false)));

      assertThat(samples(read)).isEqualTo(samples(picture));
      assertThat(read.getColorModel().getNumComponents())
          .isEqualTo(picture.getColorModel().getNumComponents());
    }
  }

  @Test
  void encode_smaller_isTheSamePictureInFewerBytes() throws IOException {
    BufferedImage smooth = new BufferedImage(64, 64, BufferedImage.TYPE_BYTE_GRAY);
    for (int i = 0; i < 64 * 64; i++) {
      smooth.getRaster().setSample(i % 64, i / 64, 0, i / 64 * 3);
    }

    byte[] smaller = PngWriter.encode(smooth, Map.of(), true);

    assertThat(smaller.length).isLessThan(PngWriter.encode(smooth, Map.of(), false).length / 2);
    assertThat(samples(ImageIO.read(new ByteArrayInputStream(smaller)))).isEqualTo(samples(smooth));
  }

  @Test
  void encode_text_isReadByImageIo() throws IOException {
    byte[] png =
        PngWriter.encode(
            noise(4, 4, BufferedImage.TYPE_INT_RGB), Map.of("Software", "Some program"), false);
    ImageReader reader = ImageIO.getImageReadersByFormatName("png").next();
    try (ImageInputStream in = ImageIO.createImageInputStream(new ByteArrayInputStream(png))) {
      reader.setInput(in);

      var texts = reader.getImageMetadata(0).getAsTree("javax_imageio_1.0").getChildNodes();

      assertThat(IntStream.range(0, texts.getLength()).mapToObj(texts::item))
          .filteredOn(node -> node.getNodeName().equals("Text"))
          .first()
          .satisfies(
              text ->
                  assertThat(
                          text.getFirstChild().getAttributes().getNamedItem("value").getNodeValue())
                      .isEqualTo("Some program"));
    } finally {
      reader.dispose();
    }
  }

  @Test
  void encode_otherTypes_isRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                PngWriter.encode(
                    new BufferedImage(1, 1, BufferedImage.TYPE_INT_ARGB), Map.of(), false));
  }

  private static BufferedImage noise(int width, int height, int type) {
    BufferedImage picture = new BufferedImage(width, height, type);
    int[] samples =
        new SplittableRandom(1)
            .ints((long) width * height * picture.getRaster().getNumBands(), 0, 256)
            .toArray();
    picture.getRaster().setPixels(0, 0, width, height, samples);
    return picture;
  }

  private static int[] samples(BufferedImage picture) {
    return picture
        .getRaster()
        .getPixels(0, 0, picture.getWidth(), picture.getHeight(), (int[]) null);
  }
}

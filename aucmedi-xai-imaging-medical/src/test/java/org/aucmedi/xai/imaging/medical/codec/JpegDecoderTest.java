package org.aucmedi.xai.imaging.medical.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.awt.image.BufferedImage;
import java.awt.image.Raster;
import java.awt.image.WritableRaster;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.stream.ImageInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** JPEG codestreams against what libjpeg-turbo, DCMTK and the JDK decode. */
class JpegDecoderTest {

  @ParameterizedTest
  @CsvSource({
    "dct8, 8",
    "dct12, 12",
    "dct12-dcmtk, 12",
    "dct8-444, 8",
    "dct8-422, 8",
    "dct8-420, 8",
    "dct8-440, 8",
    "dct8-411, 8",
    "dct12-420, 12",
    "dct8-restart, 8",
    "dct8-scans, 8",
  })
  void decode_dct_givesTheReferenceWithinOneLevel(String name, int bits) throws IOException {
    DecodedFrame image = JpegDecoder.decode(Codestreams.read(name + ".jpg"));
    Codestreams.check(image, Codestreams.picture(name), bits, 1);
  }

  @ParameterizedTest
  @CsvSource({
    "lossless2, mono2, 2",
    "lossless8, mono8, 8",
    "lossless12, mono12, 12",
    "lossless12-dcmtk-p1, mono12, 16",
    "lossless12-dcmtk-p6, mono12, 16",
    "lossless12-shifted, mono12-shifted, 16",
    "lossless16-p1, mono16, 16",
    "lossless16-p2, mono16, 16",
    "lossless16-p3, mono16, 16",
    "lossless16-p4, mono16, 16",
    "lossless16-p5, mono16, 16",
    "lossless16-p6, mono16, 16",
    "lossless16-p7, mono16, 16",
    "lossless16-rgb, rgb16, 16",
    "lossless8-rgb-p1, rgb8, 8",
    "lossless8-rgb-p2, rgb8, 8",
    "lossless8-rgb-p3, rgb8, 8",
    "lossless8-rgb-p4, rgb8, 8",
    "lossless8-rgb-p5, rgb8, 8",
    "lossless8-rgb-p6, rgb8, 8",
    "lossless8-rgb-p7, rgb8, 8",
    "lossless8-restart, mono8-strips, 8",
    "lossless16-restart, mono16-strips, 16",
    "lossless8-scans, rgb8, 8",
    "lossless8-420, lossless8-420, 8",
  })
  void decode_lossless_givesTheOriginal(String name, String picture, int bits) throws IOException {
    DecodedFrame image = JpegDecoder.decode(Codestreams.read(name + ".jpg"));
    Codestreams.check(image, Codestreams.picture(picture), bits, 0);
  }

  @Test
  void decode_grayPicture_isThatOfTheJdkWithinOneLevel() throws IOException {
    BufferedImage picture = new BufferedImage(203, 117, BufferedImage.TYPE_BYTE_GRAY);
    fill(picture.getRaster());
    checkAgainstJdk(picture);
  }

  @Test
  void decode_colourPicture_isThatOfTheJdkWithinOneLevel() throws IOException {
    BufferedImage picture = new BufferedImage(203, 117, BufferedImage.TYPE_INT_RGB);
    fill(picture.getRaster());
    checkAgainstJdk(picture);
  }

  private static void fill(WritableRaster raster) {
    Random random = new Random(5);
    for (int y = 0; y < raster.getHeight(); y++) {
      for (int x = 0; x < raster.getWidth(); x++) {
        for (int c = 0; c < raster.getNumBands(); c++) {
          double value = 128 + 80 * Math.sin(x / 17.0 + c) * Math.cos(y / 11.0);
          value += x > 90 + 10 * c ? 30 : random.nextInt(9);
          raster.setSample(x, y, c, (int) value);
        }
      }
    }
  }

  /** Compares with the JDK's reader, before any conversion of colours. */
  private static void checkAgainstJdk(BufferedImage picture) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ImageIO.write(picture, "jpeg", out);
    ImageReader reader = ImageIO.getImageReadersByFormatName("jpeg").next();
    Raster raster;
    try (ImageInputStream in =
        ImageIO.createImageInputStream(new ByteArrayInputStream(out.toByteArray()))) {
      reader.setInput(in);
      raster = reader.readRaster(0, null);
    } finally {
      reader.dispose();
    }
    int[] samples = raster.getPixels(0, 0, raster.getWidth(), raster.getHeight(), (int[]) null);
    Codestreams.check(
        JpegDecoder.decode(out.toByteArray()),
        new DecodedFrame(
            raster.getWidth(), raster.getHeight(), raster.getNumBands(), 8, false, samples),
        8,
        1);
  }

  @Test
  void adobeTransform_isThatOfTheMarker() throws IOException {
    byte[] codestream = Codestreams.read("dct8-444.jpg");
    assertThat(JpegDecoder.adobeTransform(codestream)).isEmpty();
    byte[] app14 = HexFormat.of().parseHex("ffee000e" + "41646f6265" + "00640000000001");
    assertThat(JpegDecoder.adobeTransform(Codestreams.insert(codestream, 2, app14))).hasValue(1);
  }

  @ParameterizedTest
  @CsvSource({
    "c2, progressive JPEG",
    "c5, hierarchical JPEG",
    "c9, arithmetic coding",
    "cb, arithmetic coding",
    "f7, JPEG-LS",
  })
  void decode_otherProcesses_areRefusedByName(String marker, String name) throws IOException {
    byte[] codestream = Codestreams.read("lossless8.jpg");
    codestream[Codestreams.marker(codestream, 0xc3) + 1] = (byte) Integer.parseInt(marker, 16);
    assertThatThrownBy(() -> JpegDecoder.decode(codestream))
        .isInstanceOf(IOException.class)
        .hasMessageContaining(name);
  }

  @Test
  void decode_withoutNumberOfRows_isRefused() throws IOException {
    byte[] codestream = Codestreams.read("lossless8.jpg");
    int height = Codestreams.marker(codestream, 0xc3) + 5;
    codestream[height] = 0;
    codestream[height + 1] = 0;
    assertThatThrownBy(() -> JpegDecoder.decode(codestream))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("DNL");
  }

  @Test
  void decode_moreSamplesThanTheLimit_isRefused() throws IOException {
    byte[] codestream = Codestreams.read("lossless8-rgb-p1.jpg");
    int samples = 19 * 23 * 3;
    assertThat(JpegDecoder.decode(codestream, samples).samples()).hasSize(samples);
    assertThatThrownBy(() -> JpegDecoder.decode(codestream, samples - 1))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("23 x 19 pixels of 3 values, more than the limit of 1310 values");
  }

  @ParameterizedTest
  @CsvSource({"lossless8.jpg, c3", "dct8.jpg, c0"})
  void decode_moreRowsThanTheBytesCanHold_isRefused(String name, String frame) throws IOException {
    byte[] codestream = Codestreams.read(name);
    int height = Codestreams.marker(codestream, Integer.parseInt(frame, 16)) + 5;
    codestream[height] = (byte) 0xff;
    assertThatThrownBy(() -> JpegDecoder.decode(codestream))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("too few");
  }

  @Test
  void decode_wrongRestartMarker_isRefused() throws IOException {
    byte[] codestream = Codestreams.read("lossless8-restart.jpg");
    codestream[Codestreams.marker(codestream, 0xd3) + 1] = (byte) 0xd4;
    assertThatThrownBy(() -> JpegDecoder.decode(codestream))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("restart marker");
  }

  @ParameterizedTest
  @ValueSource(strings = {"dct8", "dct12-420", "dct8-restart", "lossless8", "lossless16-p4"})
  void decode_truncatedAnywhere_isRefused(String name) throws IOException {
    byte[] codestream = Codestreams.read(name + ".jpg");
    Codestreams.checkTruncated(codestream, JpegDecoder::decode);
  }

  @Test
  void decode_damagedData_throwsOnlyIOException() throws IOException {
    for (String name :
        List.of(
            "dct8",
            "dct12",
            "dct8-420",
            "dct8-restart",
            "dct8-scans",
            "lossless2",
            "lossless8",
            "lossless16-p7",
            "lossless16-restart",
            "lossless8-scans",
            "lossless8-420")) {
      byte[] codestream = Codestreams.read(name + ".jpg");
      Codestreams.checkDamaged(codestream, 300, data -> JpegDecoder.decode(data, 1 << 20));
    }
  }
}

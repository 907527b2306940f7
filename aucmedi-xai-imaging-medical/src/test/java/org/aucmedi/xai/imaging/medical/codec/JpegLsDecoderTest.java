package org.aucmedi.xai.imaging.medical.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** JPEG-LS codestreams against what CharLS decodes. */
class JpegLsDecoderTest {

  @ParameterizedTest
  @CsvSource({
    "ls2, mono2, 2",
    "ls8, mono8, 8",
    "ls12, mono12, 12",
    "ls16, mono16, 16",
    "ls8-rgb-none, rgb8, 8",
    "ls8-rgb-line, rgb8, 8",
    "ls8-rgb-sample, rgb8, 8",
    "ls16-rgb-sample, rgb16, 16",
    "ls12-preset, mono12, 12",
    "ls8-runs, wide8, 8",
    "ls8-restart, mono8-tall, 8",
    "ls8-rgb-line-restart, rgb8, 8",
    "ls8-rgb-sample-restart, rgb8, 8",
  })
  void decode_lossless_givesTheOriginal(String name, String picture, int bits) throws IOException {
    DecodedFrame image = JpegLsDecoder.decode(Codestreams.read(name + ".jls"));
    Codestreams.check(image, Codestreams.picture(picture), bits, 0);
  }

  @ParameterizedTest
  @CsvSource({
    "ls8-near2, 8",
    "ls12-near2, 12",
    "ls16-near2, 16",
    "ls8-rgb-none-near2, 8",
    "ls8-rgb-line-near2, 8",
    "ls8-rgb-sample-near2, 8",
  })
  void decode_nearLossless_givesTheReference(String name, int bits) throws IOException {
    DecodedFrame image = JpegLsDecoder.decode(Codestreams.read(name + ".jls"));
    Codestreams.check(image, Codestreams.picture(name), bits, 0);
  }

  @Test
  void decode_palette_isRefusedByName() throws IOException {
    byte[] codestream = Codestreams.read("ls8.jls");
    byte[] palette = HexFormat.of().parseHex("fff8" + "0008" + "02" + "01" + "01" + "000102");
    byte[] withPalette = Codestreams.insert(codestream, 2, palette);
    assertThatThrownBy(() -> JpegLsDecoder.decode(withPalette))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("palette");
  }

  @Test
  void decode_colourTransform_isRefusedByName() throws IOException {
    byte[] codestream = Codestreams.read("ls8-rgb-line.jls");
    byte[] transform = HexFormat.of().parseHex("ffe8" + "0007" + "6d726678" + "01");
    byte[] withTransform = Codestreams.insert(codestream, 2, transform);
    assertThatThrownBy(() -> JpegLsDecoder.decode(withTransform))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("colour transform");
  }

  @Test
  void decode_jpeg_isRefusedByName() throws IOException {
    byte[] codestream = Codestreams.read("dct8.jpg");
    assertThatThrownBy(() -> JpegLsDecoder.decode(codestream))
        .isInstanceOf(IOException.class)
        .hasMessage("its data are JPEG, where JPEG-LS was expected");
  }

  @Test
  void decode_moreSamplesThanTheLimit_isRefused() throws IOException {
    byte[] codestream = Codestreams.read("ls8-rgb-sample.jls");
    int samples = 19 * 23 * 3;
    assertThat(JpegLsDecoder.decode(codestream, samples).samples()).hasSize(samples);
    assertThatThrownBy(() -> JpegLsDecoder.decode(codestream, samples - 1))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("23 x 19 pixels of 3 values, more than the limit of 1310 values");
  }

  @ParameterizedTest
  @ValueSource(strings = {"ls8", "ls16-near2", "ls8-rgb-none", "ls8-rgb-line-restart", "ls8-runs"})
  void decode_truncatedAnywhere_isRefused(String name) throws IOException {
    Codestreams.checkTruncated(Codestreams.read(name + ".jls"), JpegLsDecoder::decode);
  }

  @Test
  void decode_damagedData_throwsOnlyIOException() throws IOException {
    for (String name :
        List.of(
            "ls2",
            "ls8",
            "ls16",
            "ls12-near2",
            "ls12-preset",
            "ls8-runs",
            "ls8-restart",
            "ls8-rgb-none",
            "ls8-rgb-line",
            "ls8-rgb-sample-restart",
            "ls8-rgb-sample-near2")) {
      byte[] codestream = Codestreams.read(name + ".jls");
      Codestreams.checkDamaged(codestream, 300, data -> JpegLsDecoder.decode(data, 1 << 20));
    }
  }
}

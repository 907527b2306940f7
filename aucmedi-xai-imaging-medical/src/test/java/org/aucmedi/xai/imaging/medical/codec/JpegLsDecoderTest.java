package org.aucmedi.xai.imaging.medical.codec;

import java.io.IOException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

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
}

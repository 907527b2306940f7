package org.aucmedi.xai.imaging.medical.codec;

import java.io.IOException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** JPEG codestreams against what libjpeg-turbo and DCMTK decode. */
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
  })
  void decode_lossless_givesTheOriginal(String name, String picture, int bits) throws IOException {
    DecodedFrame image = JpegDecoder.decode(Codestreams.read(name + ".jpg"));
    Codestreams.check(image, Codestreams.picture(picture), bits, 0);
  }
}

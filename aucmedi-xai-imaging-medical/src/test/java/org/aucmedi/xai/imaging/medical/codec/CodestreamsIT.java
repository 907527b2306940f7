package org.aucmedi.xai.imaging.medical.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.IntStream;
import java.util.zip.ZipFile;
import org.aucmedi.xai.testkit.Golden;
import org.junit.jupiter.api.Test;

/** The codestreams of pydicom's test files, whose pictures other files hold without compression. */
class CodestreamsIT {

  /** The codestream of a file with one frame. */
  private static byte[] codestream(String name) throws IOException {
    byte[] file = Files.readAllBytes(Golden.file("medical/dicom/" + name));
    return Arrays.copyOfRange(file, Codestreams.marker(file, JpegMarkers.SOI), file.length);
  }

  /** The numbers at the end of an array of pydicom's, little-endian and signed if of two bytes. */
  private static int[] values(String name, int count, int bytes) throws IOException {
    Path file = Golden.file("medical/dicom/" + name + ".npz");
    try (ZipFile zip = new ZipFile(file.toFile());
        InputStream in = zip.getInputStream(zip.getEntry("values.npy"))) {
      byte[] array = in.readAllBytes();
      ByteBuffer numbers =
          ByteBuffer.wrap(array, array.length - count * bytes, count * bytes)
              .slice()
              .order(ByteOrder.LITTLE_ENDIAN);
      return IntStream.range(0, count)
          .map(i -> bytes == 1 ? numbers.get(i) & 0xff : numbers.getShort(2 * i))
          .toArray();
    }
  }

  @Test
  void decode_jpegLsOfSixteenBits_givesTheOriginal() throws IOException {
    DecodedFrame image = JpegLsDecoder.decode(codestream("MR_small_jpeg_ls_lossless.dcm"));
    int[] expected = values("MR_small.dcm", 64 * 64, 2);
    Codestreams.check(image, new DecodedFrame(64, 64, 1, 16, false, expected), 16, 0);
  }

  @Test
  void decode_losslessColours_givesTheOriginal() throws IOException {
    byte[] codestream = codestream("SC_rgb_jpeg_gdcm.dcm");
    int[] expected = values("SC_rgb_rle.dcm", 100 * 100 * 3, 1);
    Codestreams.check(
        JpegDecoder.decode(codestream), new DecodedFrame(100, 100, 3, 8, false, expected), 8, 0);
    assertThat(JpegDecoder.adobeTransform(codestream)).hasValue(0);
  }

  @Test
  void decode_twelveBits_givesTheReference() throws IOException {
    DecodedFrame image = JpegDecoder.decode(codestream("JPGExtended.dcm"));
    assertThat(image.bits()).isEqualTo(12);
    assertThat(image.samples()).hasSize(1024 * 256);
    // What libjpeg-turbo 3.1 decodes.
    assertThat(Arrays.stream(image.samples()).average().orElseThrow())
        .isCloseTo(14.36999, within(0.005));
    int[] row = Arrays.copyOfRange(image.samples(), 300 * 256 + 100, 300 * 256 + 110);
    assertThat(row).containsExactly(36, 37, 37, 38, 34, 34, 33, 32, 30, 29);
  }
}

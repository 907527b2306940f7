package org.aucmedi.xai.imaging.medical.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.within;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.CRC32;
import java.util.zip.ZipFile;
import org.aucmedi.xai.array.Npy;
import org.aucmedi.xai.testkit.Golden;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Images of real DICOM files, by GDCM, Kakadu and JasPer, compared with what pydicom decodes. */
final class Jpeg2000FilesIT {

  private static final int PIXEL_DATA = 0x0010_7fe0;
  private static final int ITEM = 0xe000_fffe;

  @TempDir private Path folder;

  /** The differences are of rounding, and of the constant that OpenJPEG rounds. */
  @ParameterizedTest
  @CsvSource({
    "693_J2KI, -1024, 0, 2",
    "J2K_pixelrep_mismatch, 0, 13, 0",
    "JPEG2000, 0, 0, 2",
    "MR_small_jp2klossless, 0, 0, 0",
    "SC_rgb_gdcm_KY, 0, 0, 2",
    "examples_jpeg2k, 0, 0, 0"
  })
  void decode_dicom_isWhatPydicomDecodes(String name, int intercept, int signedBits, float most)
      throws IOException {
    Path file = Golden.file("medical/dicom/" + name + ".dcm");
    Npy.Array expected = values(file.resolveSibling(name + ".dcm.npz"));
    DecodedFrame frame = Jpeg2000Decoder.decode(codestream(file));
    assertThat(frame.height()).isEqualTo(expected.shape()[0]);
    assertThat(frame.width()).isEqualTo(expected.shape()[1]);
    assertThat(frame.samples()).hasSameSizeAs(expected.data());
    for (int i = 0; i < expected.data().length; i++) {
      int sample = frame.samples()[i];
      if (signedBits > 0) {
        // DICOM's header says that the values are signed, the codestream that they are not.
        assertThat(frame.signed()).isFalse();
        sample = (sample << (32 - signedBits)) >> (32 - signedBits);
      }
      assertThat((float) sample + intercept)
          .as("sample %s", i)
          .isCloseTo(expected.data()[i], within(most));
    }
  }

  /** An image in the boxes of a JP2 file, which pydicom needs more than itself for. */
  @Test
  void decode_boxesInDicom_isWhatOpenJpegDecodes() throws IOException {
    Path file = Golden.file("medical/dicom/GDCMJ2K_TextGBR.dcm");
    CRC32 sum = new CRC32();
    for (int sample : Jpeg2000Decoder.decode(codestream(file)).samples()) {
      sum.update(sample);
    }
    assertThat(sum.getValue()).isEqualTo(957_843_309L);
  }

  /** Its width was overwritten with DICOM's end of a sequence. */
  @Test
  void decode_damagedSize_isRefused() throws IOException {
    Path file = Golden.file("medical/dicom/JPEG2000-embedded-sequence-delimiter.dcm");
    byte[] data = codestream(file);
    assertThatExceptionOfType(IOException.class)
        .isThrownBy(() -> Jpeg2000Decoder.decode(data))
        .withMessageContaining("3722445056 columns");
  }

  /** The fragments of the pixel data, without the table of offsets in front. */
  private static byte[] codestream(Path dicom) throws IOException {
    ByteBuffer in = ByteBuffer.wrap(Files.readAllBytes(dicom)).order(ByteOrder.LITTLE_ENDIAN);
    int at = in.limit() - 4;
    while (in.getInt(at) != PIXEL_DATA) {
      at--;
    }
    while (in.getInt(at) != ITEM) {
      at++;
    }
    ByteArrayOutputStream fragments = new ByteArrayOutputStream();
    for (boolean first = true; in.getInt(at) == ITEM; first = false) {
      int length = in.getInt(at + 4);
      if (!first) {
        fragments.write(in.array(), at + 8, length);
      }
      at += 8 + length;
    }
    return fragments.toByteArray();
  }

  private Npy.Array values(Path npz) throws IOException {
    try (ZipFile zip = new ZipFile(npz.toFile());
        InputStream in = zip.getInputStream(zip.getEntry("values.npy"))) {
      Path npy = folder.resolve("values.npy");
      Files.copy(in, npy);
      return Npy.read(npy);
    }
  }
}

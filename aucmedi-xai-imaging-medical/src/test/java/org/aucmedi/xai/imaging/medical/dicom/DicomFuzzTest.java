package org.aucmedi.xai.imaging.medical.dicom;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import com.google.common.io.Resources;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import java.util.zip.Deflater;
import java.util.zip.DeflaterOutputStream;
import org.aucmedi.xai.imaging.ImageLoader;
import org.aucmedi.xai.imaging.UnreadableImageException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Damaged and hostile files are refused, without a hang or more memory than they are worth. */
final class DicomFuzzTest {

  /** More of them, and others, for a long run: {@code -Dfuzz.files=1000000 -Dfuzz.seed=1}. */
  private static final int FILES = Integer.getInteger("fuzz.files", 1000);

  private static final int LARGEST = 20_000;
  private static final long MOST_BYTES = 64L << 20;

  @TempDir private Path folder;

  @Test
  void read_mutatedFiles_areReadOrRefused() throws IOException, URISyntaxException {
    fuzz(Path.of(Resources.getResource("dicom").toURI()), folder);
  }

  /**
   * Reads damaged copies of the small DICOM files of a folder.
   *
   * @param from the folder
   * @param folder where the copies go
   */
  static void fuzz(Path from, Path folder) throws IOException {
    List<byte[]> seeds = new ArrayList<>();
    try (Stream<Path> files = Files.list(from)) {
      for (Path file : files.filter(f -> f.toString().endsWith(".dcm")).sorted().toList()) {
        if (Files.size(file) <= LARGEST) {
          seeds.add(Files.readAllBytes(file));
        }
      }
    }
    Path file = folder.resolve("fuzz.dcm");
    ImageLoader.Options options = new ImageLoader.Options(false, null, 1_000_000);
    SplittableRandom random = new SplittableRandom(Long.getLong("fuzz.seed", 20));
    int refused = 0;
    for (int n = 0; n < FILES; n++) {
      byte[] bytes = mutated(seeds.get(n % seeds.size()), random);
      Files.write(file, bytes);
      int number = n;
      boolean read =
          assertTimeoutPreemptively(
              Duration.ofSeconds(10),
              () -> {
                long before = allocated();
                boolean isRead = isRead(file, options);
                assertThat(allocated() - before).as("file %s", number).isLessThan(MOST_BYTES);
                return isRead;
              },
              "file " + n);
      refused += read ? 0 : 1;
    }
    // Most changes hit a value or a pixel; many hit a length.
    assertThat(refused).isBetween(FILES / 10, FILES * 9 / 10);
  }

  private static boolean isRead(Path file, ImageLoader.Options options) {
    try {
      ImageLoader.load(file, options);
      return true;
    } catch (UnreadableImageException e) {
      assertThat(e).hasMessageContaining(file.toString());
      return false;
    }
  }

  /** The bytes that this thread has allocated. */
  private static long allocated() {
    return ((com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean())
        .getCurrentThreadAllocatedBytes();
  }

  private static byte[] mutated(byte[] seed, SplittableRandom random) {
    byte[] bytes = seed.clone();
    int first = bytes.length > 200 && random.nextInt(4) > 0 ? 132 : 0;
    for (int change = random.nextInt(4); change >= 0; change--) {
      int at = first + random.nextInt(bytes.length - first);
      switch (random.nextInt(6)) {
        case 0 -> bytes[at] = (byte) random.nextInt();
        case 1 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
        case 2 -> Arrays.fill(bytes, at, Math.min(bytes.length, at + 4), (byte) 0xff);
        case 3 -> Arrays.fill(bytes, at, Math.min(bytes.length, at + 4), (byte) 0);
        case 4 -> bytes = Arrays.copyOf(bytes, Math.max(first + 1, at));
        default -> {
          int length = Math.min(random.nextInt(1, 64), bytes.length - at);
          System.arraycopy(
              bytes, at, bytes, first + random.nextInt(bytes.length - first - length + 1), length);
        }
      }
    }
    return bytes;
  }

  @Test
  void read_lengthsBeyondTheFile_areRefused() throws IOException {
    byte[] bytes = DicomBytes.of(DicomBytes.slice(1, 0, 0, 0).build());
    int at = bytes.length - 12 - 4;
    for (int length : new int[] {13, 1 << 30, Integer.MAX_VALUE, -2}) {
      for (int i = 0; i < 4; i++) {
        bytes[at + i] = (byte) (length >> (8 * i));
      }
      assertRefused(bytes, "ends early");
    }
  }

  @Test
  void read_claimsOfHugeImages_areRefused() throws IOException {
    DataSet data =
        DicomBytes.slice(1, 0, 0, 0)
            .putNumbers(Tags.ROWS, 65535)
            .putNumbers(Tags.COLUMNS, 65535)
            .putNumbers(Tags.NUMBER_OF_FRAMES, 2147483647)
            .build();
    assertRefused(DicomBytes.of(data), "its header claims 9223");
  }

  @Test
  void read_deflatedBombs_areRefused() throws IOException {
    DataSet slice = DicomBytes.slice(1, 0, 0, 0).remove(Tags.PIXEL_DATA).build();
    byte[] unknown = {9, 0, 1, 0x10, 'U', 'N', 0, 0, 0, 0, 0, 0x20};
    assertRefused(deflated(slice, unknown), "its elements before the pixel data have more than");
    // Of the pixel data no more is read than 6 pixels need.
    byte[] pixels = {(byte) 0xE0, 0x7F, 0x10, 0, 'O', 'W', 0, 0, 0, 0, 0, 0x20};
    Path file = Files.write(folder.resolve("pixels.dcm"), deflated(slice, pixels));
    long before = allocated();
    assertThat(ImageLoader.load(file, false).values()).hasSize(6);
    assertThat(allocated() - before).isLessThan(1 << 23);
  }

  /** A deflated data set, and at its end an element that claims half a gigabyte of zeros. */
  private static byte[] deflated(DataSet data, byte[] last) throws IOException {
    byte[] plain = DicomBytes.of(TransferSyntax.DEFLATED, data);
    int start = 132 + 8 + TransferSyntax.DEFLATED.length();
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(plain, 0, start);
    Deflater deflater = new Deflater(Deflater.BEST_SPEED, true);
    try (DeflaterOutputStream deflate = new DeflaterOutputStream(out, deflater)) {
      deflate.write(plain, start, plain.length - start);
      deflate.write(last);
      byte[] zeros = new byte[1 << 20];
      for (int i = 0; i < 96; i++) {
        deflate.write(zeros);
      }
    } finally {
      deflater.end();
    }
    return out.toByteArray();
  }

  @Test
  void read_endlessNesting_isRefused() throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    byte[] bytes = DicomBytes.of(DataSet.EMPTY);
    out.writeBytes(bytes);
    byte[] sequence = {8, 0, 0x40, 0x11, 'S', 'Q', 0, 0, -1, -1, -1, -1};
    byte[] item = {-2, -1, 0, -32, -1, -1, -1, -1};
    for (int i = 0; i < 100_000; i++) {
      out.writeBytes(sequence);
      out.writeBytes(item);
    }
    assertRefused(out.toByteArray(), "its sequences are nested more than");
  }

  @Test
  void read_codestreamOfAnotherSize_isRefusedBeforeDecoding() throws IOException {
    // SOI, then SOF0 of 65535 x 65535 x 3.
    byte[] jpeg = {
      -1, -40, -1, -64, 0, 17, 8, -1, -1, -1, -1, 3, 1, 17, 0, 2, 17, 0, 3, 17, 0, -1, -39
    };
    DataSet data =
        DicomBytes.slice(1, 0, 0, 0)
            .put(new Element.Fragments(Tags.PIXEL_DATA, Vr.OB, List.of(new byte[0], jpeg)))
            .build();
    for (String syntax : List.of("50", "51", "57", "70", "80")) {
      assertRefused(
          DicomBytes.of("1.2.840.10008.1.2.4." + syntax, data),
          "its compressed frame has 65535 x 65535 pixels of 3 values");
    }
  }

  private void assertRefused(byte[] bytes, String message) throws IOException {
    Path file = Files.write(folder.resolve("hostile.dcm"), bytes);
    long before = allocated();
    assertThatExceptionOfType(UnreadableImageException.class)
        .isThrownBy(() -> ImageLoader.load(file, false))
        .withMessageContaining("hostile.dcm")
        .withMessageContaining(message);
    assertThat(allocated() - before).isLessThan(4 * MOST_BYTES);
  }
}

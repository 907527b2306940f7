package org.aucmedi.xai.imaging;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.aucmedi.xai.array.ImageArray;
import org.aucmedi.xai.array.ImageAxes;
import org.aucmedi.xai.array.Npy;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class NpzTest {

  private static final int[] SHAPE = {2, 3};
  private static final float[] VALUES = {1, -2, 0.5f, 4, 5, 6};

  @TempDir private Path folder;

  @Test
  void load_oneArray_whateverItsName() throws IOException {
    for (int method : new int[] {ZipEntry.STORED, ZipEntry.DEFLATED}) {
      ImageArray image = ImageLoader.load(npz(method, array(VALUES), "scan"), false);

      assertThat(image.spatialShape()).containsExactly(SHAPE);
      assertThat(image.data()).containsExactly(VALUES);
    }
  }

  @Test
  void load_axes_areThoseDeclared() throws IOException {
    Path file = npz(ZipEntry.DEFLATED, array(VALUES), "scan");

    ImageArray image =
        ImageLoader.load(
            file, new ImageLoader.Options(false, ImageAxes.of("WH"), ImageLoader.MAX_PIXELS));

    assertThat(image.spatialShape()).containsExactly(3, 2);
    assertThat(image.data()).containsExactly(1, 4, -2, 5, 0.5f, 6);
  }

  @Test
  void load_severalArrays_takesTheImage() throws IOException {
    byte[] other = array(new float[6]);
    Path named = file("named", ZipEntry.DEFLATED, "mask", other, "image", array(VALUES));
    Path nameless = file("nameless", ZipEntry.DEFLATED, "arr_1", other, "arr_0", array(VALUES));

    assertThat(ImageLoader.load(named, false).data()).containsExactly(VALUES);
    assertThat(ImageLoader.load(nameless, false).data()).containsExactly(VALUES);
  }

  @Test
  void load_severalArrays_areNamed() throws IOException {
    byte[] array = array(VALUES);
    assertUnreadable(
        file("two", ZipEntry.STORED, "x", array, "mask", array),
        "it has 2 arrays: mask, x; save one, or name the image 'image'");
    assertUnreadable(
        Files.write(folder.resolve("none.npz"), zip(ZipEntry.STORED)), "it has no array; save one");
  }

  @Test
  void load_withoutExtension_isRecognised() throws IOException {
    Path file = npz(ZipEntry.DEFLATED, array(VALUES), "scan");
    Path bare = Files.copy(file, folder.resolve("bare"));
    Path wrong = Files.copy(file, folder.resolve("wrong.npy"));
    Path document = Files.write(folder.resolve("document"), zip(ZipEntry.STORED, "word/x", VALUES));

    assertThat(ImageLoader.load(bare, false).data()).containsExactly(VALUES);
    assertThat(ImageLoader.load(wrong, false).data()).containsExactly(VALUES);
    assertThat(ImageLoader.isSupported(document)).isFalse();
  }

  @Test
  void load_arrayThatClaimsMoreThanItHas_isRefusedBeforeAllocation() throws IOException {
    byte[] bomb = array(VALUES);
    // The shape (2,3,) becomes (22222,3,), as long as the header.
    String header = new String(bomb, StandardCharsets.ISO_8859_1);
    bomb = header.replace("(2,3,), }   ", "(99999,900,), }").getBytes(StandardCharsets.ISO_8859_1);
    Path file = npz(ZipEntry.DEFLATED, bomb, "image");

    assertUnreadable(file, "the file ends early");
    assertThatExceptionOfType(UnreadableImageException.class)
        .isThrownBy(() -> ImageLoader.load(file, new ImageLoader.Options(false, null, 1000)))
        .withMessageContaining("has more values than the 3000 allowed");
  }

  @Test
  void load_changedBytes_areFound() throws IOException {
    Path file = npz(ZipEntry.STORED, array(VALUES), "image");
    byte[] content = Files.readAllBytes(file);
    byte[] stored = array(VALUES);
    for (int at = 0; at < content.length; at++) {
      if (Arrays.equals(content, at, at + stored.length, stored, 0, stored.length)) {
        content[at + stored.length - 4] ^= 1;
        break;
      }
    }

    assertUnreadable(
        Files.write(file, content), "its array differs from its checksum; copy or save it again");
    assertUnreadable(Files.write(file, Arrays.copyOf(content, content.length - 10)), "damaged");
  }

  private void assertUnreadable(Path file, String reason) {
    assertThatExceptionOfType(UnreadableImageException.class)
        .isThrownBy(() -> ImageLoader.load(file, false))
        .withMessageStartingWith("cannot read " + file + ": ")
        .withMessageContaining(reason);
  }

  private static byte[] array(float[] values) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    Npy.write(out, SHAPE, values, "");
    return out.toByteArray();
  }

  private Path npz(int method, byte[] array, String name) throws IOException {
    return file("file" + method, method, name, array);
  }

  private Path file(String file, int method, Object... namesAndArrays) throws IOException {
    Object[] entries = namesAndArrays.clone();
    for (int i = 0; i < entries.length; i += 2) {
      entries[i] = entries[i] + ".npy";
    }
    return Files.write(folder.resolve(file + ".npz"), zip(method, entries));
  }

  private static byte[] zip(int method, Object... namesAndContents) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ZipOutputStream out = new ZipOutputStream(bytes)) {
      for (int i = 0; i < namesAndContents.length; i += 2) {
        byte[] content = namesAndContents[i + 1] instanceof byte[] b ? b : new byte[0];
        ZipEntry entry = new ZipEntry(namesAndContents[i].toString());
        entry.setMethod(method);
        if (method == ZipEntry.STORED) {
          CRC32 crc = new CRC32();
          crc.update(content);
          entry.setCrc(crc.getValue());
          entry.setSize(content.length);
        }
        out.putNextEntry(entry);
        out.write(content);
      }
    }
    return bytes.toByteArray();
  }
}

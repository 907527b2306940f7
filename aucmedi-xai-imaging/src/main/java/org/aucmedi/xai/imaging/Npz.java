package org.aucmedi.xai.imaging;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import java.util.zip.CheckedInputStream;
import org.aucmedi.xai.array.Npy;

/** NumPy's {@code .npz} files: zip files of arrays. */
final class Npz {

  /** How its first entry starts, or its directory if it has no entry. */
  private static final byte[] ZIP = {'P', 'K'};

  private static final String ARRAY = ".npy";

  /** Which array is the image if there are several; NumPy calls nameless ones {@code arr_0}. */
  private static final List<String> IMAGES = List.of("image.npy", "arr_0.npy");

  /** Deflate makes no more than this of a byte. */
  private static final int LARGEST_RATIO = 1032;

  private static final int MOST_NAMES = 10;

  private Npz() {}

  static boolean isZip(Path file) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      return Arrays.equals(in.readNBytes(ZIP.length), ZIP);
    }
  }

  /**
   * Reads the only array, or the image among several.
   *
   * @param file the file
   * @param maxValues the largest number of values allowed
   * @return the array, as float32
   * @throws IOException if it is damaged, has no array or several; the message does not name the
   *     file
   */
  static Npy.Array read(Path file, int maxValues) throws IOException {
    try (FileSystem zip = FileSystems.newFileSystem(file)) {
      return read(choose(zip.getPath("/")), Files.size(file), maxValues);
    } catch (RuntimeException e) {
      throw new IOException("its zip directory is damaged; save it again with numpy.savez", e);
    }
  }

  private static Path choose(Path root) throws IOException {
    List<Path> arrays;
    try (Stream<Path> entries = Files.list(root)) {
      arrays = entries.filter(entry -> entry.toString().endsWith(ARRAY)).sorted().toList();
    }
    if (arrays.isEmpty()) {
      throw new IOException("it has no array; save one with numpy.savez(file, image=array)");
    }
    if (arrays.size() == 1) {
      return arrays.get(0);
    }
    for (String name : IMAGES) {
      if (arrays.contains(root.resolve(name))) {
        return root.resolve(name);
      }
    }
    throw new IOException(
        "it has "
            + arrays.size()
            + " arrays: "
            + String.join(", ", arrays.stream().limit(MOST_NAMES).map(Npz::name).toList())
            + (arrays.size() > MOST_NAMES ? ", ..." : "")
            + "; save one, or name the image 'image'");
  }

  private static String name(Path array) {
    String name = array.getFileName().toString();
    return name.substring(0, name.length() - ARRAY.length());
  }

  private static Npy.Array read(Path entry, long fileLength, int maxValues) throws IOException {
    long length = Files.size(entry);
    if (length / LARGEST_RATIO > fileLength) {
      throw new IOException("its array claims to be longer than it can be; save it again");
    }
    CRC32 crc = new CRC32();
    try (InputStream in = new CheckedInputStream(Files.newInputStream(entry), crc)) {
      Npy.Array array = Npy.read(in, length, maxValues);
      in.skipNBytes(Math.max(0, in.available()));
      checkSum(entry, crc);
      return array;
    }
  }

  private static void checkSum(Path entry, CRC32 crc) throws IOException {
    if (Files.getAttribute(entry, "zip:crc") instanceof Long stored && stored != crc.getValue()) {
      throw new IOException("its array differs from its checksum; copy or save it again");
    }
  }
}

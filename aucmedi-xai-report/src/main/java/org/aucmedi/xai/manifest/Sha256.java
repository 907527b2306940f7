package org.aucmedi.xai.manifest;

import com.google.common.hash.Hasher;
import com.google.common.hash.Hashing;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * The SHA-256 of a file, of a folder, or of several files.
 *
 * <p>That of a file is what {@code sha256sum} says. That of a folder is the SHA-256 of the list
 * that {@code sha256sum} prints of its files: for each, in the order of its path's characters, the
 * digits, two blanks, the path below the folder with / between its parts, and a line feed. Hidden
 * files are left out. That of several files is the same list of them, seen from the folder of the
 * first.
 *
 * @param digits 64 hexadecimal digits
 * @param bytes the size of the file, or of the files of the folder together
 */
public record Sha256(String digits, long bytes) {

  /** Most pictures are read at once. */
  private static final int PART = 1 << 16;

  /**
   * Reads a file, or the files of a folder.
   *
   * @param file the file or folder; links are followed
   * @return its hash and size
   * @throws IOException if it cannot be read
   */
  public static Sha256 of(Path file) throws IOException {
    return Files.isDirectory(file) ? ofFolder(file) : ofFile(file);
  }

  /**
   * Reads files that belong together.
   *
   * @param files one file or folder, or several files
   * @return their hash, and their size together
   * @throws IOException if one of them cannot be read
   */
  public static Sha256 of(List<Path> files) throws IOException {
    if (files.size() == 1) {
      return of(files.get(0));
    }
    Path folder = files.get(0).toAbsolutePath().getParent();
    return ofList(
        folder,
        files.stream()
            .map(file -> RunFiles.slashed(folder.relativize(file.toAbsolutePath())))
            .sorted()
            .toList());
  }

  private static Sha256 ofFile(Path file) throws IOException {
    Hasher hash = Hashing.sha256().newHasher();
    long bytes = 0;
    byte[] part = new byte[PART];
    try (InputStream in = Files.newInputStream(file)) {
      for (int count; (count = in.read(part)) >= 0; bytes += count) {
        hash.putBytes(part, 0, count);
      }
    }
    return new Sha256(hash.hash().toString(), bytes);
  }

  private static Sha256 ofFolder(Path folder) throws IOException {
    return ofList(folder, names(folder));
  }

  private static Sha256 ofList(Path folder, List<String> names) throws IOException {
    Hasher list = Hashing.sha256().newHasher();
    long bytes = 0;
    for (String name : names) {
      Sha256 file = ofFile(folder.resolve(name));
      list.putString(file.digits + "  " + name + "\n", StandardCharsets.UTF_8);
      bytes += file.bytes;
    }
    return new Sha256(list.hash().toString(), bytes);
  }

  private static List<String> names(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      return files
          .filter(Files::isRegularFile)
          .map(folder::relativize)
          .map(RunFiles::slashed)
          .filter(name -> !name.startsWith(".") && !name.contains("/."))
          .sorted()
          .toList();
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }
}

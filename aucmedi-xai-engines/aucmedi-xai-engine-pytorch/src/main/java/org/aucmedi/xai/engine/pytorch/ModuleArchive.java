package org.aucmedi.xai.engine.pytorch;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.CRC32;
import org.apache.commons.compress.archivers.zip.ZipArchiveEntry;
import org.apache.commons.compress.archivers.zip.ZipArchiveOutputStream;
import org.apache.commons.compress.archivers.zip.ZipFile;

/**
 * A TorchScript archive: a zip of one folder with {@code data.pkl} (the tree of modules), {@code
 * code/**.py}, {@code constants.pkl} and the tensors.
 */
final class ModuleArchive implements Closeable {

  /** The most that code and pickles may take: the text of a large model is a few megabytes. */
  private static final long TEXT_LIMIT = 64L << 20;

  private final ZipFile zip;
  private final List<ZipArchiveEntry> entries;
  private final String folder;

  private ModuleArchive(ZipFile zip) throws IOException {
    this.zip = zip;
    this.entries = Collections.list(zip.getEntries());
    this.folder =
        entries.stream()
            .map(ZipArchiveEntry::getName)
            .filter(name -> name.endsWith("/data.pkl"))
            .map(name -> name.substring(0, name.length() - "data.pkl".length()))
            .findFirst()
            .orElseThrow(() -> new IOException("it is a zip file without data.pkl"));
  }

  /** Opens a file. */
  static ModuleArchive open(Path file) throws IOException {
    return of(ZipFile.builder().setPath(file).get());
  }

  /** Opens an archive in memory. */
  static ModuleArchive open(SeekableByteChannel channel) throws IOException {
    return of(ZipFile.builder().setSeekableByteChannel(channel).get());
  }

  private static ModuleArchive of(ZipFile zip) throws IOException {
    try {
      return new ModuleArchive(zip);
    } catch (IOException e) {
      zip.close();
      throw e;
    }
  }

  /**
   * Checks the archive before libtorch reads it: its sizes, and the names in its pickles.
   *
   * @param fileSize the size of the file
   * @throws IOException if it is no TorchScript archive or a dangerous one, saying why
   */
  void check(long fileSize) throws IOException {
    long packed = 0;
    long inflated = 0;
    for (ZipArchiveEntry entry : entries) {
      packed += entry.getCompressedSize();
      if (entry.getMethod() != ZipArchiveEntry.STORED) {
        inflated += entry.getSize();
      } else if (entry.getSize() != entry.getCompressedSize()) {
        throw new IOException("its entry " + entry.getName() + " claims two sizes");
      }
    }
    if (packed > fileSize || inflated > TEXT_LIMIT) {
      throw new IOException(
          "its entries claim "
              + (packed > fileSize ? packed : inflated)
              + " bytes, more than a file of "
              + fileSize
              + " bytes can hold");
    }
    if (!contains("constants.pkl") || code().isEmpty()) {
      throw new IOException("it holds weights or a pickled Python object, but no code");
    }
    Pickle.read(read("data.pkl"));
    Pickle.read(read("constants.pkl"));
  }

  private boolean contains(String name) {
    return zip.getEntry(folder + name) != null;
  }

  /** Returns the content of a pickle or a text. */
  byte[] read(String name) throws IOException {
    ZipArchiveEntry entry = zip.getEntry(folder + name);
    if (entry == null) {
      throw new IOException("it has no " + name);
    }
    try (InputStream in = zip.getInputStream(entry)) {
      byte[] content = in.readNBytes((int) TEXT_LIMIT);
      if (content.length == TEXT_LIMIT) {
        throw new IOException("its " + name + " is larger than " + TEXT_LIMIT + " bytes");
      }
      return content;
    }
  }

  /** Returns the text of every file below {@code code/}, by path. */
  Map<String, String> code() throws IOException {
    Map<String, String> code = new TreeMap<>();
    for (ZipArchiveEntry entry : entries) {
      String name = entry.getName();
      if (name.startsWith(folder + "code/") && name.endsWith(".py")) {
        String path = name.substring(folder.length());
        code.put(path, new String(read(path), StandardCharsets.UTF_8));
      }
    }
    return code;
  }

  /**
   * Writes the archive with some files replaced or added. What maps code to the author's source is
   * left out, since it no longer fits.
   */
  void write(OutputStream out, Map<String, byte[]> replaced) throws IOException {
    Map<String, byte[]> left = new HashMap<>(replaced);
    try (ZipArchiveOutputStream target = new ZipArchiveOutputStream(out)) {
      target.setMethod(ZipArchiveOutputStream.STORED);
      for (ZipArchiveEntry entry : entries) {
        byte[] content = left.remove(entry.getName().substring(folder.length()));
        if (content != null) {
          put(target, entry.getName(), content);
        } else if (!entry.getName().endsWith(".debug_pkl")) {
          target.addRawArchiveEntry(entry, zip.getRawInputStream(entry));
        }
      }
      for (Map.Entry<String, byte[]> added : left.entrySet()) {
        put(target, folder + added.getKey(), added.getValue());
      }
    }
  }

  private static void put(ZipArchiveOutputStream target, String name, byte[] content)
      throws IOException {
    ZipArchiveEntry entry = new ZipArchiveEntry(name);
    CRC32 crc = new CRC32();
    crc.update(content);
    entry.setCrc(crc.getValue());
    entry.setSize(content.length);
    target.putArchiveEntry(entry);
    target.write(content);
    target.closeArchiveEntry();
  }

  @Override
  public void close() throws IOException {
    zip.close();
  }
}

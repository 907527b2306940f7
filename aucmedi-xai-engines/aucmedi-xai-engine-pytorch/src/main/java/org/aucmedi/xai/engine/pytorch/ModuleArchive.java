package org.aucmedi.xai.engine.pytorch;

import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.zip.CRC32;
import java.util.zip.ZipException;
import org.apache.commons.compress.archivers.zip.ZipArchiveEntry;
import org.apache.commons.compress.archivers.zip.ZipArchiveOutputStream;
import org.apache.commons.compress.archivers.zip.ZipFile;
import org.jspecify.annotations.Nullable;

/**
 * A TorchScript archive: a zip of one folder with {@code data.pkl} (the tree of modules), {@code
 * code/**.py}, {@code constants.pkl} and the tensors.
 */
final class ModuleArchive implements Closeable {

  /** The size limit for code and pickles: the text of a large model is a few megabytes. */
  private static final long TEXT_LIMIT = 64L << 20;

  private static final int BUFFER_BYTES = 1 << 20;

  private final ZipFile zip;
  private final List<ZipArchiveEntry> entries;
  private final String folder;

  private ModuleArchive(ZipFile zip) throws IOException {
    this.zip = zip;
    this.entries = Collections.list(zip.getEntries());
    // The folder as libtorch determines it, wherever the other entries are.
    String first = entries.isEmpty() ? "" : entries.get(0).getName();
    this.folder = first.substring(0, first.indexOf('/') + 1);
    if (!contains("data.pkl")) {
      throw ModelFileException.otherKind(
          contains("archive_format") || contains("serialized_exported_program.json")
              ? "it was saved by torch.export"
              : "it is a zip file without data.pkl");
    }
  }

  /** Opens a file. */
  static ModuleArchive open(Path file) throws IOException {
    try {
      return of(ZipFile.builder().setPath(file).get());
    } catch (ZipException | EOFException e) {
      throw ModelFileException.unusable(
          "it is not a zip file, as TorchScript files are, or a part of it is missing",
          "copy it again, or save torch.jit.trace(model.eval(), example).save('model.pt') in"
              + " Python");
    }
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
   * Checks the archive before libtorch reads it, since libtorch trusts the file: sizes, checksums,
   * names in pickles, bounds of tensors within their storages, and nesting of pickles and code.
   * Reads the file once, keeping only code and pickles in memory.
   *
   * @param fileSize the size of the file in bytes
   * @throws IOException if it is not a TorchScript archive, or a damaged or dangerous one; the
   *     message gives the reason
   */
  void check(long fileSize) throws IOException {
    checkEntries(fileSize);
    if (!contains("constants.pkl") || code().isEmpty()) {
      throw ModelFileException.otherKind(
          "it holds weights or a pickled Python object, but no code");
    }
    checkSums();
    checkCode();
    checkPickle("data.pkl", "data/");
    checkPickle("constants.pkl", "constants/");
  }

  private void checkEntries(long fileSize) throws IOException {
    long packed = 0;
    long inflated = 0;
    Set<String> names = new HashSet<>();
    for (ZipArchiveEntry entry : entries) {
      packed += entry.getCompressedSize();
      if (!names.add(entry.getName())) {
        throw ModelFileException.damaged("it has two entries named " + entry.getName());
      }
      if (entry.getMethod() != ZipArchiveEntry.STORED) {
        inflated += entry.getSize();
      } else if (entry.getSize() != entry.getCompressedSize()) {
        throw ModelFileException.damaged("its entry " + entry.getName() + " claims two sizes");
      }
    }
    if (packed > fileSize || inflated > TEXT_LIMIT) {
      throw ModelFileException.damaged(
          "its entries claim "
              + (packed > fileSize ? packed : inflated)
              + " bytes, more than a file of "
              + fileSize
              + " bytes can hold");
    }
  }

  private void checkSums() throws IOException {
    byte[] buffer = new byte[BUFFER_BYTES];
    CRC32 sum = new CRC32();
    for (ZipArchiveEntry entry : entries) {
      sum.reset();
      long size = 0;
      try (InputStream in = zip.getInputStream(entry)) {
        int count = in.read(buffer);
        while (count >= 0 && size <= entry.getSize()) {
          size += count;
          sum.update(buffer, 0, count);
          count = in.read(buffer);
        }
      }
      if (size != entry.getSize() || sum.getValue() != entry.getCrc()) {
        throw ModelFileException.damaged(
            "the checksum of its entry " + entry.getName() + " does not match its content");
      }
    }
  }

  private void checkCode() throws IOException {
    for (Map.Entry<String, String> file : code().entrySet()) {
      if (CodeNesting.isTooDeep(file.getValue())) {
        throw ModelFileException.suspect(
            "its " + file.getKey() + " is nested too deeply for libtorch to read");
      }
      if (file.getValue().contains("ConstantMKLDNNTensor(")) {
        throw ModelFileException.unusable(
            "torch.jit.optimize_for_inference has converted weights to a form that cannot be saved",
            "save the module before that call");
      }
    }
  }

  private void checkPickle(String name, String tensors) throws IOException {
    Object content;
    try {
      content = Pickle.read(read(name));
    } catch (IOException e) {
      throw ModelFileException.suspect("its " + name + " cannot be read: " + e.getMessage());
    }
    StoredTensors.check(content, tensors, this::sizeOf);
  }

  private @Nullable Long sizeOf(String name) {
    ZipArchiveEntry entry = zip.getEntry(folder + name);
    return entry == null ? null : entry.getSize();
  }

  boolean contains(String name) {
    return zip.getEntry(folder + name) != null;
  }

  /** Returns the content of a pickle or a text file. */
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

  /** Returns the values of a tensor's storage; they may be as large as the model. */
  byte[] readTensor(String name) throws IOException {
    ZipArchiveEntry entry = zip.getEntry(folder + name);
    if (entry == null || entry.getSize() > Integer.MAX_VALUE - 8) {
      throw new IOException("it has no " + name + " that fits into memory");
    }
    try (InputStream in = zip.getInputStream(entry)) {
      return in.readNBytes((int) entry.getSize());
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
   * Writes the archive with some files replaced or added. Omits the mapping from code to the
   * author's source, which no longer matches.
   */
  void write(OutputStream out, Map<String, byte[]> replaced) throws IOException {
    Map<String, byte[]> left = new HashMap<>(replaced);
    try (ZipArchiveOutputStream target = new ZipArchiveOutputStream(out)) {
      target.setMethod(ZipArchiveOutputStream.STORED);
      for (ZipArchiveEntry entry : entries) {
        String name = entry.getName();
        byte[] content =
            name.startsWith(folder) ? left.remove(name.substring(folder.length())) : null;
        if (content != null) {
          put(target, name, content);
        } else if (!name.endsWith(".debug_pkl")) {
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

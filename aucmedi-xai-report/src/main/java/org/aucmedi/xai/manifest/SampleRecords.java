package org.aucmedi.xai.manifest;

import com.google.gson.JsonParseException;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.function.Consumer;
import org.aucmedi.xai.error.XAIException;
import org.aucmedi.xai.imaging.FileErrors;
import org.jspecify.annotations.Nullable;

/** Reads and appends the lines of {@code samples.jsonl}, one {@link SampleRecord} each. */
public final class SampleRecords {

  private SampleRecords() {}

  /** Takes the records of a file. */
  @FunctionalInterface
  public interface Visitor {

    /**
     * Takes a record.
     *
     * @param record the record
     * @param line its line in the file, with the line break
     * @param offset where the line starts in the file, in bytes
     * @throws IOException if what is done with it fails
     */
    void visit(SampleRecord record, byte[] line, long offset) throws IOException;
  }

  /**
   * Reads the records of a whole run, one after another. Only one is in memory at a time.
   *
   * @param outputFolder the run's output folder
   * @param consumer takes them in their order
   * @throws XAIException if the file cannot be read, or a line other than a torn last one is
   *     damaged
   */
  public static void forEach(Path outputFolder, Consumer<SampleRecord> consumer) {
    read(RunFiles.of(outputFolder).samples(), (record, line, offset) -> consumer.accept(record));
  }

  /**
   * Reads the records of a file, one after another. A last line that has no end is left out: the
   * run that wrote it was killed. A file that is not there has no records.
   *
   * @param file the file
   * @param visitor takes them in their order
   * @throws XAIException if the file cannot be read, or a line is damaged
   */
  public static void read(Path file, Visitor visitor) {
    if (!Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
      return;
    }
    try (InputStream in = new BufferedInputStream(Files.newInputStream(file), 1 << 16)) {
      long offset = 0;
      int number = 1;
      for (byte[] line; (line = line(in)) != null; number++) {
        visitor.visit(parse(file, number, line), line, offset);
        offset += line.length;
      }
    } catch (IOException e) {
      throw new XAIException("cannot read " + file + ": " + FileErrors.reason(e), e);
    }
  }

  /** Returns the next line with its end, or null if there is none. */
  private static byte @Nullable [] line(InputStream in) throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream(1024);
    for (int next; (next = in.read()) >= 0; ) {
      line.write(next);
      if (next == '\n') {
        return line.toByteArray();
      }
    }
    return null;
  }

  private static SampleRecord parse(Path file, int number, byte[] line) {
    String reason;
    try {
      SampleRecord record =
          Json.LINE.fromJson(new String(line, StandardCharsets.UTF_8), SampleRecord.class);
      if (record != null
          && record.sample() != null
          && record.method() != null
          && record.status() != null) {
        return record;
      }
      reason = "it lacks a name, a method or a status";
    } catch (JsonParseException e) {
      reason = String.valueOf(e.getMessage());
    } catch (RuntimeException e) {
      // Gson wraps what a record's constructor throws.
      reason = String.valueOf(e.getCause() == null ? e : e.getCause());
    }
    throw new XAIException(
        "line " + number + " of " + file + " is damaged (" + reason + "); run with --overwrite");
  }

  /** {@return the line of a record, with its end} */
  public static byte[] line(SampleRecord record) {
    return (Json.LINE.toJson(record) + "\n").getBytes(StandardCharsets.UTF_8);
  }

  /** Appends lines to a file, each at once and whole. For one thread. */
  public static final class Appender implements Closeable {

    private final Path file;
    private final FileChannel channel;

    /**
     * Opens a file, which is made if it is not there.
     *
     * @param file the file
     * @throws XAIException if it cannot be opened
     */
    public Appender(Path file) {
      this.file = file;
      try {
        channel =
            FileChannel.open(
                file,
                StandardOpenOption.CREATE,
                StandardOpenOption.WRITE,
                StandardOpenOption.APPEND,
                LinkOption.NOFOLLOW_LINKS);
      } catch (IOException e) {
        throw new XAIException("cannot write " + file + ": " + FileErrors.reason(e), e);
      }
    }

    /**
     * Appends a record.
     *
     * @param record the record
     * @throws XAIException if it cannot be written, for instance since the disk is full; then part
     *     of its line may be there
     */
    public void append(SampleRecord record) {
      ByteBuffer line = ByteBuffer.wrap(line(record));
      try {
        while (line.hasRemaining()) {
          channel.write(line);
        }
      } catch (IOException e) {
        throw new XAIException("cannot write " + file + ": " + FileErrors.reason(e), e);
      }
    }

    @Override
    public void close() {
      try {
        channel.close();
      } catch (IOException e) {
        throw new XAIException("cannot write " + file + ": " + FileErrors.reason(e), e);
      }
    }
  }
}

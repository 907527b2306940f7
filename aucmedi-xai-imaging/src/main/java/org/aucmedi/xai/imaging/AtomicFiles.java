package org.aucmedi.xai.imaging;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes a file whole or not at all, unless the power fails: nothing is forced to the disk, since
 * that would take longer than most maps do, and a map can be made again.
 */
public final class AtomicFiles {

  private static final Logger logger = LoggerFactory.getLogger(AtomicFiles.class);

  /** Short and not made of the file's name, which may be as long as a name can be. */
  private static final Pattern TEMPORARY =
      Pattern.compile("\\.aucmedi-xai-(\\d{1,18})-[0-9a-f]{8}\\.tmp");

  /** Nobody writes one file for that long. */
  private static final Duration ABANDONED = Duration.ofHours(1);

  /** The same where the process is gone; it may live on another machine that shares the folder. */
  private static final Duration ABANDONED_BY_THE_DEAD = Duration.ofMinutes(1);

  private AtomicFiles() {}

  /** The content of a file. */
  @FunctionalInterface
  public interface Content {

    /**
     * Writes the content.
     *
     * @param out the file, which the caller closes
     * @throws IOException if it cannot be written
     */
    void writeTo(OutputStream out) throws IOException;
  }

  /**
   * Writes next to the file, then moves over it; what was there before stays until then.
   *
   * @param file the file, in a folder that exists
   * @param content what it is to contain
   * @throws IOException if it cannot be written
   */
  public static void write(Path file, Content content) throws IOException {
    String random = UUID.randomUUID().toString().substring(0, 8);
    Path temporary =
        file.resolveSibling(
            ".aucmedi-xai-" + ProcessHandle.current().pid() + "-" + random + ".tmp");
    try {
      try (OutputStream out =
          new BufferedOutputStream(
              Files.newOutputStream(temporary, StandardOpenOption.CREATE_NEW))) {
        content.writeTo(out);
      }
      try {
        Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE);
      } catch (AtomicMoveNotSupportedException e) {
        Files.move(temporary, file, StandardCopyOption.REPLACE_EXISTING);
      }
    } finally {
      Files.deleteIfExists(temporary);
    }
  }

  /** Removes what killed runs have left in a folder; what cannot be removed stays. */
  static void removeAbandoned(Path folder) {
    remove(folder, AtomicFiles::isAbandoned);
  }

  /**
   * Removes what a process has left in a folder that was killed while it wrote.
   *
   * @param folder the folder
   * @param pid the process, which does not write there any more
   */
  public static void removeThoseOf(Path folder, long pid) {
    remove(folder, (file, writer) -> writer == pid);
  }

  private static void remove(Path folder, Abandoned abandoned) {
    try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, ".aucmedi-xai-*.tmp")) {
      for (Path file : files) {
        Matcher name = TEMPORARY.matcher(file.getFileName().toString());
        if (name.matches() && abandoned.test(file, Long.parseLong(name.group(1)))) {
          Files.deleteIfExists(file);
        }
      }
    } catch (IOException | RuntimeException e) {
      logger.debug("temporary files stay in {}", folder, e);
    }
  }

  private static boolean isAbandoned(Path file, long pid) throws IOException {
    Duration age = Duration.between(Files.getLastModifiedTime(file).toInstant(), Instant.now());
    return age.compareTo(ABANDONED) > 0
        || (age.compareTo(ABANDONED_BY_THE_DEAD) > 0 && ProcessHandle.of(pid).isEmpty());
  }

  private interface Abandoned {
    boolean test(Path file, long pid) throws IOException;
  }
}

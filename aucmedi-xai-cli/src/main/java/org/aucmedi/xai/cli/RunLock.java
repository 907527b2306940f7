package org.aucmedi.xai.cli;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.aucmedi.xai.error.XAIException;
import org.aucmedi.xai.imaging.FileErrors;
import org.jspecify.annotations.Nullable;

/**
 * The right of one run to write to a folder, by a lock on a file in it. The system gives it back
 * when the process ends, however it ends.
 */
final class RunLock implements AutoCloseable {

  /** The system counts locks by process, and drops them all when one of the files is closed. */
  private static final Set<Path> HELD_HERE = ConcurrentHashMap.newKeySet();

  private final Path file;
  private final FileChannel channel;
  private final OptionalLong killed;

  private RunLock(Path file, FileChannel channel, OptionalLong killed) {
    this.file = file;
    this.channel = channel;
    this.killed = killed;
  }

  /**
   * Takes the lock.
   *
   * @param file in a folder that exists
   * @throws XAIException if another run has it, or the folder cannot be written
   */
  static RunLock take(Path file) {
    Path folder = Objects.requireNonNull(file.toAbsolutePath().getParent());
    try {
      Path real = folder.toRealPath().resolve(file.getFileName());
      if (!HELD_HERE.add(real)) {
        throw taken(folder, ProcessHandle.current().pid() + "");
      }
      RunLock lock = null;
      try {
        while (lock == null) {
          lock = tryToTake(real, folder);
        }
        return lock;
      } finally {
        if (lock == null) {
          HELD_HERE.remove(real);
        }
      }
    } catch (IOException e) {
      throw new XAIException(
          "cannot write to the output folder " + folder + ": " + FileErrors.reason(e), e);
    }
  }

  /** Returns null if the file was replaced meanwhile, by a run that has ended. */
  private static @Nullable RunLock tryToTake(Path file, Path folder) throws IOException {
    try {
      Files.createFile(file);
    } catch (FileAlreadyExistsException e) {
      // Left by a run that was killed, or held by another.
    }
    FileChannel channel = null;
    boolean locked = false;
    try {
      Object before = key(file);
      channel =
          FileChannel.open(
              file, StandardOpenOption.READ, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS);
      FileLock lock = channel.tryLock();
      String owner = read(channel);
      if (lock == null) {
        throw taken(folder, owner);
      }
      if (!Objects.equals(before, key(file))) {
        return null;
      }
      channel.truncate(0);
      channel.write(
          ByteBuffer.wrap(
              (ProcessHandle.current().pid() + "\n").getBytes(StandardCharsets.US_ASCII)),
          0);
      locked = true;
      return new RunLock(
          file,
          channel,
          owner.matches("\\d{1,18}")
              ? OptionalLong.of(Long.parseLong(owner))
              : OptionalLong.empty());
    } catch (NoSuchFileException e) {
      return null;
    } finally {
      if (channel != null && !locked) {
        channel.close();
      }
    }
  }

  private static @Nullable Object key(Path file) throws IOException {
    return Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
        .fileKey();
  }

  private static String read(FileChannel channel) throws IOException {
    ByteBuffer text = ByteBuffer.allocate(32);
    channel.read(text, 0);
    return new String(text.array(), 0, text.position(), StandardCharsets.US_ASCII).trim();
  }

  private static XAIException taken(Path folder, String owner) {
    return new XAIException(
        "another run writes to "
            + folder
            + (owner.isEmpty() ? "" : " (process " + owner + ")")
            + "; wait until it has ended, or choose another output folder");
  }

  /** Returns the process that had the lock and did not give it back: it was killed. */
  OptionalLong killed() {
    return killed;
  }

  @Override
  public void close() {
    try (channel) {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      // An empty file stays; the next run takes it over.
    } finally {
      HELD_HERE.remove(file);
    }
  }
}

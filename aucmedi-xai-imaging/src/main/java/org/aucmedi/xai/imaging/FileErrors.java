package org.aucmedi.xai.imaging;

import java.io.EOFException;
import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;

/** Says in words why a file could not be read or written; Java's own messages are often a path. */
public final class FileErrors {

  private FileErrors() {}

  /**
   * Returns the reason of a failure.
   *
   * @param e the failure
   * @return what went wrong, without the file's name, which the caller knows
   */
  public static String reason(IOException e) {
    for (Throwable cause = e; cause != null; cause = cause.getCause()) {
      if (cause instanceof EOFException) {
        return "the file ends early; it was cut short when it was copied or written";
      }
    }
    if (e instanceof NoSuchFileException) {
      return "there is no such file or folder";
    }
    if (e instanceof AccessDeniedException) {
      return "permission denied";
    }
    if (e instanceof FileAlreadyExistsException || e instanceof NotDirectoryException) {
      return "a file is where a folder should be";
    }
    if (e instanceof ClosedByInterruptException) {
      return "the thread was interrupted";
    }
    String message = e instanceof FileSystemException file ? file.getReason() : e.getMessage();
    return message == null ? "input or output error" : message;
  }
}

package org.aucmedi.xai.imaging;

import java.nio.file.Path;
import org.aucmedi.xai.error.XAIException;
import org.jspecify.annotations.Nullable;

/** Thrown when an image file cannot be read; a batch continues without it. */
public final class UnreadableImageException extends XAIException {

  private static final long serialVersionUID = 1L;

  /**
   * Constructs an exception.
   *
   * @param file the file
   * @param reason what is wrong with it and what to do, without its name
   * @param cause what was thrown, if anything was
   */
  public UnreadableImageException(Path file, String reason, @Nullable Throwable cause) {
    super("cannot read " + file + ": " + reason, cause);
  }
}

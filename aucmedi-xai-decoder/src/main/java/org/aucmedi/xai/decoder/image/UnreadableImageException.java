package org.aucmedi.xai.decoder.image;

import java.nio.file.Path;
import org.aucmedi.xai.XAIException;
import org.jspecify.annotations.Nullable;

/** Thrown when an image file cannot be read; a batch goes on without it. */
public final class UnreadableImageException extends XAIException {

  private static final long serialVersionUID = 1L;

  UnreadableImageException(Path file, String reason, @Nullable Throwable cause) {
    super("cannot read " + file + ": " + reason, cause);
  }
}

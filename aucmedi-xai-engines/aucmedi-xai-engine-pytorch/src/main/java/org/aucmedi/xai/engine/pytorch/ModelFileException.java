package org.aucmedi.xai.engine.pytorch;

import java.io.IOException;

/** A file that is refused before libtorch reads it. The message gives reason and remedy. */
final class ModelFileException extends IOException {

  private static final long serialVersionUID = 1L;

  private static final String COPY = "the file is damaged, copy or download it again";
  private static final String SAVE_AGAIN =
      "load the weights in Python and save torch.jit.trace(model.eval(), example).save('model.pt')";

  private ModelFileException(String message) {
    super(message);
  }

  /** The file is not what its author wrote. */
  static ModelFileException damaged(String reason) {
    return new ModelFileException(reason + "; " + COPY);
  }

  /** The file is whole but of another kind. */
  static ModelFileException otherKind(String reason) {
    return new ModelFileException(reason + "; " + SAVE_AGAIN);
  }

  /** The file would load in no libtorch, or bring it down. */
  static ModelFileException unusable(String reason, String remedy) {
    return new ModelFileException(reason + "; " + remedy);
  }
}

package org.aucmedi.xai.engine.pytorch;

import java.io.IOException;

/**
 * Thrown for a file that is rejected before libtorch reads it. The message gives the reason and a
 * remedy.
 */
final class ModelFileException extends IOException {

  private static final long serialVersionUID = 1L;

  private static final String COPY = "the file is damaged, copy or download it again";
  private static final String SAVE_AGAIN =
      "load the weights in Python and save torch.jit.trace(model.eval(), example).save('model.pt')";

  private static final String SUSPECT =
      "get it again from its author, and do not open this one in Python, where it may run arbitrary"
          + " code";

  private ModelFileException(String message) {
    super(message);
  }

  /** The file is damaged. */
  static ModelFileException damaged(String reason) {
    return new ModelFileException(reason + "; " + COPY);
  }

  /** The file is intact but of another kind. */
  static ModelFileException otherKind(String reason) {
    return new ModelFileException(reason + "; " + SAVE_AGAIN);
  }

  /** No program that writes TorchScript files creates such a file. */
  static ModelFileException suspect(String reason) {
    return new ModelFileException(reason + "; " + SUSPECT);
  }

  /** The file needs a specific remedy. */
  static ModelFileException unusable(String reason, String remedy) {
    return new ModelFileException(reason + "; " + remedy);
  }
}

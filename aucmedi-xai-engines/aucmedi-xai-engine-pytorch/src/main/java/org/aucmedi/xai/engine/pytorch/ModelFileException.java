package org.aucmedi.xai.engine.pytorch;

import java.io.IOException;

/** A file that is refused before libtorch reads it. The message gives reason and remedy. */
final class ModelFileException extends IOException {

  private static final long serialVersionUID = 1L;

  private static final String COPY = "the file is damaged, copy or download it again";
  private static final String SAVE_AGAIN =
      "load the weights in Python and save torch.jit.trace(model.eval(), example).save('model.pt')";

  private static final String SUSPECT =
      "get it again from its author, and do not open this one in Python, where it may run programs";

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

  /** No program that makes TorchScript files writes such a one. */
  static ModelFileException suspect(String reason) {
    return new ModelFileException(reason + "; " + SUSPECT);
  }

  /** The file needs a remedy of its own. */
  static ModelFileException unusable(String reason, String remedy) {
    return new ModelFileException(reason + "; " + remedy);
  }
}

package org.aucmedi.xai.model;

import org.aucmedi.xai.error.XAIException;

/**
 * Thrown when a model cannot be explained as asked, whatever the image: several outputs and none
 * chosen, no differentiable path, no such layer. A run over many images ends with it.
 */
public class UnsupportedModelException extends XAIException {

  private static final long serialVersionUID = 1L;

  /**
   * Constructs an exception.
   *
   * @param message what the model lacks, and the remedy
   */
  public UnsupportedModelException(String message) {
    super(message);
  }

  /**
   * Constructs an exception.
   *
   * @param message what the model lacks, and the remedy
   * @param cause what the engine threw
   */
  public UnsupportedModelException(String message, Throwable cause) {
    super(message, cause);
  }
}

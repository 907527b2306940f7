package org.aucmedi.xai.model;

import org.aucmedi.xai.error.XAIException;

/**
 * Thrown when a model cannot be explained as requested, whatever the image: several outputs and
 * none selected, no differentiable path, no such layer. It ends a run over many images.
 */
public class UnsupportedModelException extends XAIException {

  private static final long serialVersionUID = 1L;

  /**
   * Constructs an exception.
   *
   * @param message the problem and the remedy
   */
  public UnsupportedModelException(String message) {
    super(message);
  }

  /**
   * Constructs an exception.
   *
   * @param message the problem and the remedy
   * @param cause what the engine threw
   */
  public UnsupportedModelException(String message, Throwable cause) {
    super(message, cause);
  }
}

package org.aucmedi.xai.error;

/**
 * The root of the exceptions that this framework defines.
 *
 * <p>Bad arguments are {@link IllegalArgumentException}s. Subclasses exist only where a caller
 * would act differently.
 */
public class XAIException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  /**
   * Constructs an exception.
   *
   * @param message what went wrong, with the value and the remedy
   */
  public XAIException(String message) {
    super(message);
  }

  /**
   * Constructs an exception with a cause.
   *
   * @param message what went wrong, with the value and the remedy
   * @param cause the underlying failure
   */
  public XAIException(String message, Throwable cause) {
    super(message, cause);
  }
}

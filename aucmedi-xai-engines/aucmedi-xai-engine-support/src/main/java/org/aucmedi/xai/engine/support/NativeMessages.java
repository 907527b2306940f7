package org.aucmedi.xai.engine.support;

import ai.djl.ndarray.NDArray;
import java.util.Objects;
import org.aucmedi.xai.error.XAIException;

/**
 * Turns messages of native libraries, often many lines with a stack trace, into clauses of a
 * sentence.
 *
 * <p>Each engine removes what is specific to its library, such as source locations.
 */
public final class NativeMessages {

  private static final String NO_REASON = "no reason given";

  private NativeMessages() {}

  /**
   * {@return the message of a failure, possibly of many lines, or a note that there is none}
   *
   * @param failure what was thrown
   */
  public static String text(Throwable failure) {
    String message = Objects.requireNonNullElse(failure.getMessage(), "");
    return message.isBlank() ? NO_REASON : message;
  }

  /**
   * {@return the first informative line of a text as a {@linkplain #clause clause}, or a note that
   * no reason was given}
   *
   * @param text a message of any number of lines
   */
  public static String firstLine(String text) {
    return clause(
        text.lines().filter(line -> !clause(line).isEmpty()).findFirst().orElse(NO_REASON));
  }

  /**
   * Prepares a text for use within a sentence.
   *
   * @param text one line
   * @return the text without spaces around it, and without the full stop or colon at its end
   */
  public static String clause(String text) {
    return text.strip().replaceFirst("[\\s.:]+$", "");
  }

  /**
   * Creates the error for a batch that an engine rejects.
   *
   * @param model what messages call the model
   * @param batch the inputs
   * @param reason the engine's message
   * @param cause the engine's exception
   * @return the exception to throw
   */
  public static XAIException cannotRun(
      Object model, NDArray batch, String reason, Throwable cause) {
    return new XAIException(
        model + " cannot run on a batch of shape " + batch.getShape() + ": " + reason, cause);
  }
}

package org.aucmedi.xai.engine.support;

import ai.djl.ndarray.NDArray;
import java.util.Objects;
import org.aucmedi.xai.error.XAIException;

/**
 * Makes a part of a sentence of what a native library says, often many lines with a stack trace.
 *
 * <p>What only one library writes, such as places in its sources, is that engine's to cut out.
 */
public final class NativeMessages {

  private static final String NO_REASON = "it gives no reason";

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
   * Fits a text into the sentence around it.
   *
   * @param text one line
   * @return the text without spaces around it, and without the full stop or colon at its end
   */
  public static String clause(String text) {
    return text.strip().replaceFirst("[\\s.:]+$", "");
  }

  /**
   * Makes the error for a batch that an engine refuses.
   *
   * @param model what messages call the model
   * @param batch the inputs
   * @param reason what the engine says
   * @param cause the engine's exception
   * @return the exception to throw
   */
  public static XAIException cannotRun(
      Object model, NDArray batch, String reason, Throwable cause) {
    return new XAIException(
        model + " cannot run on a batch of shape " + batch.getShape() + ": " + reason, cause);
  }
}

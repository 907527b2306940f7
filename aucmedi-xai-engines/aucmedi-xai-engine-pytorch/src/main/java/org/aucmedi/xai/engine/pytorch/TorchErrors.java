package org.aucmedi.xai.engine.pytorch;

import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDArray;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.aucmedi.xai.engine.support.NativeMessages;
import org.aucmedi.xai.error.XAIException;
import org.aucmedi.xai.model.ExplainableModel;
import org.aucmedi.xai.model.UnsupportedModelException;
import org.jspecify.annotations.Nullable;

/** Converts libtorch's exceptions into errors with a reason and a remedy. */
final class TorchErrors {

  /** What to look for if it is unknown what blocks a gradient. */
  static final String CUTS = "look for no_grad, detach or argmax in its forward";

  private static final String RUNTIME_ERROR = "RuntimeError: ";

  /** The signature of a function, which precedes the reason why a call failed. */
  private static final Pattern SIGNATURE = Pattern.compile(".*\\) -> .*:");

  private TorchErrors() {}

  /** Returns the line with the reason. */
  static String firstLine(Throwable failure) {
    String message = NativeMessages.text(failure);
    int reason = message.lastIndexOf(RUNTIME_ERROR);
    String tail = reason < 0 ? message : message.substring(reason + RUNTIME_ERROR.length());
    return NativeMessages.firstLine(
        tail.lines()
            .filter(line -> !SIGNATURE.matcher(line.strip()).matches())
            .collect(Collectors.joining("\n")));
  }

  /** Creates the error for a batch that a model rejects. */
  static XAIException refused(ExplainableModel model, NDArray batch, EngineException failure) {
    String reason = firstLine(failure);
    String remedy = Remedies.forModel(reason);
    return remedy == null
        ? NativeMessages.cannotRun(
            model, batch, reason + Remedies.forBatch(reason, batch, model.channelLayout()), failure)
        : new UnsupportedModelException(
            model + " cannot run: " + remedy + " (" + reason + ")", failure);
  }

  /**
   * Creates the error for an output without a graph.
   *
   * @param model the name of the model in messages
   * @param start the intended start of the graph
   * @param lookFor what may have blocked the gradient
   * @param failure libtorch's exception, or null if there is a graph that leads elsewhere
   */
  static UnsupportedModelException noPath(
      Object model, String start, String lookFor, @Nullable EngineException failure) {
    String reason = failure == null ? "the gradient does not reach it" : firstLine(failure);
    String remedy = Remedies.forModel(reason);
    String text =
        model
            + " has no differentiable path from "
            + start
            + " to its output ("
            + reason
            + "); "
            + (remedy == null ? lookFor : remedy);
    return failure == null
        ? new UnsupportedModelException(text)
        : new UnsupportedModelException(text, failure);
  }

  /** Returns why a file or a copy of a module cannot be loaded, and a remedy. */
  static String whyNotLoaded(Exception failure) {
    String reason = firstLine(failure);
    if (failure instanceof FileSystemException) {
      String why = failure instanceof AccessDeniedException ? "access is denied" : reason;
      return "it cannot be read: " + why + "; check that it exists and is readable";
    }
    if (!(failure instanceof EngineException)) {
      return reason;
    }
    if (reason.contains("maximum supported version")) {
      return reason + "; save it with an older PyTorch";
    }
    if (reason.contains("Unknown builtin op") || reason.contains("Unknown type name")) {
      return reason + "; replace this operation in the Python code, since libtorch itself lacks it";
    }
    return reason + "; save the model again with torch.jit.script or torch.jit.trace";
  }
}

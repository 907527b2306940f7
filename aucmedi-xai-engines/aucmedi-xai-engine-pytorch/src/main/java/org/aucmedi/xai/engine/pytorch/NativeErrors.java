package org.aucmedi.xai.engine.pytorch;

import ai.djl.engine.EngineException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.util.regex.Pattern;

/** Turns libtorch's messages of many lines into one sentence. */
final class NativeErrors {

  private static final String RUNTIME_ERROR = "RuntimeError: ";

  /** A function's, which stands before what is wrong with a call of it. */
  private static final Pattern SIGNATURE = Pattern.compile(".*\\) -> .*:");

  private NativeErrors() {}

  /** Returns the line that says what is wrong. */
  static String firstLine(Throwable failure) {
    String message = String.valueOf(failure.getMessage());
    int reason = message.lastIndexOf(RUNTIME_ERROR);
    String tail = reason < 0 ? message : message.substring(reason + RUNTIME_ERROR.length());
    return tail.lines()
        .map(String::strip)
        .filter(line -> !line.isEmpty() && !SIGNATURE.matcher(line).matches())
        .findFirst()
        .orElse("")
        .replaceFirst("[.:]+$", "");
  }

  /** Returns why a file or a copy of a module cannot be loaded, and what to do. */
  static String whyNotLoaded(Exception failure) {
    String reason = firstLine(failure);
    if (failure instanceof FileSystemException) {
      String why = failure instanceof AccessDeniedException ? "access is denied" : reason;
      return "it cannot be read: " + why + "; check that it is there and that you may read it";
    }
    if (!(failure instanceof EngineException)) {
      return reason;
    }
    if (reason.contains("maximum supported version")) {
      return reason + "; save it with an older PyTorch";
    }
    if (reason.contains("Unknown builtin op") || reason.contains("Unknown type name")) {
      return reason + "; replace this operation in the Python code, libtorch alone lacks it";
    }
    return reason + "; save the model again with torch.jit.script or torch.jit.trace";
  }
}

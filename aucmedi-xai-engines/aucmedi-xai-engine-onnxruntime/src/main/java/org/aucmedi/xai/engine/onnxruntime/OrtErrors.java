package org.aucmedi.xai.engine.onnxruntime;

import ai.onnxruntime.OrtException;
import com.google.common.base.Throwables;
import java.nio.file.FileSystemException;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.aucmedi.xai.engine.support.NativeMessages;
import org.aucmedi.xai.error.XAIException;

/** Turns ONNX Runtime's messages into a single sentence. */
final class OrtErrors {

  private static final Pattern IR_VERSION =
      Pattern.compile("Unsupported model IR version: (\\d+), max supported IR version: (\\d+)");
  private static final Pattern OPSET =
      Pattern.compile("Opset (\\d+) is under development.* is till opset (\\d+)");

  /** A location in ONNX Runtime's sources, followed by the signature of a C++ function. */
  private static final Pattern SOURCE = Pattern.compile("\\S*\\.(?:cc|cpp|h|hpp):\\d+ ");

  private static final String RUNNING_NODE =
      "^Non-zero status code returned while running (\\S+) node\\. Name:'([^']*)' Status Message: ";

  private OrtErrors() {}

  /**
   * Creates the error for a file that ONNX Runtime does not open.
   *
   * @param path the file
   * @param failure what went wrong
   * @return the exception to throw
   */
  static XAIException cannotLoad(Path path, Throwable failure) {
    String reason = oneLine(failure);
    Matcher version = IR_VERSION.matcher(reason);
    Matcher opset = OPSET.matcher(reason);
    if (version.find()) {
      reason =
          newer("IR version", version)
              + "; set model.ir_version = "
              + version.group(2)
              + " and save again";
    } else if (opset.find()) {
      reason = newer("opset", opset) + "; export the model with opset " + opset.group(2);
    } else {
      reason += "; export the model again, and keep its external weight files beside it";
    }
    return new XAIException("cannot load " + path + " as ONNX: " + reason, failure);
  }

  private static String newer(String what, Matcher versions) {
    return "ONNX %s %s is newer than this ONNX Runtime reads (%s)"
        .formatted(what, versions.group(1), versions.group(2));
  }

  static String oneLine(Throwable failure) {
    Throwable reason =
        Throwables.getCausalChain(failure).stream()
            .filter(OrtException.class::isInstance)
            .findFirst()
            .orElse(failure);
    if (reason.getMessage() == null || reason instanceof FileSystemException) {
      return "it cannot be read";
    }
    String line =
        reason
            .getMessage()
            .replaceAll("\\s+", " ")
            .replaceFirst("^Error code - \\w+ - message: ", "")
            .replaceFirst("^Load model from .* failed: ?", "")
            .replaceFirst(RUNNING_NODE, "$1 node '$2': ");
    line =
        withoutSources(line)
            .replaceAll("\\[ONNXRuntimeError\\] : \\d+ : \\w+ : ", "")
            .replaceFirst(" Please fix either the inputs(/outputs)? or the model\\.", "")
            .replaceAll("\\s+", " ")
            .strip();
    return NativeMessages.firstLine(line);
  }

  /** Removes each location with the signature behind it, whose brackets may be nested. */
  private static String withoutSources(String message) {
    StringBuilder kept = new StringBuilder();
    Matcher source = SOURCE.matcher(message);
    int from = 0;
    while (source.find(from)) {
      kept.append(message, from, source.start());
      from = afterSignature(message, source.end());
    }
    return kept.append(message.substring(from)).toString();
  }

  private static int afterSignature(String message, int from) {
    int open = message.indexOf('(', from);
    // A signature has neither the end of a sentence nor a space before its bracket.
    if (open < 0 || message.substring(from, open).matches(".*([.:] .*| )")) {
      return from;
    }
    int depth = 0;
    for (int i = open; i < message.length(); i++) {
      char c = message.charAt(i);
      depth += c == '(' ? 1 : c == ')' ? -1 : 0;
      if (depth == 0) {
        int end = i + 1;
        return message.startsWith(" const ", end) ? end + " const".length() : end;
      }
    }
    return from;
  }
}

package org.aucmedi.xai.decoder;

import ai.djl.engine.EngineException;
import java.util.List;
import org.aucmedi.xai.decoder.SampleResult.Failed;
import org.aucmedi.xai.decoder.SampleResult.Stage;
import org.aucmedi.xai.decoder.SampleResult.WrittenMap;
import org.aucmedi.xai.error.XAIException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Describes why a sample failed. */
final class Failures {

  private static final Logger logger = LoggerFactory.getLogger(Failures.class);
  private static final int MEGABYTE = 1_000_000;

  private Failures() {}

  static Failed of(String sample, Stage stage, Throwable cause, List<WrittenMap> written) {
    logger.debug("sample {} failed", sample, cause);
    return new Failed(sample, stage, reason(cause), cause, written);
  }

  private static String reason(Throwable cause) {
    if (cause instanceof OutOfMemoryError) {
      return "out of memory ("
          + cause.getMessage()
          + ", of "
          + Runtime.getRuntime().maxMemory() / MEGABYTE
          + " MB for Java); make the image smaller (--resize for the model, or the file itself), use"
          + " --batch-size 1, or give Java more: JAVA_TOOL_OPTIONS=-Xmx8g in the environment";
    }
    if (cause instanceof StackOverflowError) {
      return "too deeply nested for Java's stack; if the image and the model are right, give it"
          + " more: JAVA_TOOL_OPTIONS=-Xss64m in the environment";
    }
    boolean explained =
        cause instanceof XAIException
            || cause instanceof IllegalArgumentException
            || cause instanceof IllegalStateException
            || cause instanceof EngineException;
    return explained && cause.getMessage() != null ? cause.getMessage() : cause.toString();
  }
}

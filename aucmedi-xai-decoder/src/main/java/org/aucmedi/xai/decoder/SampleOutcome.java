package org.aucmedi.xai.decoder;

import ai.djl.engine.EngineException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import org.aucmedi.xai.XAIException;
import org.aucmedi.xai.array.ImageArray;
import org.aucmedi.xai.decoder.DecoderResult.Failure;
import org.aucmedi.xai.decoder.DecoderResult.Stage;
import org.aucmedi.xai.decoder.DecoderResult.Warning;
import org.aucmedi.xai.decoder.Explanation.ClassMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Everything known about one sample on its way through the decoder. */
final class SampleOutcome {

  private static final Logger logger = LoggerFactory.getLogger(SampleOutcome.class);
  private static final int MEGABYTE = 1_000_000;

  final int index;
  final String name;

  /** Whether memory ran out while it was loaded, which may be another sample's fault. */
  boolean ranOutOfMemory;

  /** The model's outputs, and the classes to explain, once predicted. */
  float @Nullable [] prediction;

  int[] classes = {};

  /** The maps that are neither written nor kept yet. */
  final Deque<ClassMap> maps = new ArrayDeque<>();

  final List<ClassMap> kept = new ArrayList<>();
  final List<Path> files = new ArrayList<>();
  final List<Warning> warnings = new ArrayList<>();
  @Nullable Failure failure;

  /** How many of the files and warnings a listener knows. */
  int filesTold;

  int warningsTold;

  private @Nullable ImageArray image;
  private @Nullable ImageArray input;

  SampleOutcome(int index, String name) {
    this.index = index;
    this.name = name;
  }

  void loaded(ImageArray image, ImageArray input) {
    this.image = image;
    this.input = input;
  }

  /** The image that an overlay is drawn on. */
  ImageArray image() {
    return Objects.requireNonNull(image);
  }

  /** The image as the model gets it. */
  ImageArray input() {
    return Objects.requireNonNull(input);
  }

  /** How many values this holds. */
  long values() {
    if (image == null || input == null) {
      return 0;
    }
    return MemoryLimit.valuesOf(image) + (input == image ? 0 : MemoryLimit.valuesOf(input));
  }

  boolean sameInputShape(SampleOutcome other) {
    return input().channels() == other.input().channels()
        && Arrays.equals(input().spatialShape(), other.input().spatialShape());
  }

  /** Forgets what only the computation needs. */
  void releaseInput() {
    input = null;
    prediction = null;
  }

  void releaseImage() {
    image = null;
  }

  Failure fail(Stage stage, Throwable cause) {
    logger.debug("sample {} failed", name, cause);
    maps.clear();
    kept.clear();
    releaseInput();
    releaseImage();
    Failure noted = new Failure(name, reason(cause), stage);
    failure = noted;
    return noted;
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

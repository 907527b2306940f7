package org.aucmedi.xai.engine.pytorch;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.aucmedi.xai.model.ChannelLayout;
import org.jspecify.annotations.Nullable;

/** Remedies for libtorch's errors that have one common cause. */
final class Remedies {

  private static final Pattern FAST_PATH =
      Pattern.compile("_transformer_encoder_layer_fwd|_native_multi_head_attention");
  private static final Pattern TYPE =
      Pattern.compile(
          "expected scalar type|not implemented for '(?:Half|BFloat16)'|must have the same dtype"
              + "|should be the same or input should be a MKLDNN tensor|same dtype, but got");
  private static final Pattern CHANNELS =
      Pattern.compile("to have (\\d+) channels, but got (\\d+)");

  private Remedies() {}

  /** Returns what is wrong with the model, independent of the batch, and what to do; or null. */
  static @Nullable String forModel(String reason) {
    if (reason.contains("'CUDA' backend")
        || reason.contains("ATen_cuda library")
        || reason.contains("not compiled with CUDA")) {
      return "it contains constants on a GPU; load it on the CPU in Python, with model.cpu(), and"
          + " save it again";
    }
    if (FAST_PATH.matcher(reason).find()) {
      return "it was traced on the fast path of attention; trace it with gradients on, or after"
          + " torch.backends.mha.set_fastpath_enabled(False), or use torch.jit.script";
    }
    if (TYPE.matcher(reason).find()) {
      return "its weights have a type that its operations do not support; save it as float32, with"
          + " model.float()";
    }
    return null;
  }

  /**
   * Returns a hint about the layout if another axis of the batch has the expected number of
   * channels.
   */
  static String forBatch(String reason, NDArray batch, ChannelLayout layout) {
    Matcher channels = CHANNELS.matcher(reason);
    Shape shape = batch.getShape();
    if (!channels.find() || shape.dimension() < 3) {
      return "";
    }
    boolean first = layout == ChannelLayout.CHANNELS_FIRST;
    String other = first ? "last" : "first";
    long given = shape.get(first ? 1 : shape.dimension() - 1);
    return String.valueOf(given).equals(channels.group(1))
        ? "; if the model expects channels "
            + other
            + ", set the layout (--layout channels-"
            + other
            + ", LoadOptions)"
        : "";
  }
}

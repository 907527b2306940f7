package org.aucmedi.xai.methods.gradient;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import org.aucmedi.xai.AttributionMethod;
import org.aucmedi.xai.MethodOption;
import org.aucmedi.xai.MethodOptions;
import org.aucmedi.xai.RawMaps;
import org.aucmedi.xai.Score;
import org.aucmedi.xai.ScoreGradient;
import org.aucmedi.xai.Target;
import org.aucmedi.xai.array.BatchAxes;
import org.aucmedi.xai.model.ExplainableModel;
import org.aucmedi.xai.model.OutputGradient;
import org.jspecify.annotations.Nullable;

/** A gradient with respect to the input, reduced over channels. */
abstract class InputGradientMethod extends AttributionMethod {

  /** How channels are reduced. */
  static final MethodOption<ChannelReduction> CHANNELS_OPTION =
      ChannelReduction.option(ChannelReduction.ABSOLUTE);

  InputGradientMethod(ExplainableModel model, @Nullable String layerName, MethodOptions options) {
    super(model, layerName, options);
  }

  /** Computes the gradient of each score with respect to the batch. */
  abstract NDList gradients(NDArray batch, OutputGradient scores);

  @Override
  protected final RawMaps attribute(NDArray batch, Target target) {
    BatchAxes axes = new BatchAxes(batch.getShape(), model().channelLayout());
    try (NDManager scope = batch.getManager().newSubManager()) {
      ScoreGradient scores = scoreGradient(target, options().get(Score.OPTION));
      NDList gradients = gradients(batch, scores);
      gradients.attach(scope);
      RawMaps raw = new RawMaps(axes.images(), gradients.size(), axes.spatialShape());
      for (int k = 0; k < gradients.size(); k++) {
        options().get(CHANNELS_OPTION).reduce(gradients.get(k).toFloatArray(), axes, raw, k);
      }
      raw.markNonFinite(scores.outputs());
      return raw;
    }
  }
}

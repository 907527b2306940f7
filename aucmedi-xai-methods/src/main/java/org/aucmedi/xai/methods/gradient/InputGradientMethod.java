package org.aucmedi.xai.methods.gradient;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import java.nio.FloatBuffer;
import java.util.List;
import java.util.stream.IntStream;
import org.aucmedi.xai.Attribution;
import org.aucmedi.xai.AttributionMethod;
import org.aucmedi.xai.ChannelReduction;
import org.aucmedi.xai.MapStatus;
import org.aucmedi.xai.MethodDescription;
import org.aucmedi.xai.MethodOption;
import org.aucmedi.xai.MethodOptions;
import org.aucmedi.xai.Objective;
import org.aucmedi.xai.Progress;
import org.aucmedi.xai.Score;
import org.aucmedi.xai.Target;
import org.aucmedi.xai.TargetGradient;
import org.aucmedi.xai.array.BatchAxes;
import org.aucmedi.xai.model.ExplainableModel;
import org.jspecify.annotations.Nullable;

/** An attribution that is the gradient of the score with respect to the input. */
abstract class InputGradientMethod extends AttributionMethod {

  /** How the gradients of a pixel's channels become one value. */
  public static final MethodOption<ChannelReduction> CHANNELS =
      ChannelReduction.option(ChannelReduction.ABS_MAX);

  InputGradientMethod(
      MethodDescription description,
      ExplainableModel model,
      @Nullable String layerName,
      MethodOptions options) {
    super(description, model, layerName, options);
  }

  /** The gradient of each score, shaped like the batch, and what was found on the way. */
  record Gradients(NDList list, List<Finding> findings) {}

  /** A diagnostic of every attribution. */
  record Finding(String name, double value) {}

  /** Computes the gradient of each score with respect to the batch. */
  abstract Gradients gradients(NDArray batch, TargetGradient scores);

  /** Returns whether the gradients are multiplied with the image. */
  boolean timesInput() {
    return false;
  }

  @Override
  protected final List<List<Attribution>> attribute(
      NDArray batch, Target target, Progress progress) {
    BatchAxes axes = new BatchAxes(batch.getShape(), model().channelLayout());
    BatchAxes one = axes.ofOneImage();
    try (NDManager scope = batch.getManager().newSubManager()) {
      TargetGradient scores = gradientOf(target, options().get(Score.OPTION));
      Gradients found = gradients(batch, scores);
      found.list.attach(scope);
      FloatBuffer input = timesInput() ? values(batch) : FloatBuffer.allocate(0);
      return scores.attributions(
          k -> {
            FloatBuffer gradients = values(found.list.get(k));
            return (n, objective, outputs) -> {
              float[] gradient = ofImage(gradients, n, axes.images());
              Attribution made = ofGradient(objective, outputs, one, gradient);
              if (timesInput()) {
                made = made.withValues(product(gradient, input, n * gradient.length));
              }
              for (Finding finding : found.findings) {
                made = made.withDiagnostic(finding.name, finding.value);
              }
              return made;
            };
          });
    }
  }

  private static float[] product(float[] gradient, FloatBuffer input, int from) {
    float[] product = new float[gradient.length];
    for (int i = 0; i < product.length; i++) {
      product[i] = gradient[i] * input.get(from + i);
    }
    return product;
  }

  /** An attribution made of gradients, which says so if these are all zero. */
  static Attribution ofGradient(
      Objective objective, float[] outputs, BatchAxes axes, float[] values) {
    Attribution made = Attribution.of(objective, outputs, axes, values);
    boolean zero = IntStream.range(0, values.length).allMatch(i -> values[i] == 0);
    return zero ? made.withStatus(MapStatus.ZERO_GRADIENT) : made;
  }

  @Override
  protected ChannelReduction channelReduction() {
    return options().get(CHANNELS);
  }
}

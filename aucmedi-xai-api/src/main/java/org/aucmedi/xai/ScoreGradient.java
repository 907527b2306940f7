package org.aucmedi.xai;

import java.util.List;
import java.util.Objects;
import org.aucmedi.xai.model.OutputActivation;
import org.aucmedi.xai.model.OutputGradient;
import org.jspecify.annotations.Nullable;

/**
 * What a gradient method differentiates: a {@link Score} of the classes that a {@link Target}
 * names. It keeps the outputs that it was asked with, for the method to look at. For one call.
 */
public final class ScoreGradient implements OutputGradient {

  private final Target target;
  private final Score score;
  private final OutputActivation activation;
  private float @Nullable [] @Nullable [] outputs;

  ScoreGradient(Target target, Score score, OutputActivation activation) {
    this.target = target;
    this.score = score;
    this.activation = activation;
  }

  @Override
  public List<float[]> of(float[][] outputs) {
    this.outputs = outputs;
    List<float[]> weights = target.seeds(outputs.length, outputs[0].length);
    return score.outputGradients(weights, outputs, activation);
  }

  /**
   * Returns the model's outputs.
   *
   * @return {@code [image][class]}
   * @throws NullPointerException before a model has asked
   */
  public float[][] outputs() {
    return Objects.requireNonNull(outputs, "no model has asked yet");
  }
}

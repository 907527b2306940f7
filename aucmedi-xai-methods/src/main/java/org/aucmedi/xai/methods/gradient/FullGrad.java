package org.aucmedi.xai.methods.gradient;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.List;
import org.aucmedi.xai.Attribution;
import org.aucmedi.xai.AttributionMethod;
import org.aucmedi.xai.MapStatus;
import org.aucmedi.xai.MethodBuilder;
import org.aucmedi.xai.MethodCost;
import org.aucmedi.xai.MethodDescription;
import org.aucmedi.xai.MethodOption;
import org.aucmedi.xai.MethodOptions;
import org.aucmedi.xai.Objective;
import org.aucmedi.xai.Progress;
import org.aucmedi.xai.Score;
import org.aucmedi.xai.Target;
import org.aucmedi.xai.TargetGradient;
import org.aucmedi.xai.XAIMethodProvider;
import org.aucmedi.xai.array.BatchAxes;
import org.aucmedi.xai.array.LinearInterpolation;
import org.aucmedi.xai.array.LinearInterpolation.BorderMode;
import org.aucmedi.xai.model.BiasGradients;
import org.aucmedi.xai.model.Capability;
import org.aucmedi.xai.model.ChannelLayout;
import org.aucmedi.xai.model.ExplainableModel;
import org.aucmedi.xai.model.OutputActivation;
import org.jspecify.annotations.Nullable;

/**
 * FullGrad: the gradient of the score with respect to the input and to all biases, each multiplied
 * by what it is the gradient of, so that nothing of the score is left out.
 *
 * <p>With the image x and the logit {@code S_c} of class c,
 *
 * <pre>{@code
 * S_c  = sum of x * dS_c/dx + sum over layers l of the sum of f_l,   f_l = b_l * dS_c/db_l
 * M[i] = sum over channels k of psi(x * dS_c/dx)[i, k] + sum over layers l, channels k of psi(f_l)[i, k]
 * }</pre>
 *
 * where b_l is what layer l adds at every position (see {@link ExplainableModel#biasGradients}),
 * and psi takes absolute values, scales those of all channels of a layer to [0, 1] by their
 * smallest and largest value, and resizes them to the image, linearly. The raw map is at least 0
 * and has no unit; the heatmap is M scaled by its extremes.
 *
 * <p>Constants without spatial axes, as the biases of dense layers, cannot be drawn and are left
 * out of the map, as in the paper; they are counted in the sum. What the sum misses of the logit is
 * the diagnostic {@link #DELTA}; {@link #BIASES} is what all constants add to it, and {@link
 * #NOT_DRAWN} what those add that are left out of the map. Where more than {@link #TOLERANCE} is
 * missing, the map is marked {@link MapStatus#NOT_CONSERVED}.
 *
 * <p>Options: {@link #TOLERANCE}.
 *
 * <p>Cost: one forward pass per image, and one backward pass per class. What all layers add is held
 * for every class that is explained.
 *
 * <p>Paper: S. Srinivas, F. Fleuret, <a href="https://arxiv.org/abs/1905.00780">Full-Gradient
 * Representation for Neural Network Visualization</a>, 2019.
 */
public final class FullGrad extends AttributionMethod {

  /** The diagnostic that holds the sum of all parts minus the logit. */
  public static final String DELTA = IntegratedGradients.DELTA;

  /** The diagnostic that holds what constants add to the logit. */
  public static final String BIASES = "score-of-biases";

  /** The diagnostic that holds what constants without a place in the image add to the logit. */
  public static final String NOT_DRAWN = "score-not-drawn";

  /** How much of the score may be missing before a map is marked. */
  public static final MethodOption<Double> TOLERANCE =
      MethodOption.ofDouble(
              "tolerance",
              "largest completeness delta, relative to the largest of the score and its two parts")
          .range(0.0, 1e6)
          .defaults(0.001);

  private static final MethodDescription DESCRIPTION =
      MethodDescription.of("FullGrad", "fullgrad", "FullGradient")
          .requiring(Capability.PROPAGATION)
          .withOptions(TOLERANCE)
          .costing((options, sizes, maps) -> new MethodCost.Passes(1, maps));

  /** Describes and constructs the method. */
  public static final XAIMethodProvider<FullGrad> PROVIDER =
      new XAIMethodProvider<>(DESCRIPTION, FullGrad::new);

  /**
   * Constructs the method.
   *
   * @param model the model to explain
   * @param layerName ignored
   * @param options the profile and the options that are set
   * @throws IllegalArgumentException if the method does not have an option that is set
   */
  public FullGrad(ExplainableModel model, @Nullable String layerName, MethodOptions options) {
    super(DESCRIPTION, model, layerName, options);
  }

  /** {@return a builder with the method's defaults} */
  public static MethodBuilder<FullGrad> builder() {
    return PROVIDER.builder();
  }

  @Override
  protected List<List<Attribution>> attribute(NDArray batch, Target target, Progress progress) {
    int images = Math.toIntExact(batch.getShape().get(0));
    float[] values = batch.toFloatArray();
    List<List<Attribution>> all = new ArrayList<>();
    for (int n = 0; n < images; n++) {
      Progress.checkNotInterrupted(n, images);
      int index = n;
      Target own = (outputs, image, count) -> target.objectives(outputs, index, images);
      all.add(attribute(ofImage(values, n, images), own, batch));
      progress.update(n + 1, images);
    }
    return all;
  }

  private List<Attribution> attribute(float[] image, Target target, NDArray batch) {
    try (NDManager scope = batch.getManager().newSubManager()) {
      Shape shape = new Shape(1).addAll(batch.getShape().slice(1));
      // The model skips the activation at the end, so that outputs are logits where it starts.
      TargetGradient scores = new TargetGradient(target, Score.LOGIT, OutputActivation.NONE);
      BiasGradients found = model().biasGradients(create(scope, image, shape), scores);
      found.gradients().attach(scope);
      found.scores().attach(scope);
      found.parts().forEach(list -> list.attach(scope));
      return scores
          .attributions(
              k -> {
                float[] gradient = found.gradients().get(k).toFloatArray();
                float score = found.scores().get(k).toFloatArray()[0];
                NDList parts = found.parts().get(k);
                return (n, objective, outputs) ->
                    map(objective, outputs, shape, product(gradient, image), score, parts);
              })
          .get(0);
    }
  }

  private static float[] product(float[] gradient, float[] image) {
    float[] product = new float[image.length];
    for (int i = 0; i < product.length; i++) {
      product[i] = gradient[i] * image[i];
    }
    return product;
  }

  private Attribution map(
      Objective objective,
      float[] outputs,
      Shape shape,
      float[] ofInput,
      double score,
      NDList parts) {
    int[] sizes = new BatchAxes(shape, model().channelLayout()).spatialSizes();
    double inputs = sum(ofInput);
    double biases = 0;
    double notDrawn = 0;
    float[] map = new float[new BatchAxes(shape, model().channelLayout()).positions()];
    boolean zero = add(map, sizes, ofInput, new BatchAxes(shape, model().channelLayout()));
    for (NDArray part : parts) {
      float[] values = part.toFloatArray();
      double own = sum(values);
      biases += own;
      if (part.getShape().dimension() == shape.dimension()) {
        BatchAxes axes = new BatchAxes(part.getShape(), ChannelLayout.CHANNELS_FIRST);
        zero = add(map, sizes, values, axes) && zero;
      } else {
        notDrawn += own;
      }
    }
    double delta = inputs + biases - score;
    double scale = Math.max(Math.abs(score), Math.max(Math.abs(inputs), Math.abs(biases)));
    Attribution made =
        Attribution.of(objective, outputs, BatchAxes.ofMap(sizes), map)
            .withDiagnostic(DELTA, delta)
            .withDiagnostic(BIASES, biases)
            .withDiagnostic(NOT_DRAWN, notDrawn);
    if (zero) {
      return made.withStatus(MapStatus.ZERO_GRADIENT);
    }
    return Math.abs(delta) > options().get(TOLERANCE) * scale
        ? made.withStatus(MapStatus.NOT_CONSERVED)
        : made;
  }

  private static double sum(float[] values) {
    double sum = 0;
    for (float value : values) {
      sum += value;
    }
    return sum;
  }

  /** Adds psi of a layer, summed over channels, to the map; returns whether the layer is zero. */
  private static boolean add(float[] map, int[] sizes, float[] values, BatchAxes axes) {
    float least = Float.POSITIVE_INFINITY;
    float most = 0;
    for (float value : values) {
      least = Math.min(least, Math.abs(value));
      most = Math.max(most, Math.abs(value));
    }
    if (least == most) {
      return most == 0;
    }
    float[] sums = new float[axes.positions()];
    for (int c = 0; c < axes.channels(); c++) {
      for (int i = 0; i < sums.length; i++) {
        sums[i] += (Math.abs(values[axes.index(0, c, i)]) - least) / (most - least);
      }
    }
    float[] resized =
        LinearInterpolation.resize(sums, axes.spatialSizes(), sizes, 1, BorderMode.CLAMP);
    for (int i = 0; i < map.length; i++) {
      map[i] += resized[i];
    }
    return false;
  }
}

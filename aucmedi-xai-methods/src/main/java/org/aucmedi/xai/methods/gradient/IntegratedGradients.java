package org.aucmedi.xai.methods.gradient;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import com.google.common.primitives.Floats;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import org.aucmedi.xai.Attribution;
import org.aucmedi.xai.AttributionMethod;
import org.aucmedi.xai.BatchSizes;
import org.aucmedi.xai.ChannelReduction;
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
import org.aucmedi.xai.XAIMethodProvider;
import org.aucmedi.xai.array.BatchAxes;
import org.aucmedi.xai.methods.Baseline;
import org.aucmedi.xai.methods.ImageBuffer;
import org.aucmedi.xai.model.Capability;
import org.aucmedi.xai.model.ExplainableModel;
import org.aucmedi.xai.model.OutputActivation;
import org.jspecify.annotations.Nullable;

/**
 * Integrated gradients: attributes the difference in score between the image and a baseline to the
 * input values, by integrating gradients along the straight path between them.
 *
 * <p>With the image x, the baseline x', the score {@code S_c} and n steps,
 *
 * <pre>{@code
 * g_j      = dS_c/dx at x' + j/n * (x - x'),  j = 0..n
 * IG[i, k] = (x[i, k] - x'[i, k]) * 1/n * sum over j < n of (g_j[i, k] + g_{j+1}[i, k]) / 2
 * M[i]     = max over channels k of IG[i, k]     (channels MAX, AUCMEDI's)
 * M[i]     = sum over channels k of IG[i, k]     (channels SUM, the paper's)
 * }</pre>
 *
 * and the heatmap is M scaled by its extremes. The attributions IG add up to {@code S_c(x) -
 * S_c(x')} as n grows (completeness). The error is the diagnostic {@link #DELTA}; a map whose delta
 * is more than {@link #TOLERANCE} of that difference is marked {@link MapStatus#NOT_CONVERGED}.
 *
 * <p>Options: {@link #STEPS}, {@link #BASELINE}, {@link #CHANNELS}, {@link #TOLERANCE}, {@link
 * #BATCH_SIZE} and {@link Score#OPTION}. The result does not depend on the batch size.
 *
 * <p>Cost: n + 1 forward passes per image, the image's and the baseline's own among them, and as
 * many backward passes per class. Where the gradients of all classes are more than {@link
 * BatchSizes#MAX_VALUES} numbers, the classes are done a few at a time, with forward passes of
 * their own.
 *
 * <p>Paper: M. Sundararajan, A. Taly, Q. Yan, <a href="https://arxiv.org/abs/1703.01365">Axiomatic
 * Attribution for Deep Networks</a>, 2017.
 */
public final class IntegratedGradients extends AttributionMethod {

  /** The diagnostic that holds the sum of all attributions minus the difference in score. */
  public static final String DELTA = "completeness-delta";

  /** The number of steps from the baseline to the image. */
  public static final MethodOption<Integer> STEPS =
      MethodOption.ofInt("steps", "number of steps from the baseline to the image")
          .range(1, 100_000)
          .defaults(50);

  /** Where the path starts. */
  public static final MethodOption<Baseline> BASELINE =
      Baseline.option("baseline", "start of the integration path")
          .defaults(new Baseline.Constant(0));

  /** How the attributions of a pixel's channels become one value. */
  public static final MethodOption<ChannelReduction> CHANNELS =
      ChannelReduction.option(ChannelReduction.SUM);

  /** How large the completeness delta may be before a map is marked. */
  public static final MethodOption<Double> TOLERANCE =
      MethodOption.ofDouble(
              "tolerance", "largest completeness delta, relative to the difference in score")
          .range(0.0, 1e6)
          .defaults(0.05);

  /** How many points of the path go through the model at once. */
  public static final MethodOption<Integer> BATCH_SIZE =
      MethodOption.ofInt("batch-size", "maximum number of path points per pass")
          .range(1, 100_000)
          .defaults(32);

  private static final MethodDescription DESCRIPTION =
      MethodDescription.of("Integrated gradients", "IntegratedGradients", "ig")
          .requiring(Capability.INPUT_GRADIENTS)
          .withOptions(STEPS, BASELINE, CHANNELS, TOLERANCE, BATCH_SIZE, Score.OPTION)
          .costing(
              (options, sizes, maps) -> {
                long points = options.get(STEPS) + 1L;
                return new MethodCost.Passes(points, points * maps);
              });

  /** Describes and constructs the method. */
  public static final XAIMethodProvider<IntegratedGradients> PROVIDER =
      new XAIMethodProvider<>(DESCRIPTION, IntegratedGradients::new);

  /**
   * Constructs the method.
   *
   * @param model the model to explain
   * @param layerName ignored
   * @param options the profile and the options that are set
   * @throws IllegalArgumentException if the method does not have an option that is set
   */
  public IntegratedGradients(
      ExplainableModel model, @Nullable String layerName, MethodOptions options) {
    super(DESCRIPTION, model, layerName, options);
  }

  /** {@return a builder with AUCMEDI's defaults} */
  public static MethodBuilder<IntegratedGradients> builder() {
    return PROVIDER.builder();
  }

  @Override
  protected List<List<Attribution>> attribute(NDArray batch, Target target, Progress progress) {
    BatchAxes axes = new BatchAxes(batch.getShape(), model().channelLayout());
    BatchAxes one = axes.ofOneImage();
    float[] values = batch.toFloatArray();
    int points =
        BatchSizes.of(options().get(BATCH_SIZE), values.length / axes.images(), batch.getDevice());
    ImageBuffer buffer = new ImageBuffer(batch.getShape().slice(1), points);
    List<List<Attribution>> all = new ArrayList<>();
    for (int n = 0; n < axes.images(); n++) {
      int index = n;
      float[] image = ofImage(values, n, axes.images());
      float[] baseline = options().get(BASELINE).of(image, one, batch.getManager());
      Path path =
          new Path(
              image,
              baseline,
              one,
              buffer,
              points,
              batch.getManager(),
              outputs -> target.objectives(outputs, index, axes.images()));
      List<Attribution> own = new ArrayList<>();
      do {
        own.addAll(path.integrate(own.size(), progress));
      } while (own.size() < path.objectives.size());
      all.add(own);
    }
    return all;
  }

  @Override
  protected ChannelReduction channelReduction() {
    return options().get(CHANNELS);
  }

  /** The path of one image. It starts at the image, whose outputs say what is explained. */
  private final class Path {

    private final float[] image;
    private final float[] baseline;
    private final BatchAxes axes;
    private final ImageBuffer buffer;
    private final int mostPoints;
    private final NDManager manager;
    private final Function<float[], List<Objective>> target;
    private final int steps = options().get(STEPS);
    private final Score score = options().get(Score.OPTION);
    private final OutputActivation activation = model().outputActivation();

    private List<Objective> objectives = List.of();
    private float[] imageOutputs = {};
    private float[] baselineOutputs = {};

    Path(
        float[] image,
        float[] baseline,
        BatchAxes axes,
        ImageBuffer buffer,
        int mostPoints,
        NDManager manager,
        Function<float[], List<Objective>> target) {
      this.image = image;
      this.baseline = baseline;
      this.axes = axes;
      this.buffer = buffer;
      this.mostPoints = mostPoints;
      this.manager = manager;
      this.target = target;
    }

    /** Integrates for the objectives from one on, as many as memory allows at a time. */
    List<Attribution> integrate(int first, Progress progress) {
      // The image goes alone, since it is not known before how many maps it gets.
      int points = 1;
      List<double[]> means = new ArrayList<>();
      for (int done = 0; done <= steps; done += points) {
        Progress.checkNotInterrupted(done, steps + 1);
        if (done > 0) {
          long values = (means.size() + 1L) * image.length;
          points = Math.min(BatchSizes.inMemory(mostPoints, values), steps + 1 - done);
        }
        addGradients(steps - done, points, first, means);
        if (means.isEmpty()) {
          return List.of();
        }
        progress.update(done + points, steps + 1);
      }
      List<Attribution> made = new ArrayList<>();
      for (int k = 0; k < means.size(); k++) {
        made.add(attribution(objectives.get(first + k), means.get(k)));
      }
      return made;
    }

    /** Adds the gradients at some points, from the j-th towards the baseline. */
    private void addGradients(int j, int points, int first, List<double[]> means) {
      writePoints(j, points);
      try (NDManager scope = manager.newSubManager()) {
        NDList gradients =
            model()
                .inputGradients(
                    buffer.batch(scope, points), outputs -> outputGradients(outputs, j, first));
        for (int k = 0; k < gradients.size(); k++) {
          if (k == means.size()) {
            means.add(new double[image.length]);
          }
          double[] mean = means.get(k);
          FloatBuffer gradient = values(gradients.get(k));
          for (int p = 0; p < points; p++) {
            // The trapezoid counts the ends half.
            double weight = (j - p == 0 || j - p == steps ? 0.5 : 1) / steps;
            for (int i = 0; i < image.length; i++) {
              mean[i] += weight * gradient.get(p * image.length + i);
            }
          }
        }
      }
    }

    private void writePoints(int j, int points) {
      for (int p = 0; p < points; p++) {
        FloatBuffer point = buffer.image(p);
        float alpha = (float) (j - p) / steps;
        for (int i = 0; i < image.length; i++) {
          // At the end it is the image itself, without rounding.
          point.put(i, j - p == steps ? image[i] : baseline[i] + alpha * (image[i] - baseline[i]));
        }
      }
    }

    private List<float[]> outputGradients(float[][] outputs, int j, int first) {
      if (j == steps) {
        imageOutputs = outputs[0];
        objectives = target.apply(imageOutputs);
      }
      if (j - outputs.length < 0) {
        baselineOutputs = outputs[outputs.length - 1];
      }
      int most = BatchSizes.inMemory(objectives.size() + 1, image.length);
      int end = Math.min(objectives.size(), first + most);
      return objectives.subList(first, end).stream()
          .map(objective -> outputGradient(objective, outputs))
          .toList();
    }

    private float[] outputGradient(Objective objective, float[][] outputs) {
      float[][] rows = new float[outputs.length][];
      Arrays.setAll(rows, p -> objective.gradient(outputs[p], score, activation));
      return Floats.concat(rows);
    }

    private Attribution attribution(Objective objective, double[] meanGradient) {
      float[] values = new float[image.length];
      double sum = 0;
      for (int i = 0; i < values.length; i++) {
        double value = (image[i] - baseline[i]) * meanGradient[i];
        values[i] = (float) value;
        sum += value;
      }
      double difference =
          objective.value(imageOutputs, score, activation)
              - objective.value(baselineOutputs, score, activation);
      Attribution made =
          InputGradientMethod.ofGradient(objective, imageOutputs, axes, values)
              .withDiagnostic(DELTA, sum - difference);
      double allowed = options().get(TOLERANCE) * Math.abs(difference);
      return Math.abs(sum - difference) > allowed && made.status() == MapStatus.OK
          ? made.withStatus(MapStatus.NOT_CONVERGED)
          : made;
    }
  }
}

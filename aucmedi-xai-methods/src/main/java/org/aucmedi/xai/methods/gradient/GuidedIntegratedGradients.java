package org.aucmedi.xai.methods.gradient;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.aucmedi.xai.Attribution;
import org.aucmedi.xai.AttributionMethod;
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
import org.aucmedi.xai.methods.ImageBuffer;
import org.aucmedi.xai.model.Capability;
import org.aucmedi.xai.model.ExplainableModel;
import org.aucmedi.xai.model.OutputActivation;
import org.jspecify.annotations.Nullable;

/**
 * Guided integrated gradients: {@linkplain IntegratedGradients integrated gradients} along a path
 * that first changes the values to which the score hardly reacts, and so stays clear of the noise
 * that steep gradients on the straight path bring in.
 *
 * <p>With the image x with channels k and the baseline x', a point of the path is {@code x' + a (x
 * - x')} with an {@code a[i, k]} of its own for every value, at first 0. In each of n steps t the
 * gradient g of the score of class c is taken at the point; then
 *
 * <pre>{@code
 * 1. a = max(a, t/n - distance)
 * 2. while  sum of |x - x'| (1 - a)  is more than  (1 - t/n) * sum of |x - x'|:
 *      of the values whose a is below b = min(1, t/n + distance), those with the smallest |g|,
 *      a share of all values, go to b; or all of them as far as is needed
 * G[i, k] += (g[i, k] here + g[i, k] at the next point) / 2 * (way of the value in this step)
 * }</pre>
 *
 * <pre>{@code
 * M[i] = max over channels k of G[i, k]     (channels MAX, as AUCMEDI's integrated gradients)
 * M[i] = sum over channels k of G[i, k]     (channels SUM, the paper's)
 * }</pre>
 *
 * and the heatmap is M scaled by its extremes. With a distance of 0 it is integrated gradients. The
 * paper takes the gradient at the beginning of a step only; but a path that turns at the kinks of
 * rectifiers then always sees their flatter side, and the sum misses a part of the score however
 * many steps there are. The trapezoid rule leaves little of that. The attributions G should add up
 * to {@code S_c(x) - S_c(x')}; what is missing is the diagnostic {@link IntegratedGradients#DELTA},
 * and a map that misses more than {@link IntegratedGradients#TOLERANCE} of that difference is
 * marked {@link MapStatus#NOT_CONVERGED}.
 *
 * <p>Options: {@link #STEPS}, {@link #SHARE}, {@link #DISTANCE}, {@link
 * IntegratedGradients#BASELINE}, {@link IntegratedGradients#CHANNELS}, {@link
 * IntegratedGradients#TOLERANCE} and {@link Score#OPTION}.
 *
 * <p>Cost: one forward pass for a batch, and n + 1 forward and backward passes for each map, since
 * every class has a path of its own, whose steps need each other.
 *
 * <p>Paper: A. Kapishnikov et al., <a href="https://arxiv.org/abs/2106.09788">Guided Integrated
 * Gradients: An Adaptive Path Method for Removing Noise</a>, 2021.
 */
public final class GuidedIntegratedGradients extends AttributionMethod {

  /** The number of steps from the baseline to the image. */
  public static final MethodOption<Integer> STEPS =
      MethodOption.ofInt("steps", "number of steps from the baseline to the image")
          .range(1, 100_000)
          .defaults(200);

  /** How many values are changed at a time. */
  public static final MethodOption<Double> SHARE =
      MethodOption.ofDouble("share", "share of all values that move together, least gradient first")
          .range(1e-6, 1.0)
          .defaults(0.25);

  /** How far a value may be from the straight path. */
  public static final MethodOption<Double> DISTANCE =
      MethodOption.ofDouble(
              "distance", "how far from the straight path, as a share of the way to the image")
          .range(0.0, 1.0)
          .defaults(0.02);

  private static final MethodDescription DESCRIPTION =
      MethodDescription.of("Guided integrated gradients", "GuidedIG", "GuidedIntegratedGradients")
          .requiring(Capability.INPUT_GRADIENTS)
          .withOptions(
              STEPS,
              SHARE,
              DISTANCE,
              IntegratedGradients.BASELINE,
              IntegratedGradients.CHANNELS,
              IntegratedGradients.TOLERANCE,
              Score.OPTION)
          .costing(
              (options, sizes, maps) -> {
                long passes = (options.get(STEPS) + 1L) * maps;
                return new MethodCost.Passes(1 + passes, passes);
              });

  /** Describes and constructs the method. */
  public static final XAIMethodProvider<GuidedIntegratedGradients> PROVIDER =
      new XAIMethodProvider<>(DESCRIPTION, GuidedIntegratedGradients::new);

  private final AttributionMethod gradient;

  /**
   * Constructs the method.
   *
   * @param model the model to explain
   * @param layerName ignored
   * @param options the profile and the options that are set
   * @throws IllegalArgumentException if the method does not have an option that is set
   */
  public GuidedIntegratedGradients(
      ExplainableModel model, @Nullable String layerName, MethodOptions options) {
    super(DESCRIPTION, model, layerName, options);
    gradient =
        SaliencyMap.PROVIDER.create(
            model, null, options.only(SaliencyMap.PROVIDER.description().options()));
  }

  /** {@return a builder with the defaults of AUCMEDI's profile} */
  public static MethodBuilder<GuidedIntegratedGradients> builder() {
    return PROVIDER.builder();
  }

  @Override
  protected List<List<Attribution>> attribute(NDArray batch, Target target, Progress progress) {
    BatchAxes axes = new BatchAxes(batch.getShape(), model().channelLayout());
    BatchAxes one = axes.ofOneImage();
    ImageBuffer buffer = new ImageBuffer(batch.getShape().slice(1), 1);
    float[][] outputs = model().outputs(batch);
    float[] values = batch.toFloatArray();
    List<List<Attribution>> all = new ArrayList<>();
    for (int n = 0; n < axes.images(); n++) {
      List<Objective> objectives = target.objectives(outputs[n], n, axes.images());
      float[] image = ofImage(values, n, axes.images());
      NDManager manager = batch.getManager();
      float[] baseline = options().get(IntegratedGradients.BASELINE).of(image, one, manager);
      List<Attribution> own = new ArrayList<>();
      for (Objective objective : objectives) {
        GuidedPath path =
            new GuidedPath(image, baseline, options().get(SHARE), options().get(DISTANCE));
        float[] start = follow(path, objective, buffer, manager, progress);
        own.add(attribution(objective, outputs[n], start, one, path.attributions()));
      }
      all.add(own);
    }
    return all;
  }

  /**
   * Goes all steps of a path. A pass has one point only: in a batch the last digits of a gradient
   * may be others, and turn the path.
   *
   * @return the model's outputs for the start
   */
  private float[] follow(
      GuidedPath path,
      Objective objective,
      ImageBuffer buffer,
      NDManager manager,
      Progress progress) {
    float[] start = {};
    Target same = Target.ofObjectives(List.of(List.of(objective)));
    int steps = options().get(STEPS);
    for (int t = 0; t <= steps; t++) {
      Progress.checkNotInterrupted(t, steps + 1);
      path.write(buffer.image(0));
      try (NDManager scope = manager.newSubManager()) {
        Attribution here = gradient.attributions(buffer.batch(scope, 1), same).get(0).get(0);
        if (t == 0) {
          start = here.outputs();
        }
        path.arrive(here.values());
        if (t < steps) {
          path.goOn(here.values(), (t + 1.0) / steps);
        }
      }
      progress.update(t + 1, steps + 1);
    }
    return start;
  }

  private Attribution attribution(
      Objective objective, float[] outputs, float[] start, BatchAxes axes, double[] integral) {
    float[] values = new float[integral.length];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) integral[i];
    }
    Score score = options().get(Score.OPTION);
    OutputActivation activation = model().outputActivation();
    return PathGradients.completed(
        InputGradientMethod.ofGradient(objective, outputs, axes, values),
        Arrays.stream(integral).sum(),
        objective.value(outputs, score, activation) - objective.value(start, score, activation),
        options());
  }

  @Override
  protected ChannelReduction channelReduction() {
    return options().get(IntegratedGradients.CHANNELS);
  }

  /** A path for one objective, and what has been attributed on it. */
  static final class GuidedPath {

    private final float[] image;
    private final float[] baseline;
    private final double distance;
    private final int together;

    /** How far each value is on its way, from 0 to 1. */
    private final double[] a;

    /** The way of each value in the last step. */
    private final double[] moved;

    private final double[] attributions;
    private final double length;

    GuidedPath(float[] image, float[] baseline, double share, double distance) {
      this.image = image;
      this.baseline = baseline;
      this.distance = distance;
      together = (int) Math.max(1, Math.ceil(share * image.length));
      a = new double[image.length];
      moved = new double[image.length];
      attributions = new double[image.length];
      length = missing();
    }

    private double way(int i) {
      return (double) image[i] - baseline[i];
    }

    /** The distance from the image, in the L1 norm. */
    private double missing() {
      return IntStream.range(0, a.length).mapToDouble(i -> Math.abs(way(i)) * (1 - a[i])).sum();
    }

    void write(FloatBuffer point) {
      for (int i = 0; i < a.length; i++) {
        point.put(i, (float) (baseline[i] + a[i] * way(i)));
      }
    }

    /** Counts the gradient at the point where the last step has ended. */
    void arrive(float[] gradient) {
      for (int i = 0; i < a.length; i++) {
        attributions[i] += gradient[i] * moved[i] / 2;
        moved[i] = 0;
      }
    }

    /** Goes on until the given share of the distance is done, from a point with this gradient. */
    void goOn(float[] gradient, double share) {
      double least = share - distance;
      double most = Math.min(1, share + distance);
      for (int i = 0; i < a.length; i++) {
        if (a[i] < least || share == 1) {
          move(i, share == 1 ? 1 : least, gradient);
        }
      }
      double needed = missing() - (1 - share) * length;
      int[] order = leastFirst(gradient, most);
      int to = 0;
      for (int from = 0; from < order.length && needed > 0; from = to) {
        to = Math.min(order.length, from + together);
        // Equal gradients stay together, so that the order of values is of no account.
        float last = Math.abs(gradient[order[to - 1]]);
        while (to < order.length && Math.abs(gradient[order[to]]) == last) {
          to++;
        }
        double room = 0;
        for (int o = from; o < to; o++) {
          room += Math.abs(way(order[o])) * (most - a[order[o]]);
        }
        double part = Math.min(1, needed / room);
        for (int o = from; o < to; o++) {
          int i = order[o];
          move(i, a[i] + part * (most - a[i]), gradient);
        }
        needed -= room;
      }
    }

    /** The values that may still move, in the order of their gradients' magnitudes. */
    private int[] leastFirst(float[] gradient, double most) {
      // The bits of numbers that are not negative have their order.
      long[] keys =
          IntStream.range(0, a.length)
              .filter(i -> a[i] < most && way(i) != 0)
              .mapToLong(i -> ((long) Float.floatToIntBits(Math.abs(gradient[i])) << 32) | i)
              .sorted()
              .toArray();
      return Arrays.stream(keys).mapToInt(key -> (int) key).toArray();
    }

    private void move(int i, double to, float[] gradient) {
      double way = (to - a[i]) * way(i);
      attributions[i] += gradient[i] * way / 2;
      moved[i] += way;
      a[i] = to;
    }

    double[] attributions() {
      return attributions;
    }
  }
}

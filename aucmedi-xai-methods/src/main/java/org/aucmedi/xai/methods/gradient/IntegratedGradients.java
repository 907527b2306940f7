package org.aucmedi.xai.methods.gradient;

import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import com.google.common.primitives.Floats;
import java.util.Collections;
import java.util.List;
import org.aucmedi.xai.AttributionMethod;
import org.aucmedi.xai.AucmediMethod;
import org.aucmedi.xai.MapStatus;
import org.aucmedi.xai.MethodOption;
import org.aucmedi.xai.MethodOptions;
import org.aucmedi.xai.Profile;
import org.aucmedi.xai.RawMaps;
import org.aucmedi.xai.Score;
import org.aucmedi.xai.Target;
import org.aucmedi.xai.array.BatchAxes;
import org.aucmedi.xai.methods.AucmediProvider;
import org.aucmedi.xai.methods.Baseline;
import org.aucmedi.xai.methods.Passes;
import org.aucmedi.xai.model.Capability;
import org.aucmedi.xai.model.ExplainableModel;
import org.aucmedi.xai.model.OutputActivation;
import org.jspecify.annotations.Nullable;

/**
 * Integrated gradients: each pixel's share of what the score gains on the straight way from a
 * baseline to the image.
 *
 * <p>With the image x, the baseline x', the score {@code S_c} and n steps,
 *
 * <pre>{@code
 * g_j      = dS_c/dx at x' + j/n * (x - x'),  j = 0..n
 * IG[i, k] = (x[i, k] - x'[i, k]) * 1/n * sum over j < n of (g_j[i, k] + g_{j+1}[i, k]) / 2
 * M[i]     = max over channels k of IG[i, k]     (channels SIGNED, AUCMEDI's)
 * M[i]     = sum over channels k of IG[i, k]     (channels SUM, the paper's)
 * }</pre>
 *
 * and the heatmap is M scaled by its extremes. The shares add up to {@code S_c(x) - S_c(x')} as n
 * grows (completeness). What is missing is the {@linkplain #completenessDeltas delta}; a map whose
 * delta is more than {@link #TOLERANCE} of the gain is marked {@link MapStatus#NOT_CONVERGED}.
 *
 * <p>Options: {@link #STEPS}, {@link #BASELINE}, {@link #CHANNELS}, {@link #TOLERANCE}, {@link
 * #BATCH_SIZE} and {@link Score#OPTION}. The result does not depend on the batch size.
 *
 * <p>Cost: n + 1 forward passes per image, and as many backward passes per class. Where the
 * gradients of all classes are more than {@link Passes#MAX_VALUES} numbers, the classes are done a
 * few at a time, with forward passes of their own.
 *
 * <p>Paper: M. Sundararajan, A. Taly, Q. Yan, <a href="https://arxiv.org/abs/1703.01365">Axiomatic
 * Attribution for Deep Networks</a>, 2017.
 */
public final class IntegratedGradients extends AttributionMethod {

  /** The number of steps from the baseline to the image. */
  public static final MethodOption<Integer> STEPS =
      MethodOption.ofInt("steps", "steps from the baseline to the image", 1, 100_000, 50, 50);

  /** Where the way begins. */
  public static final MethodOption<Baseline> BASELINE =
      Baseline.option(
          "baseline",
          "where the way to the image begins",
          new Baseline.Constant(0),
          new Baseline.Constant(0));

  /** How the shares of a pixel's channels become one value. */
  public static final MethodOption<ChannelReduction> CHANNELS =
      ChannelReduction.option(ChannelReduction.SUM);

  /** How much of the gain may be missing before a map is marked. */
  public static final MethodOption<Double> TOLERANCE =
      MethodOption.ofDouble(
          "tolerance", "the part of the gain that may be missing", 0, 1e6, 0.05, 0.05);

  /** How many points of the way go through the model at once. */
  public static final MethodOption<Integer> BATCH_SIZE =
      MethodOption.ofInt("batch-size", "points of the way per pass, at most", 1, 100_000, 16, 16);

  private static final ImmutableList<MethodOption<?>> OPTIONS =
      ImmutableList.of(STEPS, BASELINE, CHANNELS, TOLERANCE, BATCH_SIZE, Score.OPTION);

  /** The shares of every value of an image, what is missing and the gain, for one map. */
  private record Shares(float[] values, double delta, double gain) {}

  /** Takes the shares of a map. */
  @FunctionalInterface
  private interface Receiver {
    void accept(int map, Shares shares);
  }

  /**
   * Constructs the method as AUCMEDI computes it.
   *
   * @param model a loaded DJL model
   */
  public IntegratedGradients(Model model) {
    this(explainable(model));
  }

  /**
   * Constructs the method as AUCMEDI computes it.
   *
   * @param model the model to explain
   */
  public IntegratedGradients(ExplainableModel model) {
    this(model, null, MethodOptions.of(Profile.AUCMEDI));
  }

  /**
   * Constructs the method.
   *
   * @param model the model to explain
   * @param layerName ignored; accepted since every method is constructed alike
   * @param options the parameters
   */
  public IntegratedGradients(
      ExplainableModel model, @Nullable String layerName, MethodOptions options) {
    super(model, layerName, options.checkKnown(OPTIONS));
  }

  @Override
  protected RawMaps attribute(NDArray batch, Target target) {
    BatchAxes axes = new BatchAxes(batch.getShape(), model().channelLayout());
    BatchAxes one =
        new BatchAxes(new Shape(1).addAll(batch.getShape().slice(1)), model().channelLayout());
    float[][] outputs = model().outputs(batch);
    List<float[]> seeds = target.seeds(axes.images(), outputs[0].length);
    RawMaps raw = new RawMaps(axes.images(), seeds.size(), axes.spatialShape());
    float[] values = batch.toFloatArray();
    for (int n = 0; n < axes.images(); n++) {
      int index = n;
      integrate(
          values,
          n,
          one,
          seeds,
          outputs[n],
          batch,
          (k, shares) -> {
            options().get(CHANNELS).reduce(shares.values, one, 0, raw, index, k);
            double allowed = options().get(TOLERANCE) * Math.abs(shares.gain);
            if (Math.abs(shares.delta) > allowed && raw.statusOf(index, k) == MapStatus.OK) {
              raw.mark(index, k, MapStatus.NOT_CONVERGED);
            }
          });
    }
    raw.markNonFinite(outputs);
    return raw;
  }

  /**
   * Computes what the shares are short of the gain {@code S_c(x) - S_c(x')}.
   *
   * @param batch N images, float32
   * @param target what to explain, K maps per image
   * @return for each image and map the sum of all shares minus the gain
   */
  public double[][] completenessDeltas(NDArray batch, Target target) {
    int images = Math.toIntExact(checkBatch(batch).getShape().get(0));
    BatchAxes one =
        new BatchAxes(new Shape(1).addAll(batch.getShape().slice(1)), model().channelLayout());
    float[][] outputs = model().outputs(batch);
    List<float[]> seeds = target.seeds(images, outputs[0].length);
    float[] values = batch.toFloatArray();
    double[][] deltas = new double[images][seeds.size()];
    for (int n = 0; n < images; n++) {
      double[] own = deltas[n];
      integrate(values, n, one, seeds, outputs[n], batch, (k, shares) -> own[k] = shares.delta);
    }
    return deltas;
  }

  /** Hands the shares of every map of one image over, as few at a time as memory allows. */
  private void integrate(
      float[] values,
      int index,
      BatchAxes axes,
      List<float[]> seeds,
      float[] output,
      NDArray batch,
      Receiver receiver) {
    int images = Math.toIntExact(batch.getShape().get(0));
    float[] image = ofImage(values, index, images);
    float[] baseline = options().get(BASELINE).of(image, axes, batch.getManager());
    List<float[]> own = seeds.stream().map(seed -> ofImage(seed, index, images)).toList();
    double[] gains = gains(output, baseline, own, batch);
    int most = Passes.images(own.size(), image.length);
    for (int first = 0; first < own.size(); first += most) {
      List<float[]> part = own.subList(first, Math.min(first + most, own.size()));
      double[][] means = meanGradients(image, baseline, part, batch);
      for (int k = 0; k < part.size(); k++) {
        receiver.accept(first + k, shares(image, baseline, means[k], gains[first + k]));
      }
    }
  }

  private static Shares shares(float[] image, float[] baseline, double[] means, double gain) {
    float[] shares = new float[image.length];
    double sum = 0;
    for (int i = 0; i < image.length; i++) {
      double share = (image[i] - baseline[i]) * means[i];
      shares[i] = (float) share;
      sum += share;
    }
    return new Shares(shares, sum - gain, gain);
  }

  /** The mean gradients on the way to one image, summed up chunk by chunk. */
  private double[][] meanGradients(
      float[] image, float[] baseline, List<float[]> seeds, NDArray batch) {
    int steps = options().get(STEPS);
    // Each point has its values and a gradient for each map.
    long values = (seeds.size() + 1L) * image.length;
    int chunk = Passes.images(options().get(BATCH_SIZE), values);
    double[][] sums = new double[seeds.size()][image.length];
    for (int first = 0; first <= steps; first += chunk) {
      Passes.checkNotInterrupted(first, steps + 1);
      int points = Math.min(chunk, steps + 1 - first);
      float[] way = new float[points * image.length];
      for (int p = 0; p < points; p++) {
        float part = (float) (first + p) / steps;
        for (int i = 0; i < image.length; i++) {
          way[p * image.length + i] = baseline[i] + part * (image[i] - baseline[i]);
        }
      }
      try (NDManager scope = batch.getManager().newSubManager()) {
        NDArray images = create(scope, way, new Shape(points).addAll(batch.getShape().slice(1)));
        NDList gradients = model().inputGradients(images, outputs -> onPath(seeds, outputs));
        for (int k = 0; k < seeds.size(); k++) {
          float[] gradient = gradients.get(k).toFloatArray();
          for (int p = 0; p < points; p++) {
            // The trapezoid counts the ends half.
            double weight = first + p == 0 || first + p == steps ? 0.5 : 1;
            for (int i = 0; i < image.length; i++) {
              sums[k][i] += weight / steps * gradient[p * image.length + i];
            }
          }
        }
      }
    }
    return sums;
  }

  /** The derivatives of the scores at every point: the same weights for each. */
  private List<float[]> onPath(List<float[]> weights, float[][] outputs) {
    List<float[]> repeated =
        weights.stream()
            .map(w -> Floats.concat(Collections.nCopies(outputs.length, w).toArray(float[][]::new)))
            .toList();
    return options()
        .get(Score.OPTION)
        .outputGradients(repeated, outputs, model().outputActivation());
  }

  /** Returns, for each weighting, the score of the image minus that of the baseline. */
  private double[] gains(float[] output, float[] baseline, List<float[]> weights, NDArray batch) {
    try (NDManager scope = batch.getManager().newSubManager()) {
      Shape one = new Shape(1).addAll(batch.getShape().slice(1));
      float[] start = model().outputs(create(scope, baseline, one))[0];
      Score score = options().get(Score.OPTION);
      OutputActivation activation = model().outputActivation();
      return weights.stream()
          .mapToDouble(w -> score.value(w, output, activation) - score.value(w, start, activation))
          .toArray();
    }
  }

  /** Registers the method under AUCMEDI's keys. */
  public static final class Provider extends AucmediProvider {

    /** Constructs the provider; ServiceLoader calls this. */
    public Provider() {
      super(
          AucmediMethod.INTEGRATED_GRADIENTS,
          ImmutableSet.of(Capability.INPUT_GRADIENTS),
          false,
          OPTIONS,
          IntegratedGradients::new);
    }
  }
}

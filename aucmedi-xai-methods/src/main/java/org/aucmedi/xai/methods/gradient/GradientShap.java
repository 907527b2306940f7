package org.aucmedi.xai.methods.gradient;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.aucmedi.xai.Attribution;
import org.aucmedi.xai.AttributionMethod;
import org.aucmedi.xai.ChannelReduction;
import org.aucmedi.xai.MethodBuilder;
import org.aucmedi.xai.MethodCost;
import org.aucmedi.xai.MethodDescription;
import org.aucmedi.xai.MethodOption;
import org.aucmedi.xai.MethodOptions;
import org.aucmedi.xai.Score;
import org.aucmedi.xai.XAIMethodProvider;
import org.aucmedi.xai.array.BatchAxes;
import org.aucmedi.xai.methods.Baseline;
import org.aucmedi.xai.methods.ImageBuffer;
import org.aucmedi.xai.methods.SampleMoments;
import org.aucmedi.xai.model.Capability;
import org.aucmedi.xai.model.ExplainableModel;
import org.jspecify.annotations.Nullable;

/**
 * GradientSHAP, also called expected gradients: {@linkplain IntegratedGradients integrated
 * gradients}, averaged over many baselines, by random points of the paths.
 *
 * <p>With the image x with channels k, the score {@code S_c} of class c, and N samples of a
 * baseline x' and a number alpha from 0 to 1,
 *
 * <pre>{@code
 * G[i, k] = 1/N * sum over n of (x[i, k] - x'_n[i, k]) * dS_c/dx[i, k] at x'_n + alpha_n (x - x'_n)
 * M[i]    = max over channels k of G[i, k]     (channels MAX, as AUCMEDI's integrated gradients)
 * M[i]    = sum over channels k of G[i, k]     (channels SUM, the paper's)
 * }</pre>
 *
 * and the heatmap is M scaled by its extremes. Both are drawn evenly: each baseline comes equally
 * often but for one, and the n-th alpha lies in the n-th of N equal parts, in random order. The
 * attributions G add up to {@code S_c(x)} less the mean score of the baselines, as N grows; what is
 * missing is the diagnostic {@link IntegratedGradients#DELTA}, and a map that misses more than
 * {@link IntegratedGradients#TOLERANCE} of that difference is marked as not converged. How far the
 * values may be off is the diagnostic {@link SampleMoments#STANDARD_ERROR}, their mean, at most:
 * the even draws are better than the independent ones that it supposes.
 *
 * <p>All classes and images share one set of samples, drawn from {@link #SEED}. The map depends on
 * neither the batch size nor the other images.
 *
 * <p>Options: {@link #SAMPLES}, {@link #BASELINES}, {@link IntegratedGradients#CHANNELS}, {@link
 * IntegratedGradients#TOLERANCE}, {@link Score#OPTION}, {@link #RELIABILITY}, {@link #SEED}, {@link
 * #BATCH_SIZE}.
 *
 * <p>Cost: one forward pass for a batch; for each image one forward pass for each baseline; and for
 * each sample one forward pass, and one backward pass per class. Where the gradients of all classes
 * do not fit into memory, the classes are done a few at a time, with forward passes of their own.
 *
 * <p>Papers: S. Lundberg, S.-I. Lee, <a href="https://arxiv.org/abs/1705.07874">A Unified Approach
 * to Interpreting Model Predictions</a>, 2017; G. Erion et al., <a
 * href="https://arxiv.org/abs/1906.10670">Improving Performance of Deep Learning Models with
 * Axiomatic Attribution Priors and Expected Gradients</a>, 2021.
 */
public final class GradientShap extends SampledGradients {

  /** How many points of the paths. */
  public static final MethodOption<Integer> SAMPLES =
      MethodOption.ofInt("samples", "number of random points on the way from a baseline")
          .range(2, 1_000_000)
          .defaults(200);

  /** Where the paths start. */
  public static final MethodOption<Baselines> BASELINES =
      Baselines.option(Baselines.of(new Baseline.Constant(0)));

  private static final MethodDescription DESCRIPTION =
      MethodDescription.of("GradientSHAP", "GradientShap", "ExpectedGradients")
          .requiring(Capability.INPUT_GRADIENTS)
          .withOptions(
              SAMPLES,
              BASELINES,
              IntegratedGradients.CHANNELS,
              IntegratedGradients.TOLERANCE,
              Score.OPTION,
              RELIABILITY,
              SEED,
              BATCH_SIZE)
          .costing(
              (options, sizes, maps) -> {
                long samples = options.get(SAMPLES);
                return new MethodCost.Passes(
                    1 + options.get(BASELINES).all().size() + samples, samples * maps);
              });

  /** Describes and constructs the method. */
  public static final XAIMethodProvider<GradientShap> PROVIDER =
      new XAIMethodProvider<>(DESCRIPTION, GradientShap::new);

  private final AttributionMethod gradient;

  /**
   * Constructs the method.
   *
   * @param model the model to explain
   * @param layerName ignored
   * @param options the profile and the options that are set
   * @throws IllegalArgumentException if the method does not have an option that is set
   */
  public GradientShap(ExplainableModel model, @Nullable String layerName, MethodOptions options) {
    super(DESCRIPTION, model, layerName, options, Statistic.MEAN);
    gradient =
        SaliencyMap.PROVIDER.create(
            model, null, options.only(SaliencyMap.PROVIDER.description().options()));
  }

  /** {@return a builder with the defaults of AUCMEDI's profile} */
  public static MethodBuilder<GradientShap> builder() {
    return PROVIDER.builder();
  }

  @Override
  AttributionMethod inner() {
    return gradient;
  }

  @Override
  int samples() {
    return options().get(SAMPLES);
  }

  @Override
  Copies copies(float[] image, BatchAxes axes, NDArray batch) {
    List<float[]> starts = new ArrayList<>();
    List<float[]> outputs = new ArrayList<>();
    for (Baseline baseline : options().get(BASELINES).all()) {
      float[] start = baseline.of(image, axes, batch.getManager());
      starts.add(start);
      try (NDManager scope = batch.getManager().newSubManager()) {
        Shape shape = new Shape(1).addAll(batch.getShape().slice(1));
        outputs.add(model().outputs(create(scope, start, shape))[0]);
      }
    }
    SplittableRandom random = new SplittableRandom(options().get(SEED));
    return new Points(
        image,
        starts,
        outputs,
        shuffled(samples(), random.split()),
        shuffled(samples(), random.split()));
  }

  private static int[] shuffled(int count, SplittableRandom random) {
    int[] order = new int[count];
    for (int i = 0; i < count; i++) {
      int other = random.nextInt(i + 1);
      order[i] = order[other];
      order[other] = i;
    }
    return order;
  }

  /** Points on the ways from the baselines to the image. */
  private final class Points implements Copies {

    private final float[] image;
    private final List<float[]> starts;
    private final List<float[]> outputs;
    private final int[] baselines;
    private final int[] parts;

    Points(
        float[] image, List<float[]> starts, List<float[]> outputs, int[] baselines, int[] parts) {
      this.image = image;
      this.starts = starts;
      this.outputs = outputs;
      this.baselines = baselines;
      this.parts = parts;
    }

    private float[] start(int index) {
      return starts.get(baselines[index] % starts.size());
    }

    @Override
    public void write(int index, SplittableRandom random, FloatBuffer copy) {
      float alpha = (float) ((parts[index] + random.nextDouble()) / parts.length);
      ImageBuffer.writeBetween(copy, start(index), image, alpha);
    }

    @Override
    public double share(int index, int at, double value) {
      return (image[at] - start(index)[at]) * value;
    }

    @Override
    public Attribution complete(Attribution made) {
      double sum = 0;
      for (float value : made.values()) {
        sum += value;
      }
      double gain = score(made, made.outputs());
      for (float[] output : outputs) {
        gain -= score(made, output) / outputs.size();
      }
      return PathGradients.completed(made, sum, gain, options());
    }

    private double score(Attribution made, float[] output) {
      return made.objective()
          .value(output, options().get(Score.OPTION), model().outputActivation());
    }
  }

  @Override
  protected ChannelReduction channelReduction() {
    return options().get(IntegratedGradients.CHANNELS);
  }
}

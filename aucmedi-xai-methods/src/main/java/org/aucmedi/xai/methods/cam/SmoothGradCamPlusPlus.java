package org.aucmedi.xai.methods.cam;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.SplittableRandom;
import org.aucmedi.xai.Attribution;
import org.aucmedi.xai.BatchSizes;
import org.aucmedi.xai.MapStatus;
import org.aucmedi.xai.MethodBuilder;
import org.aucmedi.xai.MethodCost;
import org.aucmedi.xai.MethodOptions;
import org.aucmedi.xai.Objective;
import org.aucmedi.xai.Progress;
import org.aucmedi.xai.Score;
import org.aucmedi.xai.Target;
import org.aucmedi.xai.TargetGradient;
import org.aucmedi.xai.XAIMethodProvider;
import org.aucmedi.xai.array.BatchAxes;
import org.aucmedi.xai.methods.ImageBuffer;
import org.aucmedi.xai.methods.ImageNoise;
import org.aucmedi.xai.methods.SampleMoments;
import org.aucmedi.xai.methods.gradient.SmoothGrad;
import org.aucmedi.xai.model.ExplainableModel;
import org.aucmedi.xai.model.LayerGradients;
import org.jspecify.annotations.Nullable;

/**
 * Smooth Grad-CAM++: Grad-CAM++ with derivatives that are averaged over noisy copies of the image.
 *
 * <p>With the activations A of the image, and the gradients {@code g_n = dS_c/dA} at each of N
 * copies {@code x + e_n},
 *
 * <pre>{@code
 * e_n         ~ normal(0, (noise * (max x - min x))^2) for each value
 * Dp[k, i]    = 1/N * sum over n of g_n[k, i]^p                           for p = 1, 2, 3
 * alpha[k, i] = D2[k, i] / (2 D2[k, i] + D3[k, i] * sum over j of A[k, j])
 * w[k]        = sum over i of alpha[k, i] * max(0, D1[k, i])
 * L[i]        = sum over k of w[k] * A[k, i]
 * }</pre>
 *
 * As in {@link GradCamPlusPlus} these are the derivatives of {@code exp(S_c)} without the factor
 * {@code exp(S_c)}, which would make the copy with the highest score count alone. A position where
 * D2 or the denominator is 0 has alpha 0. Without noise it is Grad-CAM++ with {@code
 * normalize-alpha=false}.
 *
 * <p>How far the map may be off is the diagnostic {@link SampleMoments#STANDARD_ERROR}, the mean
 * over all positions of the standard error of L before ReLU. It is estimated from the maps of ten
 * parts of the copies.
 *
 * <p>All classes and images share one set of noise. The map depends on neither the batch size nor
 * the other images.
 *
 * <p>Options: {@link #RELU}, {@link LayerChoice#OPTION} where no layer is named, {@link
 * LayerFusion#OPTION} where several are, {@link Smoothing#OPTION}, {@link Tokens#OPTION}, {@link
 * Score#OPTION}; samples, noise, seed and batch size as of {@link SmoothGrad}. Scaling as for
 * {@link GradCam}.
 *
 * <p>Cost: one forward pass for a batch, and for each copy one forward pass, and one backward pass
 * per class. Where the derivatives of all classes do not fit into memory, the classes are done a
 * few at a time, with forward passes of their own. One more forward pass of one image the first
 * time, to see the layers.
 *
 * <p>Paper: D. Omeiza et al., <a href="https://arxiv.org/abs/1908.01224">Smooth Grad-CAM++: An
 * Enhanced Inference Level Visualization Technique for Deep Convolutional Neural Network
 * Models</a>, 2019.
 */
public final class SmoothGradCamPlusPlus extends ClassActivationMap {

  /** Describes and constructs the method. */
  public static final XAIMethodProvider<SmoothGradCamPlusPlus> PROVIDER =
      new XAIMethodProvider<>(
          describe("Smooth Grad-CAM++", "smoothgradcam++", "SmoothGradCAM++", "SmoothGradCAMpp")
              .withOptions(
                  RELU,
                  LayerChoice.OPTION,
                  LayerFusion.OPTION,
                  Smoothing.OPTION,
                  Tokens.OPTION,
                  SmoothGrad.SAMPLES,
                  SmoothGrad.NOISE,
                  Score.OPTION,
                  SmoothGrad.SEED,
                  SmoothGrad.BATCH_SIZE)
              .costing(
                  Smoothing.times(
                      (options, sizes, maps) -> {
                        long samples = options.get(SmoothGrad.SAMPLES);
                        return new MethodCost.Passes(1 + samples, samples * maps);
                      })),
          SmoothGradCamPlusPlus::new);

  /** The parts of the copies whose maps tell the error. */
  private static final int PARTS = 10;

  /** Constructs the method; arguments as of {@link GradCam}. */
  public SmoothGradCamPlusPlus(
      ExplainableModel model, @Nullable String layerName, MethodOptions options) {
    super(PROVIDER.description(), model, layerName, options);
  }

  /** {@return a builder with AUCMEDI's defaults} */
  public static MethodBuilder<SmoothGradCamPlusPlus> builder() {
    return PROVIDER.builder();
  }

  @Override
  protected double[] map(float[][] activations, float[][] gradients) {
    throw new IllegalStateException("the weights are made of the gradients of many copies");
  }

  @Override
  List<List<Attribution>> withGradients(
      NDManager scope, NDArray batch, TargetGradient scores, Seen known, Progress progress) {
    // The objectives are those of the image itself, whatever the model says of the copies.
    LayerGradients clean = objectivesOnly(scope, batch, scores, known);
    Shape output = clean.activations().getShape();
    float[][][] activations = known.placement(output).channels(clean.activations());
    int[] sizes = known.placement(output).spatial(output);
    float[] values = batch.toFloatArray();
    List<List<Attribution>> all = new ArrayList<>();
    for (int n = 0; n < activations.length; n++) {
      List<Objective> objectives = scores.objectives().get(n);
      float[] image = ofImage(values, n, activations.length);
      Copies copies = new Copies(scope, image, batch.getShape().slice(1), known);
      List<Derivatives> derivatives = new ArrayList<>();
      long layerSize = (long) activations[n].length * activations[n][0].length;
      int fit = BatchSizes.inMemory(Math.max(1, objectives.size()), 6 * layerSize);
      for (int first = 0; first < objectives.size(); first += fit) {
        derivatives.addAll(
            copies.of(
                objectives.subList(first, Math.min(objectives.size(), first + fit)),
                activations[n],
                progress));
      }
      List<Attribution> own = new ArrayList<>();
      for (int k = 0; k < derivatives.size(); k++) {
        own.add(
            attribution(
                derivatives.get(k), objectives.get(k), scores.outputs()[n], sizes, known.layer()));
      }
      all.add(own);
    }
    return all;
  }

  private Attribution attribution(
      Derivatives found, Objective objective, float[] outputs, int[] sizes, String layer) {
    BatchAxes axes = BatchAxes.ofMap(sizes);
    Attribution made =
        withReliability(
            SampleMoments.withErrors(
                Attribution.of(objective, outputs, axes, rectified(found.map())).withLayer(layer),
                found.maps::errorOfMean),
            Attribution.of(objective, outputs, axes, rectified(found.half(0))),
            Attribution.of(objective, outputs, axes, rectified(found.half(1))));
    return found.zero ? made.withStatus(MapStatus.ZERO_GRADIENT) : made;
  }

  /** The noisy copies of an image. */
  private final class Copies {

    private final NDManager manager;
    private final Shape shape;
    private final Seen known;
    private final ImageNoise noise;
    private final int samples = options().get(SmoothGrad.SAMPLES);

    Copies(NDManager manager, float[] image, Shape shape, Seen known) {
      this.manager = manager;
      this.shape = shape;
      this.known = known;
      this.noise = ImageNoise.relative(image, options().get(SmoothGrad.NOISE));
    }

    /** Differentiates the objectives at every copy. */
    List<Derivatives> of(List<Objective> objectives, float[][] activations, Progress progress) {
      List<Derivatives> found =
          objectives.stream().map(objective -> new Derivatives(activations, samples)).toList();
      int wanted =
          BatchSizes.of(
              options().get(SmoothGrad.BATCH_SIZE), noise.image().length, manager.getDevice());
      long layerSize = (long) activations.length * activations[0].length;
      int most = BatchSizes.inMemory(wanted, (objectives.size() + 1L) * layerSize);
      ImageBuffer buffer = new ImageBuffer(shape, Math.min(most, samples));
      // The seed is the same for every image, so that a map does not depend on the batch.
      SplittableRandom root = new SplittableRandom(options().get(SmoothGrad.SEED));
      for (int done = 0; done < samples; ) {
        Progress.checkNotInterrupted(done, samples);
        int now = Math.min(most, samples - done);
        for (int i = 0; i < now; i++) {
          noise.write(root.split(), buffer.image(i));
        }
        try (NDManager scope = manager.newSubManager()) {
          Target same = Target.ofObjectives(Collections.nCopies(now, objectives));
          LayerGradients pass =
              layerGradients(
                  scope, buffer.batch(scope, now), gradientOf(same, score()), known.layer());
          Placement placement = known.placement(pass.activations().getShape());
          for (int k = 0; k < found.size(); k++) {
            float[][][] gradients = placement.channels(pass.gradients().get(k));
            for (int i = 0; i < now; i++) {
              found.get(k).add(done + i, gradients[i]);
            }
          }
        }
        done += now;
        progress.update(done, samples);
      }
      return found;
    }
  }

  /** The sums of the powers of the gradients at the copies, for one objective. */
  private static final class Derivatives {

    private final float[][] activations;
    private final int samples;
    private final double[][][] all;
    private final double[][][] part;
    private final SampleMoments maps;
    private final SampleMoments[] halves;
    private int inPart;
    private boolean zero = true;

    Derivatives(float[][] activations, int samples) {
      this.activations = activations;
      this.samples = samples;
      this.all = new double[3][activations.length][activations[0].length];
      this.part = new double[3][activations.length][activations[0].length];
      this.maps = SampleMoments.ofMean(activations[0].length);
      this.halves =
          new SampleMoments[] {
            SampleMoments.ofMean(activations[0].length), SampleMoments.ofMean(activations[0].length)
          };
    }

    /** Adds the gradients at a copy; the copies come in order. */
    void add(int index, float[][] gradients) {
      for (int k = 0; k < gradients.length; k++) {
        for (int i = 0; i < gradients[k].length; i++) {
          double gradient = gradients[k][i];
          zero &= gradient == 0;
          double power = 1;
          for (double[][] sums : part) {
            power *= gradient;
            sums[k][i] += power;
          }
        }
      }
      inPart++;
      int parts = Math.min(PARTS, samples);
      boolean ends = (long) (index + 1) * parts / samples > (long) index * parts / samples;
      if (ends) {
        endPart();
      }
    }

    private void endPart() {
      double[] map = map(part, inPart);
      inPart = 0;
      halves[Math.toIntExact(maps.count() % 2)].add(i -> map[i]);
      maps.add(i -> map[i]);
      for (int p = 0; p < part.length; p++) {
        for (int k = 0; k < part[p].length; k++) {
          for (int i = 0; i < part[p][k].length; i++) {
            all[p][k][i] += part[p][k][i];
          }
          Arrays.fill(part[p][k], 0);
        }
      }
    }

    double[] map() {
      return map(all, samples);
    }

    /** The mean of the maps of every second part. */
    double[] half(int first) {
      double[] map = new double[activations[0].length];
      Arrays.setAll(map, halves[first]::mean);
      return map;
    }

    /** The formula, of so many copies; in alpha their number cancels. */
    private double[] map(double[][][] sums, int copies) {
      double[] map = new double[activations[0].length];
      for (int k = 0; k < activations.length; k++) {
        double total = 0;
        for (float activation : activations[k]) {
          total += activation;
        }
        double weight = 0;
        for (int i = 0; i < map.length; i++) {
          double denominator = 2 * sums[1][k][i] + sums[2][k][i] * total;
          if (sums[1][k][i] != 0 && denominator != 0) {
            weight += sums[1][k][i] / denominator * Math.max(0, sums[0][k][i]) / copies;
          }
        }
        for (int i = 0; i < map.length; i++) {
          map[i] += weight * activations[k][i];
        }
      }
      return map;
    }
  }
}

package org.aucmedi.xai.examples;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.aucmedi.xai.array.LinearInterpolation;
import org.aucmedi.xai.array.LinearInterpolation.BorderMode;

/** AUCMEDI's formulas on the float64 derivatives of the probability of a {@link VanillaNet}. */
final class VanillaReference {

  private static final double EPS = 1e-8;

  private final VanillaNet net;
  private final int rank;
  private final int size;
  private final float[] image;
  private final VanillaNet.Pass pass;

  /**
   * Runs the network.
   *
   * @param rank 2 or 3
   * @param size of each axis
   * @param image channels first
   */
  VanillaReference(VanillaNet net, int rank, int size, float[] image) {
    this.net = net;
    this.rank = rank;
    this.size = size;
    this.image = image;
    pass = net.run(image, size);
  }

  /** The probability of each class. */
  double[] probabilities() {
    return pass.probabilities();
  }

  /** The map of a method, by AUCMEDI's key, and a class, in the method's own size. */
  float[] map(String method, int c) {
    return switch (method) {
      case "gradcam" -> normalised(cam(c, false));
      case "gradcam++" -> normalised(cam(c, true));
      case "saliency" -> normalised(maxOverChannels(pass.gradient(c, false)));
      case "guidedbackprop" -> normalised(maxOverChannels(pass.gradient(c, true)));
      case "IntegratedGradients" -> normalised(maxOverChannels(integrated(c)));
      case "GuidedGradCAM" -> {
        float[] guided = normalised(maxOverChannels(pass.gradient(c, true)));
        float[] wide = onImage(normalised(cam(c, false)), rank, size);
        double[] product = new double[guided.length];
        Arrays.setAll(product, i -> (double) guided[i] * wide[i]);
        yield normalised(product);
      }
      case "OcclusionSensitivity" -> occluded(c);
      default -> throw new IllegalArgumentException(method);
    };
  }

  /** With the mean over all positions behind the layer, Grad-CAM++ weighs by ReLU(w). */
  private double[] cam(int c, boolean positive) {
    double[] weights = pass.weightsOf(c);
    double[] activations = pass.activations();
    int positions = activations.length / weights.length;
    double[] map = new double[positions];
    for (int i = 0; i < activations.length; i++) {
      double weight = weights[i / positions];
      map[i % positions] += (positive ? Math.max(0, weight) : weight) * activations[i];
    }
    return map;
  }

  private double[] maxOverChannels(double[] gradient) {
    int positions = (int) Math.pow(size, rank);
    double[] map = Arrays.copyOf(gradient, positions);
    for (int i = positions; i < gradient.length; i++) {
      map[i % positions] = Math.max(map[i % positions], gradient[i]);
    }
    return map;
  }

  /** Fifty steps from zero, by the trapezoidal rule. */
  private double[] integrated(int c) {
    double[] sum = new double[image.length];
    for (int step = 0; step <= 50; step++) {
      float[] part = new float[image.length];
      for (int i = 0; i < part.length; i++) {
        part[i] = step / 50f * image[i];
      }
      double weight = step == 0 || step == 50 ? 0.01 : 0.02;
      double[] gradient = net.run(part, size).gradient(c, false);
      for (int i = 0; i < sum.length; i++) {
        sum[i] += weight * gradient[i] * image[i];
      }
    }
    return sum;
  }

  /** One minus the probability with a patch of 16 x 16 at 127.5. */
  private float[] occluded(int c) {
    float[] map = new float[size * size];
    for (int patch = 0; patch < 4; patch++) {
      float[] hidden = image.clone();
      List<Integer> pixels = new ArrayList<>();
      for (int i = 0; i < size * size; i++) {
        if (i / size / 16 * 2 + i % size / 16 == patch) {
          pixels.add(i);
          for (int channel = 0; channel < 3; channel++) {
            hidden[channel * size * size + i] = 127.5f;
          }
        }
      }
      float value = (float) (1 - net.run(hidden, size).probabilities()[c]);
      pixels.forEach(i -> map[i] = value);
    }
    return map;
  }

  private static float[] normalised(double[] map) {
    double min = Arrays.stream(map).min().orElseThrow();
    double range = Arrays.stream(map).max().orElseThrow() - min + EPS;
    float[] normalised = new float[map.length];
    for (int i = 0; i < map.length; i++) {
      normalised[i] = (float) ((map[i] - min) / range);
    }
    return normalised;
  }

  /** A map resized to a square or cube. */
  static float[] onImage(float[] map, int rank, int size) {
    int[] from = new int[rank];
    int[] to = new int[rank];
    Arrays.fill(from, (int) Math.round(Math.pow(map.length, 1.0 / rank)));
    Arrays.fill(to, size);
    return LinearInterpolation.resize(map, from, to, 1, BorderMode.ofRank(rank));
  }
}

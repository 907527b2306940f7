package org.aucmedi.xai.methods.cam;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.aucmedi.xai.MethodOptions;
import org.aucmedi.xai.Profile;
import org.aucmedi.xai.Target;
import org.aucmedi.xai.XAIMethodProvider;
import org.aucmedi.xai.XAIMethodRegistry;
import org.aucmedi.xai.methods.Explained;
import org.aucmedi.xai.model.ExplainableModel;
import org.aucmedi.xai.model.LayerGradients;
import org.aucmedi.xai.testkit.Golden;
import org.aucmedi.xai.testkit.Maps;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The class activation maps of the library pytorch-grad-cam, at a layer behind its ReLU, at one
 * behind a residual sum, and at a convolution. They are those after its ReLU, before scaling.
 */
final class PyTorchGradCamIT {

  /** Our keys, and the names of the arrays. */
  private static final Map<String, String> ALIKE =
      Map.of(
          "gradcam", "gradcam",
          "hirescam", "hirescam",
          "gradcamelementwise", "elementwise",
          "xgradcam", "xgradcam",
          "layercam", "layercam");

  @ParameterizedTest
  @CsvSource({"vanilla2d, features.10", "resmini, b1", "resmini, head"})
  void rawMaps_everyMethod_arePyTorchGradCams(String network, String layer) {
    Golden.Array x = Golden.array(network + "_more.npz", "x");
    try (ExplainableModel model =
            ExplainableModel.load(Golden.file("models/" + network + "_scripted.pt"), "PyTorch");
        NDManager manager = model.newManager()) {
      Network net = new Network(model, network, layer, batch(manager, x));
      ALIKE.forEach((key, array) -> net.compare(array, net.raw(key, "true")));
      net.compareEitherSign("eigencam");
      net.compareEitherSign("eigengradcam");
      net.comparePlusPlus();
      net.compareScoreCam(x);
      if (!layer.equals("b1")) {
        net.compareAblationCam();
      }
    }
  }

  private static NDArray batch(NDManager manager, Golden.Array x) {
    return manager.create(
        FloatBuffer.wrap(x.data()), new Shape(Arrays.stream(x.shape()).asLongStream().toArray()));
  }

  /** A layer of a network, and two images. */
  private record Network(ExplainableModel model, String name, String layer, NDArray batch) {

    int[] classes() {
      float[] classes = Golden.array(name + "_more.npz", "classes").data();
      int[] indices = new int[classes.length];
      Arrays.setAll(indices, k -> (int) classes[k]);
      return indices;
    }

    Golden.Array golden(String array) {
      return Golden.array(name + "_more.npz", layer + "/" + array);
    }

    float[] raw(String key, String relu) {
      XAIMethodProvider<?> provider = new XAIMethodRegistry().get(key);
      boolean hasScore = !key.equals("eigencam");
      MethodOptions options =
          MethodOptions.parse(
              Profile.PAPER,
              provider.description().options(),
              hasScore ? Map.of("relu", relu, "score", "output") : Map.of("relu", relu));
      return Explained.values(
          provider.create(model, layer, options).explainRaw(batch, Target.ofClasses(classes())));
    }

    void compare(String array, float[] found) {
      float[] expected = golden(array).data();
      assertThat(Maps.maxAbs(expected)).as(array).isPositive();
      Maps.assertClose(name + " " + array, found, expected, 1e-5 * Maps.maxAbs(expected));
    }

    /** There the sign of a component is left to chance; here it follows the sum over channels. */
    void compareEitherSign(String key) {
      float[] found = raw(key, "false");
      float[] sums = key.equals("eigencam") ? activationSums() : raw("hirescam", "false");
      float[] expected = golden(key).data();
      int size = found.length / batchSize() / classes().length;
      double tolerance = 1e-5 * Maps.maxAbs(expected);
      for (int from = 0; from < found.length; from += size) {
        float[] map = Arrays.copyOfRange(found, from, from + size);
        float[] golden = Arrays.copyOfRange(expected, from, from + size);
        float[] same = new float[size];
        float[] turned = new float[size];
        double covariance = 0;
        for (int i = 0; i < size; i++) {
          same[i] = Math.max(0, map[i]);
          turned[i] = Math.max(0, -map[i]);
          covariance += (double) map[i] * sums[from + i];
        }
        double difference =
            Math.min(Maps.maxDifference(same, golden), Maps.maxDifference(turned, golden));
        assertThat(difference).as("%s %s, map at %s", name, key, from).isLessThan(tolerance);
        assertThat(covariance).as("%s %s, map at %s", name, key, from).isPositive();
      }
    }

    private int batchSize() {
      return (int) batch.getShape().get(0);
    }

    /** The sum over the channels of each position, again for every class. */
    private float[] activationSums() {
      float[] activations = model.layerActivations(batch, layer).toFloatArray();
      int[] shape = golden("eigencam").shape();
      int positions = shape[2] * shape[3];
      int channels = activations.length / shape[0] / positions;
      float[] sums = new float[shape[0] * shape[1] * positions];
      for (int i = 0; i < sums.length; i++) {
        int image = i / positions / shape[1];
        for (int k = 0; k < channels; k++) {
          sums[i] += activations[(image * channels + k) * positions + i % positions];
        }
      }
      return sums;
    }

    /**
     * Its Grad-CAM++ adds 1e-6 to the denominator {@code 2 g^2 + g^3 sum A}, which is not small
     * beside the squares of gradients of 1e-3. With that number our formula gives its maps, and
     * without it ours.
     */
    void comparePlusPlus() {
      compare("gradcampp", plusPlus(1e-6));
      float[] exact = plusPlus(0);
      Maps.assertClose(
          name + " gradcam++", raw("gradcam++", "true"), exact, 1e-5 * Maps.maxAbs(exact));
    }

    private float[] plusPlus(double eps) {
      int[] classes = classes();
      int[] shape = golden("gradcampp").shape();
      int positions = shape[2] * shape[3];
      float[] maps = new float[shape[0] * shape[1] * positions];
      for (int c = 0; c < classes.length; c++) {
        float[][] outputs = model.outputs(batch);
        float[] ones = new float[outputs.length * outputs[0].length];
        for (int n = 0; n < outputs.length; n++) {
          ones[n * outputs[0].length + classes[c]] = 1;
        }
        LayerGradients pass = model.layerGradients(batch, unused -> List.of(ones), layer);
        float[] activations = pass.activations().toFloatArray();
        float[] gradients = pass.gradients().get(0).toFloatArray();
        int channels = activations.length / shape[0] / positions;
        for (int n = 0; n < shape[0]; n++) {
          double[] map = new double[positions];
          for (int k = 0; k < channels; k++) {
            int from = (n * channels + k) * positions;
            double sum = 0;
            for (int i = from; i < from + positions; i++) {
              sum += activations[i];
            }
            double weight = 0;
            for (int i = from; i < from + positions; i++) {
              double square = (double) gradients[i] * gradients[i];
              if (gradients[i] > 0) {
                weight += square * gradients[i] / (2 * square + square * gradients[i] * sum + eps);
              }
            }
            for (int i = 0; i < positions; i++) {
              map[i] += weight * activations[from + i];
            }
          }
          for (int i = 0; i < positions; i++) {
            maps[(n * classes.length + c) * positions + i] = (float) Math.max(0, map[i]);
          }
        }
      }
      return maps;
    }

    /**
     * Its Score-CAM interpolates with the corners' centres aligned, where the paper's own code, and
     * ours, align their outer edges. With its interpolation the formula gives its maps, with the
     * other one ours.
     */
    void compareScoreCam(Golden.Array x) {
      compare("scorecam", scoreCam(x, true));
      float[] edges = scoreCam(x, false);
      Maps.assertClose(
          name + " Score-CAM", raw("scorecam", "true"), edges, 1e-5 * Maps.maxAbs(edges));
    }

    /**
     * Its Ablation-CAM hides a channel by the layer's smallest value less 1e7 where that value is
     * not 0, which behind the ReLU that follows is our 0; and it divides by the score as it is, so
     * that its maps of negative logits are upside down. Ours is compared with what its formula
     * makes of the sign.
     */
    void compareAblationCam() {
      float[] found = raw("ablationcam", "false");
      float[] expected = golden("ablationcam").data();
      float[][] outputs = model.outputs(batch);
      int size = found.length / batchSize() / classes().length;
      for (int i = 0; i < found.length; i++) {
        int image = i / size / classes().length;
        float score = outputs[image][classes()[i / size % classes().length]];
        found[i] = Math.max(0, score < 0 ? -found[i] : found[i]);
      }
      assertThat(Maps.maxAbs(expected)).isPositive();
      // Of float32 scores that are nearly the same, the difference has lost the last digits.
      Maps.assertClose(name + " ablationcam", found, expected, 1e-4 * Maps.maxAbs(expected));
    }

    private float[] scoreCam(Golden.Array x, boolean alignsCorners) {
      int[] classes = classes();
      int[] shape = golden("scorecam").shape();
      int rows = x.shape()[2];
      int columns = x.shape()[3];
      int positions = shape[2] * shape[3];
      float[] activations = model.layerActivations(batch, layer).toFloatArray();
      int channels = activations.length / shape[0] / positions;
      float[] maps = new float[shape[0] * classes.length * positions];
      for (int n = 0; n < shape[0]; n++) {
        float[] image = x.get(n).data();
        float[] masked = new float[channels * image.length];
        for (int k = 0; k < channels; k++) {
          double[] mask = new double[rows * columns];
          for (int i = 0; i < mask.length; i++) {
            mask[i] =
                at(
                    activations,
                    (n * channels + k) * positions,
                    shape,
                    place(i / columns, rows, shape[2], alignsCorners),
                    place(i % columns, columns, shape[3], alignsCorners));
          }
          double min = Arrays.stream(mask).min().orElseThrow();
          double max = Arrays.stream(mask).max().orElseThrow();
          for (int i = 0; i < image.length; i++) {
            double scaled = (mask[i % mask.length] - min) / (max - min + 1e-8);
            masked[k * image.length + i] = (float) (image[i] * scaled);
          }
        }
        float[][] scores;
        try (NDManager own = batch.getManager().newSubManager()) {
          Shape all = new Shape(channels).addAll(batch.getShape().slice(1));
          scores = model.outputs(own.create(FloatBuffer.wrap(masked), all));
        }
        for (int c = 0; c < classes.length; c++) {
          double total = 0;
          for (float[] score : scores) {
            total += Math.exp(score[classes[c]]);
          }
          for (int i = 0; i < positions; i++) {
            double value = 0;
            for (int k = 0; k < channels; k++) {
              double weight = Math.exp(scores[k][classes[c]]) / total;
              value += weight * activations[(n * channels + k) * positions + i];
            }
            maps[(n * classes.length + c) * positions + i] = (float) Math.max(0, value);
          }
        }
      }
      return maps;
    }

    /** Where a pixel lies among the positions of a layer. */
    private static double place(int pixel, int pixels, int positions, boolean alignsCorners) {
      double place =
          alignsCorners
              ? pixel * (positions - 1.0) / (pixels - 1)
              : (pixel + 0.5) * positions / pixels - 0.5;
      return Math.min(Math.max(place, 0), positions - 1);
    }

    private static double at(float[] values, int from, int[] shape, double row, double column) {
      int top = Math.min((int) row, shape[2] - 2);
      int left = Math.min((int) column, shape[3] - 2);
      double down = row - top;
      double right = column - left;
      int first = from + top * shape[3] + left;
      int below = first + shape[3];
      return (1 - down) * ((1 - right) * values[first] + right * values[first + 1])
          + down * ((1 - right) * values[below] + right * values[below + 1]);
    }
  }
}

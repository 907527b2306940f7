package org.aucmedi.xai.methods;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.aucmedi.xai.Attribution;
import org.aucmedi.xai.AttributionMethod;
import org.aucmedi.xai.MethodBuilder;
import org.aucmedi.xai.Profile;
import org.aucmedi.xai.Score;
import org.aucmedi.xai.Target;
import org.aucmedi.xai.methods.gradient.DeepLift;
import org.aucmedi.xai.methods.gradient.GradientXInput;
import org.aucmedi.xai.methods.perturbation.KernelShap;
import org.aucmedi.xai.methods.perturbation.ShapleySampling;
import org.aucmedi.xai.methods.perturbation.SuperpixelFill;
import org.aucmedi.xai.methods.segmentation.Boxes;
import org.aucmedi.xai.methods.segmentation.SegmentationChoice;
import org.aucmedi.xai.model.ExplainableModel;
import org.aucmedi.xai.testkit.Golden;
import org.aucmedi.xai.testkit.Maps;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Captum's gradient x input and DeepLIFT of the golden networks, and the Shapley values of eight
 * vertical bands, from all 256 coalitions. They explain outputs; zero is the fill.
 */
final class GoldenAttributionsIT {

  private static final int BANDS = 8;

  private String network = "";
  private Golden.Array shapley = new Golden.Array(new int[0], new float[0]);
  private int[] classes = {};

  @ParameterizedTest
  @ValueSource(strings = {"vanilla2d", "resmini"})
  void attributions_ofAGoldenNetwork_areTheGoldenOnes(String name) {
    network = name;
    String file = name + "_more.npz";
    Golden.Array x = Golden.array(file, "x");
    shapley = Golden.array(file, "shapley_8_column_bands");
    float[] indices = Golden.array(file, "classes").data();
    classes = new int[indices.length];
    Arrays.setAll(classes, k -> (int) indices[k]);
    long[] shape = Arrays.stream(x.shape()).asLongStream().toArray();
    try (ExplainableModel model =
            ExplainableModel.load(Golden.file("models/" + name + "_scripted.pt"), "PyTorch");
        NDManager manager = model.newManager()) {
      NDArray batch = manager.create(FloatBuffer.wrap(x.data()), new Shape(shape));
      assertGradientXInput(model, batch, Golden.array(file, "input_x_gradient"));
      assertIsExact(bands(KernelShap.builder().opt(KernelShap.SAMPLES, 254), model, batch));
      for (int seed = 0; seed < 3; seed++) {
        assertWithinErrors(
            bands(
                KernelShap.builder().opt(KernelShap.SAMPLES, 100).opt(KernelShap.SEED, seed),
                model,
                batch));
        // Ten pairs of orders.
        assertWithinErrors(
            bands(
                ShapleySampling.builder()
                    .opt(ShapleySampling.SAMPLES, 140)
                    .opt(ShapleySampling.SEED, seed),
                model,
                batch));
      }
    }
  }

  /**
   * Captum's attributions are of the probability, and two of its choices differ from ours. The
   * network calls the function softmax, which Captum does not see, so that the softmax has its
   * gradient at the image; and where a max-pooling follows a ReLU, the hook of the ReLU keeps what
   * arrives before the rule of the maximum has changed it, so that the maximum has its gradient as
   * well. {@code tools/deeplift_reference.py} computes both ways by hand, in double precision and
   * summed over channels. Quotients of small differences lose up to 3e-5 of the largest value to
   * float32.
   */
  @Test
  void deepLift_differsFromCaptumByItsGradientsOfSoftmaxAndMaxima() {
    Golden.Array x = Golden.array("vanilla2d_more.npz", "x");
    Golden.Array captum = Golden.array("vanilla2d_more.npz", "deeplift");
    Path file = Path.of("src", "test", "resources", "deeplift", "vanilla2d.npz");
    Golden.Array ours = Golden.array(file, "rescale_rule");
    Golden.Array theirs = Golden.array(file, "maxima_by_gradient");
    long[] shape = Arrays.stream(x.shape()).asLongStream().toArray();
    int positions = x.shape()[2] * x.shape()[3];
    try (ExplainableModel model =
            ExplainableModel.load(Golden.file("models/vanilla2d_scripted.pt"), "PyTorch");
        NDManager manager = model.newManager()) {
      NDArray batch = manager.create(FloatBuffer.wrap(x.data()), new Shape(shape));
      float[][] outputs = model.outputs(batch);
      List<List<Attribution>> found =
          DeepLift.builder().build(model).attributions(batch, Target.all());
      for (int n = 0; n < outputs.length; n++) {
        for (int c = 0; c < 3; c++) {
          float[] expected = ours.get(n).get(c).data();
          Maps.assertClose(
              "image " + n + ", class " + c,
              overChannels(found.get(n).get(c).values(), positions),
              expected,
              1e-4f * Maps.maxAbs(ours.data()));
          float[] explained = new float[positions];
          for (int j = 0; j < 3; j++) {
            float byLogit = outputs[n][c] * ((j == c ? 1 : 0) - outputs[n][j]);
            float[] ofLogit = theirs.get(n).get(j).data();
            for (int i = 0; i < positions; i++) {
              explained[i] += byLogit * ofLogit[i];
            }
          }
          float[] golden = overChannels(captum.get(n).get(c).data(), positions);
          Maps.assertClose(
              "Captum's image " + n + ", class " + c,
              explained,
              golden,
              1e-4f * Maps.maxAbs(golden));
        }
      }
    }
  }

  private static float[] overChannels(float[] values, int positions) {
    float[] sums = new float[positions];
    for (int i = 0; i < values.length; i++) {
      sums[i % positions] += values[i];
    }
    return sums;
  }

  private void assertGradientXInput(ExplainableModel model, NDArray batch, Golden.Array expected) {
    List<List<Attribution>> found =
        GradientXInput.builder()
            .optProfile(Profile.PAPER)
            .opt(Score.OPTION, Score.OUTPUT)
            .build(model)
            .attributions(batch, Target.ofClasses(classes));
    float tolerance = 1e-5f * Maps.maxAbs(expected.data());
    for (int n = 0; n < found.size(); n++) {
      for (int k = 0; k < classes.length; k++) {
        Maps.assertClose(
            network + " image " + n + ", class " + classes[k],
            found.get(n).get(k).values(),
            expected.get(n).get(k).data(),
            tolerance);
      }
    }
  }

  private void assertIsExact(List<List<Attribution>> found) {
    double worst = 0;
    for (int n = 0; n < found.size(); n++) {
      for (int k = 0; k < classes.length; k++) {
        assertThat(found.get(n).get(k).diagnostics()).isEmpty();
        worst = Math.max(worst, difference(found.get(n).get(k), n, k));
      }
    }
    assertThat(worst).as(network).isLessThan(1e-5);
  }

  private void assertWithinErrors(List<List<Attribution>> found) {
    for (int n = 0; n < found.size(); n++) {
      for (int k = 0; k < classes.length; k++) {
        Attribution one = found.get(n).get(k);
        double error = one.diagnostics().get(SampleMoments.STANDARD_ERROR);
        assertThat(difference(one, n, k))
            .as("%s image %s, class %s", network, n, classes[k])
            .isLessThan(3 * error)
            .isPositive();
      }
    }
  }

  private List<List<Attribution>> bands(
      MethodBuilder<?> builder, ExplainableModel model, NDArray batch) {
    return ((AttributionMethod)
            builder
                .optProfile(Profile.PAPER)
                .opt(SegmentationChoice.OPTION, SegmentationChoice.GRID)
                .opt(SegmentationChoice.BOXES, new Boxes(1, BANDS))
                .opt(KernelShap.FILL, SuperpixelFill.parse("0"))
                .build(model))
        .attributions(batch, Target.ofClasses(classes));
  }

  /** The largest difference of a band's value. */
  private double difference(Attribution found, int image, int index) {
    float[] expected = shapley.get(image).get(index).data();
    int width = found.shape()[1];
    double worst = 0;
    float[] values = found.values();
    for (int i = 0; i < values.length; i++) {
      int band = i % width * BANDS / width;
      worst = Math.max(worst, Math.abs(values[i] - expected[band]));
    }
    return worst;
  }
}

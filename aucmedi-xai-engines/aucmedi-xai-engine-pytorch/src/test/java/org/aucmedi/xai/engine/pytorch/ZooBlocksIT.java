package org.aucmedi.xai.engine.pytorch;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Model;
import ai.djl.basicmodelzoo.cv.classification.AlexNet;
import ai.djl.basicmodelzoo.cv.classification.GoogLeNet;
import ai.djl.basicmodelzoo.cv.classification.LeNet;
import ai.djl.basicmodelzoo.cv.classification.MobileNetV1;
import ai.djl.basicmodelzoo.cv.classification.MobileNetV2;
import ai.djl.basicmodelzoo.cv.classification.NiN;
import ai.djl.basicmodelzoo.cv.classification.ResNetV1;
import ai.djl.basicmodelzoo.cv.classification.SqueezeNet;
import ai.djl.basicmodelzoo.cv.classification.VGG;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.SequentialBlock;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.assertj.core.data.Percentage;
import org.aucmedi.xai.model.ExplainableModel;
import org.aucmedi.xai.model.GuidedGradients;
import org.aucmedi.xai.model.Layer;
import org.aucmedi.xai.model.LayerGradients;
import org.aucmedi.xai.model.LayerKind;
import org.aucmedi.xai.model.OutputGradient;
import org.aucmedi.xai.model.ReluRule;
import org.aucmedi.xai.testkit.Differences;
import org.aucmedi.xai.testkit.Maps;
import org.aucmedi.xai.testkit.OutputGradients;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The networks of DJL's zoo, with random weights. */
final class ZooBlocksIT {

  /** Name, block, input, and how many convolutions, sums and ReLUs the source code has. */
  static Stream<Arguments> networks() {
    return Stream.of(
        Arguments.of("ResNetV1", resNet(), new Shape(1, 3, 28, 28), 10, 3, 6),
        Arguments.of(
            "ResNetV1 with bottlenecks",
            ResNetV1.builder()
                .setImageShape(new Shape(3, 64, 64))
                .setNumLayers(18)
                .setOutSize(10)
                .build(),
            new Shape(1, 3, 64, 64),
            1 + 8 * 3 + 4,
            8,
            1 + 8 * 3),
        Arguments.of(
            "MobileNetV1",
            MobileNetV1.builder().setOutSize(10).build(),
            new Shape(1, 3, 64, 64),
            27,
            0,
            27),
        Arguments.of(
            "MobileNetV2",
            mobileNet(),
            new Shape(1, 3, 32, 32),
            1 + 17 * 3 + 1 + 1,
            10,
            1 + 34 + 1),
        Arguments.of(
            "GoogLeNet",
            GoogLeNet.builder().build(),
            new Shape(1, 1, 48, 48),
            3 + 9 * 6,
            0,
            3 + 9 * 6),
        Arguments.of("SqueezeNet", SqueezeNet.squeezenet(10), new Shape(1, 3, 64, 64), 26, 0, 26),
        Arguments.of("VGG", VGG.builder().build(), new Shape(1, 3, 32, 32), 8, 0, 10),
        Arguments.of("AlexNet", AlexNet.builder().build(), new Shape(1, 1, 96, 96), 5, 0, 7),
        Arguments.of("NiN", NiN.builder().build(), new Shape(1, 1, 96, 96), 12, 0, 12),
        Arguments.of("LeNet", LeNet.builder().build(), new Shape(1, 1, 28, 28), 2, 0, 0));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("networks")
  void passes_everyNetwork_seeItsLayersAndMatchDifferences(
      String name, Block block, Shape shape, int convolutions, int sums, int relus) {
    try (Model own = TestBlocks.model(name, block, shape);
        ExplainableModel model = ExplainableModel.of(own);
        NDManager manager = model.newManager()) {
      float[] image = TestBlocks.image(shape, 1);
      NDArray batch = manager.create(FloatBuffer.wrap(image), shape);
      NDArray output = model.predict(batch);
      float[] outputGradient = new float[(int) output.size()];
      outputGradient[3] = 1;
      OutputGradient scores = OutputGradients.constant(outputGradient);
      float[][] before = TestBlocks.parameters(own);
      boolean[] flags = TestBlocks.flags(own);

      List<Layer> layers = model.layers(batch);
      NDArray gradient = model.inputGradients(batch, scores).singletonOrThrow();
      GuidedGradients guided = model.guidedGradients(batch, scores, ReluRule.GUIDED);
      String middle =
          layers.stream().filter(layer -> layer.kind() == LayerKind.CONV).toList().get(1).name();
      LayerGradients ofLayer = model.layerGradients(batch, scores, middle);

      Map<LayerKind, Integer> counts = new EnumMap<>(LayerKind.class);
      layers.forEach(layer -> counts.merge(layer.kind(), 1, Integer::sum));
      assertThat(counts.get(LayerKind.CONV)).isEqualTo(convolutions);
      assertThat(counts.getOrDefault(LayerKind.ADD, 0)).isEqualTo(sums);
      assertThat(layers).isEqualTo(model.layers()).doesNotHaveDuplicates();
      assertThat(guided.relus()).isEqualTo(relus);
      float[] along = gradient.toFloatArray();
      double slope = Math.sqrt(dot(along, along));
      // Where the slope is small, a longer step, or rounding would be most of the difference.
      float step = (float) Math.max(1e-3, 1e-5 / slope);
      assertThat(Differences.alongDirection(model, shape, image, outputGradient, along, step))
          .isCloseTo(slope, Percentage.withPercentage(3));
      assertThat(ofLayer.output().toFloatArray()).containsExactly(output.toFloatArray());
      assertThat(ofLayer.activations().toFloatArray())
          .containsExactly(model.layerActivations(batch, middle).toFloatArray());
      assertThat(Maps.maxAbs(ofLayer.gradients().head().toFloatArray())).isPositive();
      assertThat(TestBlocks.parameters(own)).isDeepEqualTo(before);
      assertThat(TestBlocks.flags(own)).containsExactly(flags);
    }
  }

  @Test
  void gradients_resNet_matchPlainJava() {
    assertMatchesReference(
        resNet(),
        new Shape(1, 3, 28, 28),
        Map.of("anonymous", Double.POSITIVE_INFINITY),
        true,
        1e-5f);
  }

  @Test
  void gradients_mobileNetV2_matchPlainJava() {
    assertMatchesReference(
        mobileNet(), new Shape(1, 3, 32, 32), Map.of("ReLU6", 6.0), false, 2e-5f);
  }

  private static void assertMatchesReference(
      Block block, Shape shape, Map<String, Double> ceilings, boolean sums, float epsilon) {
    try (Model own = TestBlocks.model("net", block, shape);
        ExplainableModel model = ExplainableModel.of(own);
        NDManager manager = model.newManager()) {
      float[] image = TestBlocks.image(shape, 2);
      NDArray batch = manager.create(FloatBuffer.wrap(image), shape);
      float[] outputGradient = new float[10];
      outputGradient[1] = 1;
      outputGradient[7] = -0.5f;
      OutputGradient scores = OutputGradients.constant(outputGradient);

      for (ReluRule rule : new ReluRule[] {null, ReluRule.GUIDED, ReluRule.DECONVNET}) {
        ReferenceNet reference =
            new ReferenceNet(block, shape, image, ceilings, sums, epsilon, rule);
        float[] output = reference.output();
        Maps.assertClose(
            "output", model.predict(batch).toFloatArray(), output, 1e-5 * Maps.maxAbs(output));
        float[] expected = reference.gradient(outputGradient);
        float[] found =
            rule == null
                ? model.inputGradients(batch, scores).head().toFloatArray()
                : model.guidedGradients(batch, scores, rule).gradients().head().toFloatArray();
        assertThat(Maps.maxAbs(expected)).isPositive();
        Maps.assertClose(
            rule + " of " + Arrays.toString(outputGradient),
            found,
            expected,
            1e-5 * Maps.maxAbs(expected));
      }
    }
  }

  private static SequentialBlock resNet() {
    return ResNetV1.builder()
        .setImageShape(new Shape(3, 28, 28))
        .setNumLayers(8)
        .setOutSize(10)
        .build();
  }

  private static Block mobileNet() {
    return MobileNetV2.builder().setOutSize(10).build();
  }

  private static double dot(float[] a, float[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += (double) a[i] * b[i];
    }
    return sum;
  }
}

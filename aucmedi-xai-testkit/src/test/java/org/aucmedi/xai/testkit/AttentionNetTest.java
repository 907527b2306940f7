package org.aucmedi.xai.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.nio.FloatBuffer;
import org.aucmedi.xai.model.ChannelLayout;
import org.aucmedi.xai.model.LayerGradients;
import org.junit.jupiter.api.Test;

final class AttentionNetTest {

  /** One block, one pixel of value 1: w is 0.5 and -0.5, k is 0.5 and 1. */
  @Test
  void predict_onePixel_isTheNumberByHand() {
    try (AttentionNet net = new AttentionNet(ChannelLayout.CHANNELS_FIRST, 1, 1);
        NDManager manager = net.newManager()) {
      NDArray image = manager.create(new float[] {1}, new Shape(1, 1, 1, 1));
      // The class token's scores are 0.5 * 1.5 * (0.5, 1), and their negatives.
      double first = 1 / (1 + Math.exp(0.375));
      float[] weights = net.layerActivations(image, "block.0.softmax").toFloatArray();
      assertThat(weights).hasSize(8);
      assertThat((double) weights[0]).isCloseTo(first, within(1e-6));
      assertThat((double) weights[4]).isCloseTo(1 - first, within(1e-6));
      // Both tokens have the value 1, and so has any mean of them.
      assertThat(net.layerActivations(image, "block.0").toFloatArray())
          .containsExactly(new float[] {1, 1}, within(1e-6f));
      double sum = Math.exp(2) + Math.exp(-1) + Math.exp(0.5);
      assertThat((double) net.predict(image).toFloatArray()[0])
          .isCloseTo(Math.exp(2) / sum, within(1e-6));
    }
  }

  @Test
  void layerGradients_anyBlock_areTheDifferences() {
    Shape shape = new Shape(2, 2, 2, 1);
    try (AttentionNet net = new AttentionNet(ChannelLayout.CHANNELS_FIRST, 3, 1);
        NDManager manager = net.newManager()) {
      NDArray batch = manager.create(new float[] {1, -.5f, .3f, 2, -1, .7f, .2f, .4f}, shape);
      float[] slopes = {0.5f, -1, 2, -2, 1, 0.3f};
      for (int b = 0; b < 3; b++) {
        String layer = "block." + b + ".dropout";
        LayerGradients found = net.layerGradients(batch, OutputGradients.constant(slopes), layer);
        float[] weights = found.activations().toFloatArray();
        float[] differences = new float[weights.length];
        for (int i = 0; i < weights.length; i++) {
          double up = score(net, batch, layer, moved(weights, i, 0.01f), slopes);
          double down = score(net, batch, layer, moved(weights, i, -0.01f), slopes);
          differences[i] = (float) ((up - down) / 0.02);
        }
        Maps.assertClose(layer, found.gradients().head().toFloatArray(), differences, 1e-4);
        assertThat(Maps.maxAbs(differences)).isGreaterThan(0.01f);
      }
    }
  }

  private static float[] moved(float[] values, int position, float step) {
    float[] moved = values.clone();
    moved[position] += step;
    return moved;
  }

  private static double score(
      AttentionNet net, NDArray batch, String layer, float[] weights, float[] slopes) {
    NDArray given = batch.getManager().create(FloatBuffer.wrap(weights), new Shape(2, 2, 3, 3));
    float[] outputs = net.predictFromLayer(batch, layer, given).toFloatArray();
    double score = 0;
    for (int i = 0; i < outputs.length; i++) {
      score += (double) outputs[i] * slopes[i];
    }
    return score;
  }
}

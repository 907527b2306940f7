package org.aucmedi.xai.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.aucmedi.xai.model.ChannelLayout;
import org.aucmedi.xai.model.Layer;
import org.aucmedi.xai.model.LayerGradients;
import org.aucmedi.xai.model.OutputGradient;
import org.aucmedi.xai.model.ReluRule;
import org.aucmedi.xai.testkit.ClosedFormNet.Weights;
import org.junit.jupiter.api.Test;

final class ClosedFormNetTest {

  /** One image of 1 x 3 pixels, one channel; two hidden channels, two classes. */
  private static final Weights SMALL =
      new Weights(
          new float[][] {{1}, {-1}},
          new float[][] {{2}, {0}},
          new float[] {-3, 1},
          new float[][] {{3, 0}, {0, 6}},
          new float[] {0, 1});

  @Test
  void passes_smallNetwork_areThoseByHand() {
    try (ClosedFormNet net = new ClosedFormNet(ChannelLayout.CHANNELS_FIRST, SMALL, true, false);
        NDManager manager = net.newManager()) {
      NDArray image = manager.create(new float[] {1, 2, -1}, new Shape(1, 1, 1, 3));
      // z0 = x + 2 (neighbours) - 3 = 2, -1, 0; z1 = 1 - x = 0, -1, 2
      LayerGradients found = net.layerGradients(image, OutputGradient.ofClasses(0, 1), "conv");
      assertThat(found.activations().toFloatArray()).containsExactly(2, -1, 0, 0, -1, 2);
      assertThat(found.output().toFloatArray()).containsExactly(2, 5);
      assertThat(found.gradients().get(0).toFloatArray()).containsExactly(1, 0, 0, 0, 0, 0);
      assertThat(found.gradients().get(1).toFloatArray()).containsExactly(0, 0, 0, 0, 0, 2);
      assertThat(net.inputGradients(image, OutputGradient.ofClasses(0)).head().toFloatArray())
          .containsExactly(1, 2, 0);
      assertThat(net.inputGradients(image, OutputGradient.ofClasses(1)).head().toFloatArray())
          .containsExactly(0, 0, -2);
      assertThat(
              net.guidedGradients(image, OutputGradient.ofClasses(0), ReluRule.DECONVNET)
                  .gradients()
                  .head()
                  .toFloatArray())
          .containsExactly(3, 5, 3);
      assertThat(net.layerActivations(image, "pool").toFloatArray())
          .containsExactly(new float[] {2 / 3f, 2 / 3f}, within(1e-6f));
      assertThat(net.layers(image))
          .extracting(Layer::name)
          .containsExactly("conv", "relu", "pool", "dense");
    }
  }

  @Test
  void inputGradients_anyLayoutAndRank_areTheDifferences() {
    for (ChannelLayout layout : ChannelLayout.values()) {
      for (Shape shape : List.of(new Shape(1, 2, 4, 2), new Shape(1, 2, 3, 4, 2))) {
        try (ClosedFormNet net = new ClosedFormNet(layout, Weights.random(2, 3));
            NDManager manager = net.newManager()) {
          float[] x = random(shape);
          float[] outputGradient = {0.5f, -1, 2};
          int[] positions = new int[x.length];
          Arrays.setAll(positions, i -> i);
          Maps.assertClose(
              layout + " " + shape,
              net.inputGradients(
                      manager.create(FloatBuffer.wrap(x), shape),
                      OutputGradients.constant(outputGradient))
                  .head()
                  .toFloatArray(),
              Differences.gradient(net, shape, x, outputGradient, positions, 1e-3f),
              2e-4);
        }
      }
    }
  }

  @Test
  void predict_channelsMoved_isTheSame() {
    try (ClosedFormNet first =
            new ClosedFormNet(ChannelLayout.CHANNELS_FIRST, Weights.random(2, 3));
        ClosedFormNet last = new ClosedFormNet(ChannelLayout.CHANNELS_LAST, Weights.random(2, 3));
        NDManager manager = first.newManager()) {
      Golden.Array image = new Golden.Array(new int[] {1, 3, 4, 2}, random(new Shape(24)));
      float[] moved = image.channelsFirst().data();
      assertThat(
              first
                  .predict(manager.create(FloatBuffer.wrap(moved), new Shape(1, 2, 3, 4)))
                  .toFloatArray())
          .containsExactly(
              last.predict(manager.create(FloatBuffer.wrap(image.data()), new Shape(1, 3, 4, 2)))
                  .toFloatArray());
    }
  }

  @Test
  void heapArrays_areCountedUntilTheyAreClosed() {
    try (NDManager root = HeapEngine.newRootManager();
        NDManager manager = root.newSubManager()) {
      NDArray kept = manager.create(new float[] {1, 2}, new Shape(2));
      try (NDManager scope = manager.newSubManager()) {
        NDArray moved = scope.create(new float[] {3}, new Shape(1));
        scope.create(new float[] {4}, new Shape(1));
        assertThat(NativeArrays.aliveBeside(scope)).isEqualTo(3);
        moved.attach(manager);
      }
      assertThat(NativeArrays.aliveBeside(manager)).isEqualTo(2);
      kept.close();
      assertThat(kept.isReleased()).isTrue();
      assertThat(NativeArrays.aliveBeside(root)).isEqualTo(1);
    }
  }

  private static float[] random(Shape shape) {
    // Of these numbers no place is so near its kink that the differences see it.
    SplittableRandom random = new SplittableRandom(4);
    float[] values = new float[(int) shape.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) (2 * random.nextDouble() - 1);
    }
    return values;
  }
}

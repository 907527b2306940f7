package org.aucmedi.xai.methods;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.nio.FloatBuffer;
import java.util.Arrays;
import org.aucmedi.xai.Heatmaps;
import org.aucmedi.xai.MapStatus;
import org.aucmedi.xai.Target;
import org.aucmedi.xai.XAIMethodBase;
import org.aucmedi.xai.XAIMethodRegistry;
import org.aucmedi.xai.model.ChannelLayout;
import org.aucmedi.xai.model.ExplainableModel;
import org.aucmedi.xai.testkit.Golden;
import org.aucmedi.xai.testkit.Maps;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** AUCMEDI's own heatmaps of the golden networks. Extend it for each kind of model. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class AucmediMaps {

  private static final double TOLERANCE = 1e-4;

  /** Opens a golden network. */
  abstract ExplainableModel open(String network);

  /**
   * Translates the Keras name of a golden layer, or of the one AUCMEDI chooses by default; null if
   * this kind of model does not know it.
   */
  abstract @Nullable String layerName(String network, String kerasName);

  @ParameterizedTest
  @CsvSource({
    "vanilla2d, gc, max_pooling2d_3",
    "vanilla2d, gc++, max_pooling2d_3",
    "vanilla2d, ggc, max_pooling2d_3",
    "vanilla2d, sm,",
    "vanilla2d, gb,",
    "resmini, gc, head_relu",
    "resmini, ggc, head_relu",
    "resmini, sm,",
    "resmini, gb,",
    "resmini, gc@b0_out, b0_out",
    "resmini, gc@head_conv, head_conv",
    "vanilla3d, gc, max_pooling3d_3",
    "vanilla3d, ggc, max_pooling3d_3",
    "vanilla3d, sm,",
    "vanilla3d, gb,",
    "vanilla2d, ig,",
    "resmini, ig,",
    "vanilla3d, ig,",
    "vanilla2d, os,",
  })
  void heatmaps_equalAucmedis(String network, String array, String kerasLayer) {
    Golden.Array expected = Golden.array(network + "_aucmedi.npz", array);
    int images = expected.shape()[0];
    String layer = kerasLayer == null ? null : layerName(network, kerasLayer);
    assumeTrue(
        kerasLayer == null || layer != null, () -> "skipped: " + kerasLayer + " is no layer here");
    try (ExplainableModel model = open(network);
        NDManager manager = model.newManager()) {
      XAIMethodBase method =
          new XAIMethodRegistry().create(array.replaceFirst("@.*", ""), model, layer);
      Heatmaps found =
          method.explain(
              batch(model, manager, network, images),
              Target.ofClasses(classes(network)),
              XAIMethodBase.DEFAULT_EPS);
      assertThat(found.maps().getShape())
          .isEqualTo(new Shape(Arrays.stream(expected.shape()).asLongStream().toArray()));
      assertThat(found.statuses()).doesNotContain(MapStatus.NON_FINITE, MapStatus.ZERO_GRADIENT);
      compare(network, array, found.maps().toFloatArray(), expected.data());
    }
  }

  private static void compare(String network, String array, float[] found, float[] expected) {
    if (network.equals("vanilla3d") && !array.startsWith("gc")) {
      // TensorFlow's 3D pooling backward is off near borders, so its maps are close on the whole;
      // of integrated gradients' 51 points more lie near one.
      assertThat(Maps.meanDifference(found, expected)).isLessThan(array.equals("ig") ? 2e-3 : 1e-3);
    } else if (array.equals("ig")) {
      // Rounding decides on which side of a kink one of the 51 points of the way falls.
      Maps.assertClose(network + " " + array, found, expected, 1e-3);
      int differing = 0;
      for (int i = 0; i < found.length; i++) {
        differing += Math.abs(found[i] - expected[i]) > TOLERANCE ? 1 : 0;
      }
      assertThat(differing).isLessThan(found.length / 500);
    } else {
      Maps.assertClose(network + " " + array, found, expected, TOLERANCE);
    }
  }

  private static NDArray batch(
      ExplainableModel model, NDManager manager, String network, int images) {
    Golden.Array x = Golden.array(network + "_aucmedi.npz", "x").first(images);
    if (model.channelLayout() == ChannelLayout.CHANNELS_FIRST) {
      x = x.channelsFirst();
    }
    return manager.create(
        FloatBuffer.wrap(x.data()), new Shape(Arrays.stream(x.shape()).asLongStream().toArray()));
  }

  private static int[] classes(String network) {
    float[] classes = Golden.array(network + "_aucmedi.npz", "classes").data();
    int[] indices = new int[classes.length];
    Arrays.setAll(indices, k -> (int) classes[k]);
    return indices;
  }
}

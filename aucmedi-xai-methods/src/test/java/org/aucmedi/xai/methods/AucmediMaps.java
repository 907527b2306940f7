package org.aucmedi.xai.methods;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.junit.jupiter.api.Assumptions.assumeFalse;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.aucmedi.xai.Heatmap;
import org.aucmedi.xai.MapStatus;
import org.aucmedi.xai.MethodOptions;
import org.aucmedi.xai.Profile;
import org.aucmedi.xai.Target;
import org.aucmedi.xai.XAIMethodBase;
import org.aucmedi.xai.XAIMethodProvider;
import org.aucmedi.xai.XAIMethodRegistry;
import org.aucmedi.xai.model.ChannelLayout;
import org.aucmedi.xai.model.ExplainableModel;
import org.aucmedi.xai.model.MissingCapabilityException;
import org.aucmedi.xai.testkit.Golden;
import org.aucmedi.xai.testkit.GoldenKind;
import org.aucmedi.xai.testkit.Maps;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * AUCMEDI's own heatmaps of the golden networks, and raw maps from PyTorch's autograd. Extend it
 * for each kind of model. Engines must not meet in one process, so each has a class of its own.
 *
 * <p>A method that a kind of model cannot carry has to say so.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class AucmediMaps {

  private static final double TOLERANCE = 1e-4;

  private final GoldenKind kind;
  private final Map<String, ExplainableModel> models = new HashMap<>();

  @TempDir private Path folder;

  AucmediMaps(GoldenKind kind) {
    this.kind = kind;
  }

  /** The maps of all images and classes, one behind the other. */
  private record Found(Shape shape, float[] values, List<MapStatus> statuses) {}

  @FunctionalInterface
  private interface Explainer {
    List<List<Heatmap>> explain(XAIMethodBase method, NDArray batch, Target target);
  }

  @ParameterizedTest
  @CsvSource({
    "vanilla2d, gc, max_pooling2d_3",
    "vanilla2d, gc++, max_pooling2d_3",
    "vanilla2d, ggc, max_pooling2d_3",
    "vanilla2d, sm,",
    "vanilla2d, gb,",
    "vanilla2d, ig,",
    "vanilla2d, os,",
    "resmini, gc, head_relu",
    "resmini, gc@head_conv, head_conv",
    "resmini, gc@b0_out, b0_out",
    "resmini, ggc, head_relu",
    "resmini, sm,",
    "resmini, gb,",
    "resmini, ig,",
    "vanilla3d, gc, max_pooling3d_3",
    "vanilla3d, ggc, max_pooling3d_3",
    "vanilla3d, sm,",
    "vanilla3d, gb,",
    "vanilla3d, ig,",
  })
  void heatmaps_equalAucmedis(String network, String array, @Nullable String kerasLayer) {
    boolean isPath = array.equals("ig");
    boolean isVolume = network.equals("vanilla3d");
    assumeFalse(
        isPath && isVolume && kind != GoldenKind.SAVED_MODEL,
        "skipped: 51 passes over a volume take a minute; each kind's gradients are compared alone");
    assumeOnce(isVolume);
    Golden.Array all = Golden.array(network + "_aucmedi.npz", array);
    boolean every =
        !kind.engine().equals("MXNet") && (!isPath || isVolume || kind == GoldenKind.SCRIPTED);
    Golden.Array expected = all.first(every ? all.shape()[0] : 1);
    heatmaps(network, array, kerasLayer, expected)
        .ifPresent(
            found -> {
              assertThat(found.statuses)
                  .doesNotContain(MapStatus.NON_FINITE, MapStatus.ZERO_GRADIENT);
              compare(network, array, found.values, expected.data());
            });
  }

  @ParameterizedTest
  @CsvSource({
    "resmini, gc++, head_relu",
    "resmini, gc++@head_conv, head_conv",
    "resmini, gc++@b0_out, b0_out",
  })
  void heatmaps_whereAucmedisAreNaN_areFinite(String network, String array, String kerasLayer) {
    Golden.Array expected = Golden.array(network + "_aucmedi.npz", array);
    assertThat(expected.data()).containsOnly(Float.NaN);
    heatmaps(network, array, kerasLayer, expected)
        .ifPresent(
            found -> {
              assertThat(found.statuses).containsOnly(MapStatus.OK);
              int size = found.values.length / found.statuses.size();
              for (int start = 0; start < found.values.length; start += size) {
                float[] map = Arrays.copyOfRange(found.values, start, start + size);
                Arrays.sort(map);
                assertThat(map[0]).isZero();
                assertThat(map[size - 1]).isBetween(0.99f, 1f);
              }
            });
  }

  @ParameterizedTest
  @CsvSource({
    "vanilla2d, sm,, input_gradient",
    "vanilla2d, gb,, guided_gradient",
    "vanilla2d, gb, rule=deconvnet, deconv_gradient",
    "vanilla2d, os, patch=8 stride=4 fill=0 value=drop, captum_occlusion_w8_s4_b0",
    "resmini, sm,, input_gradient",
    "resmini, gb,, guided_gradient",
    "resmini, gb, rule=deconvnet, deconv_gradient",
    "resmini, os, patch=8 stride=4 fill=0 value=drop, captum_occlusion_w8_s4_b0",
    "vanilla3d, sm,, input_gradient",
    "vanilla3d, gb,, guided_gradient",
    "vanilla3d, gb, rule=deconvnet, deconv_gradient",
  })
  void rawMaps_overTheImage_equalPyTorchs(
      String network, String key, @Nullable String options, String array) {
    assumeOnce(network.equals("vanilla3d"));
    Golden.Array expected = Golden.array(network + "_raw.npz", array);
    rawMaps(network, key, options, null, expected.shape()[0])
        .ifPresent(
            found -> assertRaw(network + " " + array, found.values, channelMaximum(expected)));
  }

  @ParameterizedTest
  @CsvSource({
    "vanilla2d, gc, max_pooling2d_3, features.11",
    "vanilla2d, gc++, max_pooling2d_3, features.11",
    "vanilla2d, layercam, max_pooling2d_3, features.11",
    "vanilla2d, hirescam, max_pooling2d_3, features.11",
    "resmini, gc, b1_out, b1",
    "resmini, gc++, b1_out, b1",
    "resmini, layercam, b1_out, b1",
    "resmini, hirescam, b1_out, b1",
    "resmini, gc, head_conv, head",
    "resmini, gc++, head_conv, head",
    "resmini, layercam, head_conv, head",
    "resmini, hirescam, head_conv, head",
    "vanilla2d, xgradcam, max_pooling2d_3, features.11",
    "vanilla2d, gradcamelementwise, max_pooling2d_3, features.11",
    "resmini, xgradcam, b1_out, b1",
    "resmini, gradcamelementwise, head_conv, head",
    "vanilla3d, gc, max_pooling3d_3, features.11",
    "vanilla3d, gc++, max_pooling3d_3, features.11",
    "vanilla3d, layercam, max_pooling3d_3, features.11",
    "vanilla3d, hirescam, max_pooling3d_3, features.11",
    "vanilla3d, xgradcam, max_pooling3d_3, features.11",
    "vanilla3d, gradcamelementwise, max_pooling3d_3, features.11",
  })
  void rawMaps_overALayer_followFromPyTorchsGradients(
      String network, String key, String kerasLayer, String path) {
    assumeOnce(network.equals("vanilla3d"));
    Golden.Array activations = Golden.array(network + "_raw.npz", path + "/activation");
    Golden.Array gradients = Golden.array(network + "_raw.npz", path + "/gradient");
    rawMaps(network, key, null, kerasLayer, activations.shape()[0])
        .ifPresent(
            found -> {
              float[] expected = classActivationMaps(activations, gradients, key);
              double tolerance = 1e-5 * Maps.maxAbs(expected);
              if (key.equals("gc++")) {
                tolerance = Math.max(tolerance, rounding(activations, gradients, key, expected));
              }
              Maps.assertClose(network + " " + key + "@" + path, found.values, expected, tolerance);
            });
  }

  /** Passes over volumes are slow, and what an engine's kinds make of them is alike. */
  private void assumeOnce(boolean isVolume) {
    GoldenKind first =
        Stream.of(GoldenKind.values())
            .filter(each -> each.engine().equals(kind.engine()))
            .findFirst()
            .orElseThrow();
    assumeTrue(
        !isVolume || kind == first,
        () ->
            "skipped: maps of volumes are compared for "
                + first
                + "; the conformance test of "
                + kind
                + " compares its gradients");
  }

  private Optional<Found> heatmaps(
      String network, String array, @Nullable String kerasLayer, Golden.Array expected) {
    String key = array.replaceFirst("@.*", "");
    int images = expected.shape()[0];
    Optional<Found> found =
        run(
            network,
            key,
            null,
            kerasLayer,
            images,
            (method, batch, target) -> method.explain(batch, target, XAIMethodBase.DEFAULT_EPS));
    found.ifPresent(
        maps ->
            assertThat(maps.shape.getShape())
                .isEqualTo(Arrays.stream(expected.shape()).asLongStream().toArray()));
    return found;
  }

  private Optional<Found> rawMaps(
      String network,
      String key,
      @Nullable String options,
      @Nullable String kerasLayer,
      int images) {
    return run(network, key, options, kerasLayer, images, XAIMethodBase::explainRaw);
  }

  /** Explains the first images, or checks that the method says why it cannot. */
  private Optional<Found> run(
      String network,
      String key,
      @Nullable String options,
      @Nullable String kerasLayer,
      int images,
      Explainer explainer) {
    XAIMethodProvider<?> provider = new XAIMethodRegistry().get(key);
    ExplainableModel model = open(network, kerasLayer);
    try (NDManager manager = model.newManager()) {
      XAIMethodBase method =
          provider.create(
              model,
              kerasLayer == null ? null : layerName(kerasLayer),
              MethodOptions.parse(
                  Profile.AUCMEDI, provider.description().options(), parse(options)));
      NDArray batch = batch(model, manager, network, images);
      Target target = Target.ofClasses(classes(network));
      if (!model.capabilities().containsAll(provider.description().requires())) {
        assertThatExceptionOfType(MissingCapabilityException.class)
            .isThrownBy(() -> explainer.explain(method, batch, target))
            .withMessageContaining("choose a perturbation method");
        return Optional.empty();
      }
      List<List<Heatmap>> found = explainer.explain(method, batch, target);
      int[] map = found.get(0).get(0).shape();
      Shape shape = new Shape(found.size(), found.get(0).size());
      for (int size : map) {
        shape = shape.add(size);
      }
      return Optional.of(new Found(shape, Explained.values(found), Explained.statuses(found)));
    }
  }

  @AfterAll
  void close() {
    models.values().forEach(ExplainableModel::close);
  }

  private ExplainableModel open(String network, @Nullable String kerasLayer) {
    ExplainableModel model = models.computeIfAbsent(network, name -> kind.open(name, folder));
    return kerasLayer != null && kind.layerName(kerasLayer) == null
        ? UnflattenedLayer.of(model, kerasLayer)
        : model;
  }

  private String layerName(String kerasLayer) {
    String name = kind.layerName(kerasLayer);
    return name == null ? kerasLayer : name;
  }

  private static Map<String, String> parse(@Nullable String options) {
    Map<String, String> parsed = new HashMap<>();
    if (options != null) {
      for (String option : options.split(" ", -1)) {
        int equals = option.indexOf('=');
        parsed.put(option.substring(0, equals), option.substring(equals + 1));
      }
    }
    return parsed;
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

  private static void assertRaw(String what, float[] found, float[] expected) {
    Maps.assertClose(what, found, expected, 1e-5 * Maps.maxAbs(expected));
  }

  /**
   * What a map may differ by if gradients differ by 2e-6 of the largest, the most that any engine's
   * do in the table of docs/engines.md: Grad-CAM++ divides by sums of third powers, which enlarges
   * rounding.
   */
  private static double rounding(
      Golden.Array activations, Golden.Array gradients, String key, float[] expected) {
    float step = 2e-6f * Maps.maxAbs(gradients.data());
    SplittableRandom random = new SplittableRandom(1);
    float[] others = gradients.data().clone();
    for (int i = 0; i < others.length; i++) {
      others[i] += random.nextBoolean() ? step : -step;
    }
    float[] maps =
        classActivationMaps(activations, new Golden.Array(gradients.shape(), others), key);
    double largest = 0;
    for (int i = 0; i < maps.length; i++) {
      largest = Math.max(largest, Math.abs(maps[i] - expected[i]));
    }
    return largest;
  }

  /** From (N, K, C, spatial...) to (N, K, spatial...). */
  private static float[] channelMaximum(Golden.Array array) {
    int maps = array.shape()[0] * array.shape()[1];
    int channels = array.shape()[2];
    int positions = array.data().length / maps / channels;
    float[] maximum = new float[maps * positions];
    Arrays.fill(maximum, Float.NEGATIVE_INFINITY);
    for (int i = 0; i < array.data().length; i++) {
      int to = i / (channels * positions) * positions + i % positions;
      maximum[to] = Math.max(maximum[to], array.data()[i]);
    }
    return maximum;
  }

  /** The map that a key stands for, without ReLU, from (N, C, ...) and (N, K, C, ...). */
  private static float[] classActivationMaps(
      Golden.Array activations, Golden.Array gradients, String key) {
    int images = gradients.shape()[0];
    int classes = gradients.shape()[1];
    int channels = gradients.shape()[2];
    int positions = activations.data().length / images / channels;
    float[] maps = new float[images * classes * positions];
    for (int map = 0; map < images * classes; map++) {
      double[] sums = new double[positions];
      for (int c = 0; c < channels; c++) {
        int a = (map / classes * channels + c) * positions;
        int g = (map * channels + c) * positions;
        float[] ofChannel = Arrays.copyOfRange(activations.data(), a, a + positions);
        double[] weights =
            weights(ofChannel, Arrays.copyOfRange(gradients.data(), g, g + positions), key);
        for (int i = 0; i < positions; i++) {
          sums[i] += weights[i] * ofChannel[i];
        }
      }
      for (int i = 0; i < positions; i++) {
        maps[map * positions + i] = (float) sums[i];
      }
    }
    return maps;
  }

  /** The weight of each activation of a channel. */
  private static double[] weights(float[] activations, float[] gradients, String key) {
    double[] weights = new double[gradients.length];
    switch (key) {
      case "layercam" -> Arrays.setAll(weights, i -> Math.max(0, gradients[i]));
      case "hirescam" -> Arrays.setAll(weights, i -> gradients[i]);
      case "gradcamelementwise" ->
          Arrays.setAll(weights, i -> gradients[i] * activations[i] > 0 ? gradients[i] : 0);
      case "xgradcam" -> Arrays.fill(weights, share(activations, gradients));
      default -> Arrays.fill(weights, weight(activations, gradients, key.equals("gc++")));
    }
    return weights;
  }

  /** Of a whole channel by XGrad-CAM. */
  private static double share(float[] activations, float[] gradients) {
    double total = 0;
    double contribution = 0;
    for (int i = 0; i < gradients.length; i++) {
      total += activations[i];
      contribution += (double) gradients[i] * activations[i];
    }
    return total == 0 ? 0 : contribution / total;
  }

  /** Of a whole channel by Grad-CAM, or by Grad-CAM++ with alphas that add up to one. */
  private static double weight(float[] activations, float[] gradients, boolean plusPlus) {
    double activation = 0;
    for (float value : activations) {
      activation += value;
    }
    double alphas = 0;
    double weight = 0;
    for (double gradient : toDouble(gradients)) {
      double square = gradient * gradient;
      double alpha =
          plusPlus
              ? square / (2 * square + square * gradient * activation)
              : 1.0 / gradients.length;
      if (gradient != 0) {
        alphas += alpha;
        weight += alpha * (plusPlus ? Math.max(0, gradient) : gradient);
      }
    }
    return weight == 0 || !plusPlus ? weight : weight / alphas;
  }

  private static double[] toDouble(float[] values) {
    double[] copy = new double[values.length];
    Arrays.setAll(copy, i -> values[i]);
    return copy;
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

package org.aucmedi.xai.importer.keras;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.ZipFile;
import org.aucmedi.xai.model.ChannelLayout;
import org.aucmedi.xai.model.ExplainableModel;
import org.aucmedi.xai.model.Layer;
import org.aucmedi.xai.model.LayerGradients;
import org.aucmedi.xai.model.LoadOptions;
import org.aucmedi.xai.model.OutputGradient;
import org.aucmedi.xai.testkit.Golden;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Networks of every kind of layer, and small ones of every family of keras.applications: compared
 * with the predictions, gradients and activations that Keras computes on TensorFlow.
 */
final class KerasModelsIT {

  /** The share of a gradient's values that may differ: those on the kinks of rectifiers. */
  private static final double KINKS = 0.005;

  static Stream<String> files() {
    return Stream.of(
            "conv_heavy",
            "convnext",
            "densenet",
            "efficientnet",
            "little_vit",
            "mobilenet",
            "mobilenet_v2",
            "mobilenet_v3",
            "nasnet",
            "nested",
            "resnet_v2",
            "shared_two_outputs",
            "volume")
        .flatMap(name -> Stream.of(name + ".keras", name + ".h5"));
  }

  @ParameterizedTest
  @MethodSource("files")
  void load_modelOfKeras3_isWhatKerasComputes(String name) throws IOException {
    check(Golden.file("keras/" + name));
  }

  /** Real files of 2017. */
  @ParameterizedTest
  @ValueSource(strings = {"fer2013_mini_XCEPTION.102-0.66.hdf5", "tiny_XCEPTION_KDEF.hdf5"})
  void load_modelOfKeras2_isWhatKerasComputes(String name) throws IOException {
    check(Golden.file("keras2/" + name));
  }

  private static void check(Path file) throws IOException {
    String name = file.getFileName().toString();
    Path npz = file.resolveSibling(name.substring(0, name.lastIndexOf('.')) + ".npz");
    Golden.Array x = Golden.array(npz, "x");
    Golden.Array y = Golden.array(npz, "y");
    try (ExplainableModel model = ExplainableModel.load(file);
        NDManager manager = model.newManager()) {
      assertThat(model.channelLayout()).isEqualTo(ChannelLayout.CHANNELS_LAST);
      NDArray batch =
          manager.create(
              FloatBuffer.wrap(x.data()),
              new Shape(Arrays.stream(x.shape()).asLongStream().toArray()));
      assertClose(name + " y", model.predict(batch).toFloatArray(), y.data(), 1e-5, 0);

      int classIndex = (int) Golden.array(npz, "class").data()[0];
      OutputGradient scores = OutputGradient.ofClasses(classIndex);
      assertClose(
          name + " gradient",
          model.inputGradients(batch, scores).get(0).toFloatArray(),
          Golden.array(npz, "gradient").data(),
          1e-4,
          KINKS);

      if (has(npz, "layer_gradient")) {
        String layer = text(npz, "layer");
        List<Layer> layers = model.layers(batch);
        String own =
            layers.stream()
                .map(Layer::name)
                .filter(candidate -> candidate.equals(layer) || candidate.endsWith("/" + layer))
                .findFirst()
                .orElseThrow(() -> new AssertionError(layer + " is none of " + layers));
        LayerGradients pass = model.layerGradients(batch, scores, own);
        assertClose(
            name + " activation",
            pass.activations().toFloatArray(),
            Golden.array(npz, "activation").data(),
            2e-5,
            0);
        assertClose(
            name + " layer gradient",
            pass.gradients().get(0).toFloatArray(),
            Golden.array(npz, "layer_gradient").data(),
            1e-4,
            KINKS);
      }
      if (has(npz, "y_side")) {
        try (ExplainableModel side =
            ExplainableModel.load(file, LoadOptions.builder().optOutput("side").build())) {
          float[] expected = Golden.array(npz, "y_side").data();
          float[] outputs = side.predict(batch).toFloatArray();
          // A single sigmoid unit is class 1 of two.
          float[] ones = new float[expected.length];
          for (int i = 0; i < ones.length; i++) {
            ones[i] = outputs[outputs.length / ones.length * (i + 1) - 1];
          }
          assertClose(name + " side", ones, expected, 1e-5, 0);
        }
      }
    }
  }

  private static boolean has(Path npz, String key) throws IOException {
    try (ZipFile zip = new ZipFile(npz.toFile())) {
      return zip.getEntry(key + ".npy") != null;
    }
  }

  /** Reads an array that holds one text. */
  private static String text(Path npz, String key) throws IOException {
    try (ZipFile zip = new ZipFile(npz.toFile())) {
      byte[] npy = zip.getInputStream(zip.getEntry(key + ".npy")).readAllBytes();
      StringBuilder text = new StringBuilder();
      int header = 10 + (npy[8] & 0xff) + (npy[9] & 0xff) * 256;
      for (int i = header; i + 3 < npy.length; i += 4) {
        if (npy[i] != 0) {
          text.append((char) npy[i]);
        }
      }
      return text.toString();
    }
  }

  /** Compares, relative to the largest value; a share of the values may be further off. */
  private static void assertClose(
      String what, float[] own, float[] expected, double tolerance, double share) {
    assertThat(own).as(what).hasSameSizeAs(expected);
    double largest = 0;
    for (float value : expected) {
      largest = Math.max(largest, Math.abs(value));
    }
    int off = 0;
    double worst = 0;
    for (int i = 0; i < own.length; i++) {
      double difference = Math.abs((double) own[i] - expected[i]) / largest;
      worst = Math.max(worst, difference);
      if (!(difference <= tolerance)) {
        off++;
      }
    }
    assertThat(off)
        .as("%s: values that are off, the worst by %s of the largest", what, worst)
        .isLessThanOrEqualTo((int) (share * own.length));
  }
}

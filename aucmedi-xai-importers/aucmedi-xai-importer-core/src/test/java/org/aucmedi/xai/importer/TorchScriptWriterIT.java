package org.aucmedi.xai.importer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.aucmedi.xai.importer.Operations.Window;
import org.aucmedi.xai.model.ChannelLayout;
import org.aucmedi.xai.model.ExplainableModel;
import org.aucmedi.xai.model.Layer;
import org.aucmedi.xai.model.LayerGradients;
import org.aucmedi.xai.model.LayerKind;
import org.aucmedi.xai.model.LoadOptions;
import org.aucmedi.xai.model.OutputGradient;
import org.aucmedi.xai.model.ReluRule;
import org.aucmedi.xai.model.UnsupportedModelException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Written graphs, loaded by libtorch. */
final class TorchScriptWriterIT {

  private static final int SIZE = 5;
  private static final float[] KERNEL = random(4 * 3 * 3 * 2, 1);
  private static final float[] BIAS = random(4, 2);
  private static final float[] DENSE = random(3 * 4, 3);
  private static final float[] IMAGE = random(SIZE * SIZE * 2, 4);

  @TempDir private Path folder;

  private static float[] random(int size, long seed) {
    Random random = new Random(seed);
    float[] values = new float[size];
    for (int i = 0; i < size; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return values;
  }

  /** Channels last: a convolution with stride 2 and a border at the end, ReLU, mean, dense. */
  private static Graph net() {
    Graph.Builder graph = Graph.builder().layout(ChannelLayout.CHANNELS_LAST);
    Value image = graph.input("image", TensorType.float32(-1, SIZE, SIZE, 2));
    LayerBuilder unused = graph.layer("unused", "torch.nn.modules.activation.Tanh");
    unused.apply(Operations.elementwise("tanh"), image);
    LayerBuilder conv = graph.layer("backbone/conv.1", "torch.nn.modules.conv.Conv2d");
    Value x = conv.apply(Operations.channelsFirst(4), image);
    x = conv.apply(Operations.pad(new int[] {0, 0}, new int[] {2, 2}, 0), x);
    x =
        conv.apply(
            Operations.convolution(Window.of(new int[] {3, 3}, new int[] {2, 2}), 1, true),
            x,
            conv.weight("weight", Constant.of(KERNEL, 3, 3, 2, 4).permuted(3, 2, 0, 1)),
            conv.weight("bias", Constant.of(BIAS, 4)));
    x = conv.apply(Operations.channelsLast(4), x);
    LayerBuilder relu = graph.layer("relu", "torch.nn.modules.activation.ReLU");
    x = relu.apply(Operations.relu(), x);
    LayerBuilder pool = graph.layer("pool", "keras.layers.GlobalAveragePooling2D");
    x = pool.apply(Operations.reduce("mean", false, 1, 2), x);
    LayerBuilder dense = graph.layer("dense \"out\"", "torch.nn.modules.linear.Linear");
    x = dense.apply(Operations.linear(false), x, dense.weight("weight", Constant.of(DENSE, 3, 4)));
    assertThat(x.type()).isEqualTo(TensorType.float32(-1, 3));
    return graph.output("logits", x).build();
  }

  /** The same in plain Java, in float64: before the ReLU, and the output. */
  private static double[][] expected(float[] image) {
    int size = 3;
    double[] conv = new double[size * size * 4];
    double[] output = new double[3];
    for (int y = 0; y < size; y++) {
      for (int x = 0; x < size; x++) {
        for (int out = 0; out < 4; out++) {
          double sum = BIAS[out];
          for (int ky = 0; ky < 3 && 2 * y + ky < SIZE; ky++) {
            for (int kx = 0; kx < 3 && 2 * x + kx < SIZE; kx++) {
              for (int in = 0; in < 2; in++) {
                sum +=
                    (double) KERNEL[((ky * 3 + kx) * 2 + in) * 4 + out]
                        * image[((2 * y + ky) * SIZE + 2 * x + kx) * 2 + in];
              }
            }
          }
          conv[(y * size + x) * 4 + out] = sum;
          for (int k = 0; k < 3; k++) {
            output[k] += DENSE[k * 4 + out] * Math.max(sum, 0) / (size * size);
          }
        }
      }
    }
    return new double[][] {conv, output};
  }

  private ExplainableModel load(Graph graph) throws IOException {
    Path file = folder.resolve("net.pt");
    TorchScriptWriter.write(graph, file);
    return ExplainableModel.load(file);
  }

  @Test
  void write_channelsLast_predictsAndHasItsLayersByName() throws IOException {
    double[][] expected = expected(IMAGE);
    try (ExplainableModel model = load(net());
        NDManager manager = model.newManager()) {
      assertThat(model.channelLayout()).isEqualTo(ChannelLayout.CHANNELS_LAST);
      assertThat(model.inputShape()).isEqualTo(new Shape(-1, SIZE, SIZE, 2));
      NDArray batch = manager.create(IMAGE, new Shape(1, SIZE, SIZE, 2));
      assertClose(model.predict(batch).toFloatArray(), expected[1]);

      List<Layer> layers = model.layers(batch);
      assertThat(layers)
          .extracting(Layer::name)
          .containsExactly("backbone/conv.1", "relu", "pool", "dense _out_");
      assertThat(layers)
          .extracting(Layer::kind)
          .containsExactly(LayerKind.CONV, LayerKind.ACTIVATION, LayerKind.OTHER, LayerKind.DENSE);

      OutputGradient scores = OutputGradient.ofClasses(1);
      LayerGradients pass = model.layerGradients(batch, scores, "backbone/conv.1");
      assertThat(pass.activations().getShape()).isEqualTo(new Shape(1, 3, 3, 4));
      assertClose(pass.activations().toFloatArray(), expected[0]);
      double[] gradient = new double[expected[0].length];
      for (int i = 0; i < gradient.length; i++) {
        gradient[i] = expected[0][i] > 0 ? DENSE[4 + i % 4] / 9 : 0;
      }
      assertClose(pass.gradients().get(0).toFloatArray(), gradient);
      assertThat(model.guidedGradients(batch, scores, ReluRule.GUIDED).relus()).isEqualTo(1);
    }
  }

  @Test
  void write_twoCallsOfALayer_areOneModule() throws IOException {
    Constant weight = Constant.of(new float[] {2, 0, 0, 2}, 2, 2);
    Graph.Builder graph = Graph.builder();
    Value x = graph.input("x", TensorType.float32(-1, 2));
    for (int i = 0; i < 3; i++) {
      LayerBuilder layer = graph.layer("twice", "torch.nn.modules.linear.Linear");
      x = layer.apply(Operations.linear(false), x, layer.weight("weight", weight));
    }
    LayerBuilder other = graph.layer("twice", "torch.nn.modules.linear.Linear");
    Value weights = other.weight("weight", Constant.of(new float[] {1, 1, 0, 1}, 2, 2));
    x = other.apply(Operations.linear(false), x, weights);
    Path file = folder.resolve("shared.pt");
    TorchScriptWriter.write(graph.output("y", x).build(), file);
    try (ExplainableModel model = ExplainableModel.load(file);
        NDManager manager = model.newManager()) {
      assertThat(model.layers()).extracting(Layer::name).containsExactly("twice", "twice_1");
      NDArray batch = manager.create(new float[] {1, 3}, new Shape(1, 2));
      assertThat(model.predict(batch).toFloatArray()).containsExactly(8 * 4, 8 * 3);
    }
  }

  @Test
  void write_severalOutputs_oneIsTheDefaultOrHasToBeChosen() throws IOException {
    Graph.Builder graph = Graph.builder();
    Value x = graph.input("x", TensorType.float32(-1, 2));
    LayerBuilder split = graph.layer("split", "onnx.Split");
    List<Value> parts =
        split.applyAll(
            new Operation(
                "torch.split({0}, [1, 1], 1)",
                types -> List.of(TensorType.float32(-1, 1), TensorType.float32(-1, 1))),
            x);
    Path file = folder.resolve("two.pt");
    TorchScriptWriter.write(
        graph.output("right", parts.get(1)).output("left", parts.get(0)).build(), file);
    assertThatExceptionOfType(UnsupportedModelException.class)
        .isThrownBy(() -> predict(file, LoadOptions.NONE))
        .withMessageContaining("left")
        .withMessageContaining("right");
    TorchScriptWriter.write(graph.defaultOutput("right").build(), file);
    assertThat(predict(file, LoadOptions.NONE)).contains(3);
    assertThat(predict(file, LoadOptions.builder().optOutput("left").build())).contains(1);
    assertThat(predict(file, LoadOptions.builder().optOutput("right").build())).contains(3);
  }

  private static float[] predict(Path file, LoadOptions options) {
    try (ExplainableModel model = ExplainableModel.load(file, options);
        NDManager manager = model.newManager()) {
      return model.predict(manager.create(new float[] {1, 3}, new Shape(1, 2))).toFloatArray();
    }
  }

  @Test
  void write_sameGraph_isTheSameFile() throws IOException {
    TorchScriptWriter.write(net(), folder.resolve("a.pt"));
    TorchScriptWriter.write(net(), folder.resolve("b.pt"));
    assertThat(Files.mismatch(folder.resolve("a.pt"), folder.resolve("b.pt"))).isEqualTo(-1);
  }

  private static void assertClose(float[] own, double[] expected) {
    assertThat(own).hasSameSizeAs(expected);
    for (int i = 0; i < own.length; i++) {
      assertThat((double) own[i]).isCloseTo(expected[i], within(1e-5));
    }
  }
}

package org.aucmedi.xai.testkit;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Writes the golden networks as MXNet symbols, with the Keras weights in MXNet's layouts.
 *
 * <p>{@code tools/mxnet-twins.sh} runs this for use outside the tests.
 */
public final class SymbolTwins {

  /** The golden networks. */
  private static final List<String> NETWORKS = List.of("vanilla2d", "resmini", "vanilla3d");

  private final String network;
  private final SymbolBuilder symbol = new SymbolBuilder().variable("data");

  private SymbolTwins(String network) {
    this.network = network;
  }

  /**
   * Writes all networks.
   *
   * @param arguments the folder to write to; the system property golden.dir gives the golden files
   * @throws IOException if a file cannot be written
   */
  public static void main(String[] arguments) throws IOException {
    Path folder = Files.createDirectories(Path.of(arguments[0]));
    for (String network : NETWORKS) {
      write(network, folder);
    }
  }

  /**
   * Writes one network.
   *
   * @param network its name
   * @param folder an existing folder
   * @return the symbol's file
   * @throws IOException if a file cannot be written
   */
  public static Path write(String network, Path folder) throws IOException {
    SymbolTwins twin = new SymbolTwins(network);
    switch (network) {
      case "vanilla2d" -> twin.vanilla(2, 3);
      case "vanilla3d" -> twin.vanilla(3, 4);
      case "resmini" -> twin.resmini();
      default -> throw new IllegalArgumentException(network);
    }
    return twin.symbol.write(folder, network);
  }

  /**
   * Names the node that computes what a layer of the TorchScript twin does.
   *
   * @param network the network
   * @param path the TorchScript path
   * @return the node's name
   */
  public static String nodeName(String network, String path) {
    String keras = network.equals("vanilla3d") ? "3d" : "2d";
    return switch (path) {
      // The ReLU behind this convolution works in place, so the files hold its output.
      case "features.9" -> "relu" + keras + "_3";
      case "features.11" -> "max_pooling" + keras + "_3";
      case "b0.conv1" -> "b0_conv1";
      case "b1" -> "b1_out";
      case "head" -> "head_conv";
      default -> throw new IllegalArgumentException(path);
    };
  }

  private void vanilla(int rank, int classes) {
    String input = "data";
    for (int i = 0; i < 4; i++) {
      String suffix = rank + "d" + (i == 0 ? "" : "_" + i);
      convolve("conv" + suffix, input, 32 << i, 3, 1, true);
      relu("relu" + suffix, "conv" + suffix);
      input = "max_pooling" + suffix;
      pool(input, "relu" + suffix, "max", rank);
    }
    symbol.op(
        "Pooling",
        "mean",
        Map.of("global_pool", "True", "pool_type", "avg", "kernel", tuple(rank, 1)),
        input);
    dense("dense", "mean", 512);
    symbol.op("Dropout", "dropout", Map.of("p", "0.4"), "dense");
    dense("preds", "dropout", classes);
    symbol.op("softmax", "probabilities", Map.of("axis", "-1"), "preds");
  }

  private void resmini() {
    convolve("stem_conv", "data", 8, 3, 1, false);
    normalise("stem_bn", "stem_conv");
    relu("stem_relu", "stem_bn");
    pool("stem_pool", "stem_relu", "max", 2);
    block("b0", "stem_pool", 8);
    pool("b0_pool", "b0_out", "avg", 2);
    block("b1", "b0_pool", 16);
    pool("b1_pool", "b1_out", "avg", 2);
    convolve("head_conv", "b1_pool", 24, 3, 1, true);
    relu("head_relu", "head_conv");
    symbol.op("transpose", "channels_last", Map.of("axes", "(0, 2, 3, 1)"), "head_relu");
    symbol.op("Flatten", "flatten", Map.of(), "channels_last");
    symbol.op("Dropout", "dropout", Map.of("p", "0.4"), "flatten");
    dense("fc1", "dropout", 32);
    // The other way to write a ReLU.
    symbol.op("relu", "fc1_relu", Map.of(), "fc1");
    dense("logits", "fc1_relu", 10);
  }

  private void block(String name, String input, int channels) {
    convolve(name + "_conv1", input, channels, 3, 1, false);
    normalise(name + "_bn1", name + "_conv1");
    relu(name + "_relu", name + "_bn1");
    convolve(name + "_dw", name + "_relu", channels, 3, channels, true);
    convolve(name + "_conv2", name + "_dw", channels, 1, 1, true);
    normalise(name + "_bn2", name + "_conv2");
    String shortcut = input;
    if (name.equals("b1")) {
      shortcut = name + "_proj";
      convolve(shortcut, input, channels, 1, 1, false);
    }
    symbol.op("elemwise_add", name + "_add", Map.of(), name + "_bn2", shortcut);
    relu(name + "_out", name + "_add");
  }

  /** A convolution of stride one that keeps the size. */
  private void convolve(
      String name, String input, int filters, int size, int groups, boolean hasBias) {
    Golden.Array kernel = keras(name, 0);
    int rank = kernel.shape().length - 2;
    // Keras (spatial, in, out), or (spatial, in, 1) per channel; MXNet (out, in / groups, spatial).
    int[] axes = new int[rank + 2];
    axes[0] = groups == 1 ? rank + 1 : rank;
    axes[1] = groups == 1 ? rank : rank + 1;
    Arrays.setAll(axes, i -> i < 2 ? axes[i] : i - 2);
    weight(name + "_weight", transposed(kernel, axes));
    Map<String, String> attributes =
        Map.of(
            "kernel",
            tuple(rank, size),
            "pad",
            tuple(rank, size / 2),
            "num_filter",
            "" + filters,
            "num_group",
            "" + groups,
            "no_bias",
            hasBias ? "False" : "True");
    if (hasBias) {
      weight(name + "_bias", keras(name, 1));
      symbol.op("Convolution", name, attributes, input, name + "_weight", name + "_bias");
    } else {
      symbol.op("Convolution", name, attributes, input, name + "_weight");
    }
  }

  private void normalise(String name, String input) {
    weight(name + "_gamma", keras(name, 0));
    weight(name + "_beta", keras(name, 1));
    Golden.Array mean = keras(name, 2);
    Golden.Array variance = keras(name, 3);
    symbol.state(name + "_moving_mean", mean.shape(), mean.data());
    symbol.state(name + "_moving_var", variance.shape(), variance.data());
    symbol.op(
        "BatchNorm",
        name,
        Map.of("eps", "0.001", "fix_gamma", "False"),
        input,
        name + "_gamma",
        name + "_beta",
        name + "_moving_mean",
        name + "_moving_var");
  }

  private void dense(String name, String input, int units) {
    weight(name + "_weight", transposed(keras(name, 0), new int[] {1, 0}));
    weight(name + "_bias", keras(name, 1));
    symbol.op(
        "FullyConnected",
        name,
        Map.of("num_hidden", "" + units),
        input,
        name + "_weight",
        name + "_bias");
  }

  private void relu(String name, String input) {
    symbol.op("Activation", name, Map.of("act_type", "relu"), input);
  }

  private void pool(String name, String input, String type, int rank) {
    symbol.op(
        "Pooling",
        name,
        Map.of("pool_type", type, "kernel", tuple(rank, 2), "stride", tuple(rank, 2)),
        input);
  }

  private Golden.Array keras(String layer, int index) {
    return Golden.array("models/" + network + "_weights.npz", layer + "/" + index);
  }

  private void weight(String name, Golden.Array values) {
    symbol.weight(name, values.shape(), values.data());
  }

  private static String tuple(int rank, int value) {
    return IntStream.range(0, rank)
        .mapToObj(i -> "" + value)
        .collect(Collectors.joining(", ", "(", ")"));
  }

  /** Moves axis {@code axes[i]} to index i. */
  static Golden.Array transposed(Golden.Array array, int[] axes) {
    int rank = axes.length;
    int[] strides = new int[rank];
    for (int i = rank - 1, stride = 1; i >= 0; i--) {
      strides[i] = stride;
      stride *= array.shape()[i];
    }
    int[] shape = Arrays.stream(axes).map(axis -> array.shape()[axis]).toArray();
    float[] moved = new float[array.data().length];
    for (int i = 0; i < moved.length; i++) {
      int rest = i;
      int from = 0;
      for (int axis = rank - 1; axis >= 0; axis--) {
        from += rest % shape[axis] * strides[axes[axis]];
        rest /= shape[axis];
      }
      moved[i] = array.data()[from];
    }
    return new Golden.Array(shape, moved);
  }
}

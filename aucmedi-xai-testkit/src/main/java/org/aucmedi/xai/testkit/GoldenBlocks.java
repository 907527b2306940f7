package org.aucmedi.xai.testkit;

import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import ai.djl.nn.Block;
import ai.djl.nn.Blocks;
import ai.djl.nn.ParallelBlock;
import ai.djl.nn.Parameter;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.convolutional.Conv2d;
import ai.djl.nn.convolutional.Conv3d;
import ai.djl.nn.core.Linear;
import ai.djl.nn.norm.BatchNorm;
import ai.djl.nn.norm.Dropout;
import ai.djl.nn.pooling.Pool;
import ai.djl.util.Pair;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.aucmedi.xai.model.ExplainableModel;

/**
 * The golden networks as DJL blocks, on any engine that has them, with the weights of the golden
 * files.
 */
public final class GoldenBlocks {

  private static final Map<String, List<String>> KERAS_LAYERS =
      Map.of(
          "vanilla2d",
          List.of("conv2d", "conv2d_1", "conv2d_2", "conv2d_3", "dense", "preds"),
          "vanilla3d",
          List.of("conv3d", "conv3d_1", "conv3d_2", "conv3d_3", "dense", "preds"),
          "resmini",
          List.of(
              "stem_conv",
              "stem_bn",
              "b0_conv1",
              "b0_bn1",
              "b0_dw",
              "b0_conv2",
              "b0_bn2",
              "b1_conv1",
              "b1_bn1",
              "b1_dw",
              "b1_conv2",
              "b1_bn2",
              "b1_proj",
              "head_conv",
              "fc1",
              "logits"));

  /** The golden file's features.9 is the output of the ReLU behind it, which works in place. */
  private static final Map<String, String> LAYER_NAMES =
      Map.of(
          "features.9", "01SequentialBlock/11LambdaBlock",
          "features.11", "01SequentialBlock/12LambdaBlock",
          "b0.conv1", "02SequentialBlock/01ParallelBlock/01SequentialBlock/01Conv2d",
          "b1", "04ParallelBlock",
          "head", "06Conv2d");

  private GoldenBlocks() {}

  /**
   * Opens a golden network.
   *
   * @param network its name
   * @param engine DJL's name of the engine
   * @return the model; closing it also closes the blocks
   */
  public static ExplainableModel open(String network, String engine) {
    Model model = model(network, engine);
    return owning(ExplainableModel.of(model), model);
  }

  /**
   * Creates the DJL model of a golden network, whose weights a test may change.
   *
   * @param network its name
   * @param engine DJL's name of the engine
   * @return the model, which the caller closes
   */
  public static Model model(String network, String engine) {
    Model model = Model.newInstance(network, engine);
    Block block =
        switch (network) {
          case "vanilla2d" -> vanilla(2, 3);
          case "vanilla3d" -> vanilla(3, 4);
          case "resmini" -> resmini();
          default -> throw new IllegalArgumentException(network);
        };
    model.setBlock(block);
    int[] input = Golden.array(network + "_aucmedi.npz", "x").first(1).channelsFirst().shape();
    block.initialize(
        model.getNDManager(),
        DataType.FLOAT32,
        new Shape(Arrays.stream(input).asLongStream().toArray()));
    Iterator<String> names = KERAS_LAYERS.get(network).iterator();
    load(network, block, names);
    if (names.hasNext()) {
      throw new AssertionError("no block for " + names.next());
    }
    return model;
  }

  /**
   * Translates the name of a golden layer.
   *
   * @param path the TorchScript path of the layer
   * @return the path of blocks
   */
  public static String layerName(String path) {
    return LAYER_NAMES.get(path);
  }

  private static Block vanilla(int rank, int classes) {
    SequentialBlock features = new SequentialBlock();
    Shape two = filled(rank, 2);
    for (int filters : new int[] {32, 64, 128, 256}) {
      features
          .add(convolution(rank, filters, 3, true))
          .add(Activation.reluBlock())
          .add(rank == 2 ? Pool.maxPool2dBlock(two, two) : Pool.maxPool3dBlock(two, two));
    }
    return new SequentialBlock()
        .add(features)
        .add(rank == 2 ? Pool.globalAvgPool2dBlock() : Pool.globalAvgPool3dBlock())
        .add(Linear.builder().setUnits(512).build())
        .add(Dropout.builder().optRate(0.3f).build())
        .add(Linear.builder().setUnits(classes).build())
        .addSingleton(x -> x.softmax(1));
  }

  /** Residual sums in both forms: with the ReLU in a separate block, and inside the function. */
  private static Block resmini() {
    Shape two = new Shape(2, 2);
    Block relu = Activation.reluBlock();
    return new SequentialBlock()
        .add(
            new SequentialBlock()
                .add(convolution(2, 8, 3, false))
                .add(norm())
                .add(relu)
                .add(Pool.maxPool2dBlock(two, two)))
        .add(
            new SequentialBlock()
                .add(
                    new ParallelBlock(
                        list -> new NDList(list.get(0).head().add(list.get(1).head())),
                        List.of(branch(8, relu), Blocks.identityBlock())))
                .add(relu))
        .add(Pool.avgPool2dBlock(two, two))
        .add(
            new ParallelBlock(
                list -> Activation.relu(new NDList(list.get(0).head().add(list.get(1).head()))),
                List.of(branch(16, relu), new SequentialBlock().add(convolution(2, 16, 1, false)))))
        .add(Pool.avgPool2dBlock(two, two))
        .add(convolution(2, 24, 3, true))
        .add(Activation::relu)
        .addSingleton(x -> x.transpose(0, 2, 3, 1).reshape(x.getShape().get(0), -1))
        .add(Dropout.builder().optRate(0.25f).build())
        .add(Linear.builder().setUnits(32).build())
        .addSingleton(Activation::relu)
        .add(Linear.builder().setUnits(10).build());
  }

  private static Block branch(int filters, Block relu) {
    return new SequentialBlock()
        .add(convolution(2, filters, 3, false))
        .add(norm())
        .add(relu)
        .add(
            Conv2d.builder()
                .setKernelShape(new Shape(3, 3))
                .optPadding(new Shape(1, 1))
                .optGroups(filters)
                .setFilters(filters)
                .build())
        .add(convolution(2, filters, 1, true))
        .add(norm());
  }

  private static Block norm() {
    return BatchNorm.builder().optEpsilon(1e-3f).build();
  }

  private static Block convolution(int rank, int filters, int kernel, boolean bias) {
    Shape size = filled(rank, kernel);
    Shape padding = filled(rank, kernel / 2);
    return rank == 2
        ? Conv2d.builder()
            .setKernelShape(size)
            .optPadding(padding)
            .setFilters(filters)
            .optBias(bias)
            .build()
        : Conv3d.builder()
            .setKernelShape(size)
            .optPadding(padding)
            .setFilters(filters)
            .optBias(bias)
            .build();
  }

  private static Shape filled(int rank, int size) {
    return new Shape(IntStream.range(0, rank).mapToLong(i -> size).toArray());
  }

  private static void load(String network, Block block, Iterator<String> names) {
    List<Parameter> parameters = block.getDirectParameters().values();
    if (!parameters.isEmpty()) {
      String layer = names.next();
      for (int i = 0; i < parameters.size(); i++) {
        Golden.Array weights = Golden.array("models/" + network + "_weights.npz", layer + "/" + i);
        NDArray array = parameters.get(i).getArray();
        array.set(FloatBuffer.wrap(transposed(weights, layer.endsWith("_dw"))));
      }
    }
    for (Pair<String, Block> child : block.getChildren()) {
      load(network, child.getValue(), names);
    }
  }

  /** From (space..., in, out), or (space..., channels, 1), to (out, in, space...). */
  private static float[] transposed(Golden.Array weights, boolean depthwise) {
    int rank = weights.shape().length;
    if (rank == 1) {
      return weights.data();
    }
    int in = weights.shape()[rank - 2];
    int out = weights.shape()[rank - 1];
    int space = weights.data().length / in / out;
    float[] moved = new float[weights.data().length];
    for (int s = 0; s < space; s++) {
      for (int i = 0; i < in; i++) {
        for (int o = 0; o < out; o++) {
          int row = depthwise ? i * out + o : o * in + i;
          moved[row * space + s] = weights.data()[(s * in + i) * out + o];
        }
      }
    }
    return moved;
  }

  private static ExplainableModel owning(ExplainableModel explainable, Model model) {
    return (ExplainableModel)
        Proxy.newProxyInstance(
            GoldenBlocks.class.getClassLoader(),
            new Class<?>[] {ExplainableModel.class},
            (proxy, method, arguments) -> {
              try {
                return method.invoke(explainable, arguments);
              } catch (InvocationTargetException e) {
                throw e.getCause();
              } finally {
                if (method.getName().equals("close")) {
                  model.close();
                }
              }
            });
  }
}

package org.aucmedi.xai.methods;

import ai.djl.Model;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import ai.djl.nn.Block;
import ai.djl.nn.Blocks;
import ai.djl.nn.Parameter;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.convolutional.Conv2d;
import ai.djl.nn.convolutional.Conv3d;
import ai.djl.nn.core.Linear;
import ai.djl.nn.pooling.Pool;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.aucmedi.xai.model.ExplainableModel;
import org.aucmedi.xai.model.LoadOptions;
import org.aucmedi.xai.model.OutputActivation;

/** Networks small enough to compute by hand. */
final class SmallNets {

  private static final String ACTIVATION = "activation";

  private SmallNets() {}

  /**
   * The network of AUCMEDI's published vectors: 4x4x1, convolution with an identity and a Laplace
   * filter, ReLU, global average pooling, two classes, softmax.
   */
  static Model aucmedi() {
    float[] filters = {0, 0, 0, 0, 1, 0, 0, 0, 0, 0, -1, 0, -1, 4, -1, 0, -1, 0};
    Block conv =
        Conv2d.builder()
            .setFilters(2)
            .setKernelShape(new Shape(3, 3))
            .optPadding(new Shape(1, 1))
            .build();
    Block linear = Linear.builder().setUnits(2).build();
    Model model =
        model(
            new SequentialBlock()
                .add(conv)
                .add(Activation.reluBlock())
                .add(Pool.globalAvgPool2dBlock())
                .add(Blocks.batchFlattenBlock())
                .add(linear)
                .addSingleton(x -> x.softmax(-1)),
            OutputActivation.SOFTMAX,
            new Shape(1, 1, 4, 4));
    set(model, conv, filters, 0, 0.5f);
    set(model, linear, new float[] {1, 0.5f, -1, 1}, 0, 0.1f);
    return model;
  }

  /**
   * The network of Captum's tests: 4x4x1, convolution with filters of ones, ReLU, one output, ReLU.
   */
  static Model captum() {
    float[] ones = new float[18];
    Arrays.fill(ones, 1);
    Block conv = Conv2d.builder().setFilters(2).setKernelShape(new Shape(3, 3)).build();
    Block linear = Linear.builder().setUnits(1).optBias(false).build();
    Model model =
        model(
            new SequentialBlock()
                .add(conv)
                .add(Activation.reluBlock())
                .add(Blocks.batchFlattenBlock())
                .add(linear)
                .add(Activation.reluBlock()),
            OutputActivation.NONE,
            new Shape(1, 1, 4, 4));
    set(model, conv, ones, -50, -75);
    set(model, linear, new float[] {1, 1, 1, 1, 1, -1, -1, -1});
    return model;
  }

  /** Two weighted sums over 4x4x1, no rectifier. */
  static Model linear() {
    Block linear = Linear.builder().setUnits(2).optBias(false).build();
    Model model =
        model(
            new SequentialBlock().add(Blocks.batchFlattenBlock()).add(linear),
            OutputActivation.NONE,
            new Shape(1, 1, 4, 4));
    float[] weights = new float[32];
    for (int i = 0; i < 32; i++) {
      weights[i] = (i * 7 % 11) - 5;
    }
    set(model, linear, weights);
    return model;
  }

  /**
   * A convolution that keeps the size, ReLU, global average pooling, three classes, softmax, with
   * weights that depend on nothing.
   *
   * @param input (1, channels, spatial...), two or three spatial axes
   */
  static Model convolutional(Shape input) {
    boolean volume = input.dimension() == 5;
    Shape three = volume ? new Shape(3, 3, 3) : new Shape(3, 3);
    Shape one = volume ? new Shape(1, 1, 1) : new Shape(1, 1);
    Block conv =
        volume
            ? Conv3d.builder().setFilters(4).setKernelShape(three).optPadding(one).build()
            : Conv2d.builder().setFilters(4).setKernelShape(three).optPadding(one).build();
    Block linear = Linear.builder().setUnits(3).build();
    Model model =
        model(
            new SequentialBlock()
                .add(conv)
                .add(Activation.reluBlock())
                .add(volume ? Pool.globalAvgPool3dBlock() : Pool.globalAvgPool2dBlock())
                .add(Blocks.batchFlattenBlock())
                .add(linear)
                .addSingleton(x -> x.softmax(-1)),
            OutputActivation.SOFTMAX,
            input);
    SplittableRandom random = new SplittableRandom(6);
    for (Block block : List.of(conv, linear)) {
      int size = (int) block.getParameters().get("weight").getArray().size();
      set(model, block, random(size, random), random(block == conv ? 4 : 3, random));
    }
    return model;
  }

  private static float[] random(int size, SplittableRandom random) {
    float[] values = new float[size];
    for (int i = 0; i < size; i++) {
      values[i] = (float) (2 * random.nextDouble() - 1);
    }
    return values;
  }

  /** Makes one of these networks explainable, and says what its last operation is. */
  static ExplainableModel explainable(Model net) {
    OutputActivation activation = OutputActivation.of(net.getProperty(ACTIVATION));
    return ExplainableModel.of(net, LoadOptions.builder().optActivation(activation).build());
  }

  private static Model model(Block block, OutputActivation activation, Shape input) {
    Model model = Model.newInstance("small", "PyTorch");
    model.setProperty(ACTIVATION, activation.toString());
    block.initialize(model.getNDManager(), DataType.FLOAT32, input);
    model.setBlock(block);
    return model;
  }

  private static void set(Model model, Block block, float[] weight, float... bias) {
    NDManager manager = model.getNDManager();
    for (Parameter parameter : block.getParameters().values()) {
      Shape shape = parameter.getArray().getShape();
      float[] values = parameter.getType() == Parameter.Type.BIAS ? bias : weight;
      parameter.close();
      parameter.setShape(null);
      parameter.setArray(manager.create(FloatBuffer.wrap(values), shape));
    }
  }
}

package org.aucmedi.xai.engine.pytorch;

import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import java.nio.FloatBuffer;
import java.util.List;
import java.util.SplittableRandom;

/** Models of blocks with random weights, and what must not change about them. */
final class TestBlocks {

  private TestBlocks() {}

  /** Makes a model whose weights are as large as keeps the values of all layers alike. */
  static Model model(String name, Block block, Shape input) {
    Model model = Model.newInstance(name, "PyTorch");
    model.setBlock(block);
    block.initialize(model.getNDManager(), DataType.FLOAT32, input);
    SplittableRandom random = new SplittableRandom(11);
    for (Parameter parameter : block.getParameters().values()) {
      NDArray array = parameter.getArray();
      float[] values = new float[(int) array.size()];
      long inputs = array.size() / array.getShape().get(0);
      for (int i = 0; i < values.length; i++) {
        double value = random.nextDouble();
        values[i] =
            (float)
                switch (parameter.getType()) {
                  case RUNNING_VAR, GAMMA -> 0.5 + value;
                  case WEIGHT -> (2 * value - 1) * Math.sqrt(6.0 / inputs);
                  default -> value - 0.5;
                };
      }
      array.set(FloatBuffer.wrap(values));
    }
    return model;
  }

  static float[] image(Shape shape, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    float[] image = new float[(int) shape.size()];
    for (int i = 0; i < image.length; i++) {
      image[i] = (float) (2 * random.nextDouble() - 1);
    }
    return image;
  }

  static float[][] parameters(Model model) {
    return model.getBlock().getParameters().values().stream()
        .map(parameter -> parameter.getArray().toFloatArray())
        .toArray(float[][]::new);
  }

  static boolean[] flags(Model model) {
    List<Parameter> parameters = List.copyOf(model.getBlock().getParameters().values());
    boolean[] flags = new boolean[parameters.size()];
    for (int i = 0; i < flags.length; i++) {
      flags[i] = parameters.get(i).getArray().hasGradient();
    }
    return flags;
  }
}

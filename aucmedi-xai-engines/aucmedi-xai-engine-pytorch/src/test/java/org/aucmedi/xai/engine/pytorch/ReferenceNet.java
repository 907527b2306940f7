package org.aucmedi.xai.engine.pytorch;

import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.LambdaBlock;
import ai.djl.nn.ParallelBlock;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.convolutional.Conv2d;
import ai.djl.nn.core.Linear;
import ai.djl.nn.norm.BatchNorm;
import ai.djl.util.Pair;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import org.aucmedi.xai.model.ReluRule;
import org.jspecify.annotations.Nullable;

/**
 * Residual networks of DJL's zoo on one image, computed and differentiated in plain Java and double
 * precision: slow, and sharing nothing with an engine but the weights.
 *
 * <p>A block does not tell its stride, so it follows from the shapes that DJL predicts.
 */
final class ReferenceNet {

  /** Values of (channels, height, width) and what has arrived as gradient. */
  private record Field(int c, int h, int w, double[] value, double[] gradient) {
    Field(int c, int h, int w) {
      this(c, h, w, new double[c * h * w], new double[c * h * w]);
    }

    Shape shape() {
      return new Shape(1, c, h, w);
    }
  }

  private final Map<String, Double> ceilings;
  private final boolean rectifiedSums;
  private final @Nullable ReluRule rule;
  private final float epsilon;
  private final Deque<Runnable> backwards = new ArrayDeque<>();
  private final Field input;
  private final Field output;

  /** Runs the network. ReLUs have their usual derivative where there is no rule. */
  ReferenceNet(
      Block root,
      Shape shape,
      float[] image,
      Map<String, Double> ceilings,
      boolean rectifiedSums,
      float epsilon,
      @Nullable ReluRule rule) {
    this.ceilings = ceilings;
    this.rectifiedSums = rectifiedSums;
    this.epsilon = epsilon;
    this.rule = rule;
    input = new Field((int) shape.get(1), (int) shape.get(2), (int) shape.get(3));
    for (int i = 0; i < image.length; i++) {
      input.value[i] = image[i];
    }
    output = run(root, input);
  }

  float[] output() {
    return floats(output.value);
  }

  float[] gradient(float[] outputGradient) {
    for (int i = 0; i < outputGradient.length; i++) {
      output.gradient[i] = outputGradient[i];
    }
    backwards.forEach(Runnable::run);
    return floats(input.gradient);
  }

  private Field run(Block block, Field x) {
    if (block instanceof SequentialBlock) {
      Field current = x;
      for (Pair<String, Block> child : block.getChildren()) {
        current = run(child.getValue(), current);
      }
      return current;
    }
    if (block instanceof ParallelBlock) {
      List<Field> branches = new ArrayList<>();
      for (Pair<String, Block> child : block.getChildren()) {
        branches.add(run(child.getValue(), x));
      }
      Field sum = sum(branches.get(0), branches.get(1));
      return rectifiedSums ? rectified(sum, Double.POSITIVE_INFINITY) : sum;
    }
    if (block instanceof Conv2d) {
      return convolved(block, x);
    }
    if (block instanceof BatchNorm) {
      return normalised(block, x);
    }
    if (block instanceof Linear) {
      return dense(block, x);
    }
    String name = ((LambdaBlock) block).getName();
    Double ceiling = ceilings.get(name);
    if (ceiling != null) {
      return rectified(x, ceiling);
    }
    // What is left only reshapes.
    return name.equals("globalAvgPool2d") ? averaged(x) : x;
  }

  private static float[] weights(Block block, int index) {
    return block.getDirectParameters().valueAt(index).getArray().toFloatArray();
  }

  private Field convolved(Block block, Field x) {
    Shape kernel = block.getDirectParameters().valueAt(0).getArray().getShape();
    float[] weights = weights(block, 0);
    float[] bias = block.getDirectParameters().size() > 1 ? weights(block, 1) : null;
    Shape to = block.getOutputShapes(new Shape[] {x.shape()})[0];
    Field y = new Field((int) to.get(1), (int) to.get(2), (int) to.get(3));
    int size = (int) kernel.get(2);
    int perGroup = (int) kernel.get(1);
    int filters = y.c / (x.c / perGroup);
    int stride = x.h > 1 && y.h < x.h ? 2 : 1;
    int padding = size / 2;
    for (boolean back : new boolean[] {false, true}) {
      Runnable step =
          () -> {
            for (int o = 0; o < y.c; o++) {
              for (int i = 0; i < y.h * y.w; i++) {
                int to0 = o * y.h * y.w + i;
                if (!back && bias != null) {
                  y.value[to0] += bias[o];
                }
                for (int k = 0; k < perGroup * size * size; k++) {
                  int row = i / y.w * stride - padding + k / size % size;
                  int column = i % y.w * stride - padding + k % size;
                  if (row < 0 || row >= x.h || column < 0 || column >= x.w) {
                    continue;
                  }
                  int channel = o / filters * perGroup + k / size / size;
                  int from = (channel * x.h + row) * x.w + column;
                  float weight = weights[o * perGroup * size * size + k];
                  if (back) {
                    x.gradient[from] += weight * y.gradient[to0];
                  } else {
                    y.value[to0] += weight * x.value[from];
                  }
                }
              }
            }
          };
      if (back) {
        backwards.push(step);
      } else {
        step.run();
      }
    }
    return y;
  }

  private Field normalised(Block block, Field x) {
    float[] gamma = weights(block, 0);
    float[] beta = weights(block, 1);
    float[] mean = weights(block, 2);
    float[] variance = weights(block, 3);
    Field y = new Field(x.c, x.h, x.w);
    int space = x.h * x.w;
    for (int i = 0; i < y.value.length; i++) {
      int c = i / space;
      double scale = gamma[c] / Math.sqrt(variance[c] + epsilon);
      y.value[i] = (x.value[i] - mean[c]) * scale + beta[c];
    }
    backwards.push(
        () -> {
          for (int i = 0; i < y.value.length; i++) {
            int c = i / space;
            x.gradient[i] += y.gradient[i] * gamma[c] / Math.sqrt(variance[c] + epsilon);
          }
        });
    return y;
  }

  private Field rectified(Field x, double ceiling) {
    Field y = new Field(x.c, x.h, x.w);
    for (int i = 0; i < y.value.length; i++) {
      y.value[i] = Math.min(Math.max(x.value[i], 0), ceiling);
    }
    backwards.push(
        () -> {
          for (int i = 0; i < y.value.length; i++) {
            boolean inside = x.value[i] > 0 && x.value[i] < ceiling;
            boolean passes =
                (rule == ReluRule.DECONVNET || inside) && (rule == null || y.gradient[i] > 0);
            x.gradient[i] += passes ? y.gradient[i] : 0;
          }
        });
    return y;
  }

  private Field sum(Field a, Field b) {
    Field y = new Field(a.c, a.h, a.w);
    for (int i = 0; i < y.value.length; i++) {
      y.value[i] = a.value[i] + b.value[i];
    }
    backwards.push(
        () -> {
          for (int i = 0; i < y.value.length; i++) {
            a.gradient[i] += y.gradient[i];
            b.gradient[i] += y.gradient[i];
          }
        });
    return y;
  }

  private Field averaged(Field x) {
    Field y = new Field(x.c, 1, 1);
    int space = x.h * x.w;
    for (int i = 0; i < x.value.length; i++) {
      y.value[i / space] += x.value[i] / space;
    }
    backwards.push(
        () -> {
          for (int i = 0; i < x.value.length; i++) {
            x.gradient[i] += y.gradient[i / space] / space;
          }
        });
    return y;
  }

  private Field dense(Block block, Field x) {
    float[] weights = weights(block, 0);
    float[] bias = weights(block, 1);
    int inputs = x.value.length;
    Field y = new Field(bias.length, 1, 1);
    for (int o = 0; o < bias.length; o++) {
      y.value[o] = bias[o];
      for (int i = 0; i < inputs; i++) {
        y.value[o] += weights[o * inputs + i] * x.value[i];
      }
    }
    backwards.push(
        () -> {
          for (int o = 0; o < bias.length; o++) {
            for (int i = 0; i < inputs; i++) {
              x.gradient[i] += weights[o * inputs + i] * y.gradient[o];
            }
          }
        });
    return y;
  }

  private static float[] floats(double[] values) {
    float[] floats = new float[values.length];
    for (int i = 0; i < floats.length; i++) {
      floats[i] = (float) values[i];
    }
    return floats;
  }
}

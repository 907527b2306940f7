package org.aucmedi.xai.importer.keras;

import ai.djl.ndarray.types.Shape;
import java.util.Arrays;
import org.aucmedi.xai.importer.Literals;
import org.aucmedi.xai.importer.Operation;
import org.aucmedi.xai.importer.Operations;
import org.aucmedi.xai.importer.TensorType;
import org.aucmedi.xai.importer.Value;

/**
 * The border that Keras's {@code padding} asks for. {@code same} adds as much as the result needs
 * to be {@code ceil(size / stride)}, the odd one at the end.
 *
 * @param before at the start of each spatial axis
 * @param after at the end
 * @param dynamic the expression that pads images of unknown size, or empty
 */
record Padding(int[] before, int[] after, String dynamic) {

  /** A stride, dilation or kernel of one along every axis. */
  static int[] ones(int axes) {
    int[] ones = new int[axes];
    Arrays.fill(ones, 1);
    return ones;
  }

  static Padding of(LayerCall call, Value image, int[] kernel, int[] stride, int[] dilation) {
    int axes = kernel.length;
    Padding padding = new Padding(new int[axes], new int[axes], "");
    String kind = call.text("padding", call.text("border_mode", "valid"));
    switch (kind) {
      case "valid" -> {
        return padding;
      }
      case "causal" -> {
        padding.before[0] = (kernel[0] - 1) * dilation[0];
        return padding;
      }
      case "same" -> {
        return same(image, kernel, stride, dilation);
      }
      default -> throw call.unsupported("has the padding '" + kind + "', which is not supported");
    }
  }

  private static Padding same(Value image, int[] kernel, int[] stride, int[] dilation) {
    int axes = kernel.length;
    int[] before = new int[axes];
    int[] after = new int[axes];
    boolean known = true;
    for (int axis = 0; axis < axes; axis++) {
      long size = LayerCall.shape(image).get(axis + 2);
      int reach = (kernel[axis] - 1) * dilation[axis] + 1;
      // With a stride of one the size does not matter.
      known &= size >= 0 || stride[axis] == 1;
      long last = size < 0 ? stride[axis] : Math.floorMod(size - 1, stride[axis]) + 1;
      long total = Math.max(reach - last, 0);
      before[axis] = (int) (total / 2);
      after[axis] = (int) (total - total / 2);
    }
    return known
        ? new Padding(before, after, "")
        : new Padding(new int[axes], new int[axes], dynamic(kernel, stride, dilation));
  }

  /** The same for images whose size is not known before the model runs. */
  private static String dynamic(int[] kernel, int[] stride, int[] dilation) {
    StringBuilder sides = new StringBuilder();
    for (int axis = kernel.length - 1; axis >= 0; axis--) {
      int reach = (kernel[axis] - 1) * dilation[axis] + 1;
      String total =
          "ops.prim.max(torch.sub(%d, torch.add(torch.remainder(torch.sub(torch.size({0}, %d), 1), %d), 1)), 0)"
              .formatted(reach, axis + 2, stride[axis]);
      String half = "torch.floordiv(" + total + ", 2)";
      sides
          .append(sides.length() == 0 ? "" : ", ")
          .append(half)
          .append(", torch.sub(")
          .append(total)
          .append(", ")
          .append(half)
          .append(")");
    }
    return "torch.constant_pad_nd({0}, [" + sides + "], %s)";
  }

  /** Whether both sides of every axis get the same, so that the operation itself can pad. */
  private boolean isSymmetric() {
    return dynamic.isEmpty() && Arrays.equals(before, after);
  }

  /** What the operation itself pads. */
  int[] symmetric() {
    return isSymmetric() ? before : new int[before.length];
  }

  /** What has to be padded before. */
  Value apply(LayerCall call, Value image, double value) {
    if (isSymmetric()) {
      return image;
    }
    return call.apply(
        dynamic.isEmpty()
            ? Operations.pad(before, after, value)
            : Operation.of(
                dynamic.formatted(Literals.of(value)), inputs -> unknownSize(inputs.get(0))),
        image);
  }

  private static TensorType unknownSize(TensorType type) {
    long[] sizes = type.knownShape().getShape().clone();
    Arrays.fill(sizes, 2, sizes.length, -1);
    return type.withShape(new Shape(sizes));
  }
}

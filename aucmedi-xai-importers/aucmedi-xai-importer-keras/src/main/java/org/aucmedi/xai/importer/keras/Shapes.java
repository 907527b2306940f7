package org.aucmedi.xai.importer.keras;

import ai.djl.ndarray.types.Shape;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.aucmedi.xai.importer.ElementType;
import org.aucmedi.xai.importer.Literals;
import org.aucmedi.xai.importer.Operation;
import org.aucmedi.xai.importer.Operations;
import org.aucmedi.xai.importer.TensorType;
import org.aucmedi.xai.importer.Value;

/** Dense layers, layers that move values, and layers that do nothing in inference. */
final class Shapes {

  private Shapes() {}

  static void addTo(Map<String, LayerRule> rules) {
    Stream.of(
            "Dropout",
            "SpatialDropout1D",
            "SpatialDropout2D",
            "SpatialDropout3D",
            "AlphaDropout",
            "GaussianDropout",
            "GaussianNoise",
            "ActivityRegularization",
            "Identity",
            "StochasticDepth",
            "RandomFlip",
            "RandomRotation",
            "RandomZoom",
            "RandomTranslation",
            "RandomContrast",
            "RandomBrightness",
            "RandomHeight",
            "RandomWidth")
        .forEach(name -> rules.put(name, LayerRules.one(Shapes::identity)));
    rules.put("Dense", LayerRules.one(Shapes::dense));
    rules.put("Embedding", LayerRules.one(Shapes::embedding));
    rules.put("Flatten", LayerRules.one(Shapes::flatten));
    rules.put("Reshape", LayerRules.one(Shapes::reshape));
    rules.put("Permute", LayerRules.one(Shapes::permute));
    rules.put("RepeatVector", LayerRules.one(Shapes::repeat));
    rules.put("Resizing", LayerRules.one(Shapes::resize));
    rules.put("CenterCrop", LayerRules.one(Shapes::centerCrop));
    for (int axes = 1; axes <= 3; axes++) {
      int spatial = axes;
      rules.put(
          "ZeroPadding" + axes + "D",
          LayerRules.one(call -> pad(call, call.sides("padding", spatial), 1)));
      rules.put(
          "Cropping" + axes + "D",
          LayerRules.one(call -> pad(call, call.sides("cropping", spatial), -1)));
      rules.put("UpSampling" + axes + "D", LayerRules.one(call -> enlarge(call, spatial)));
    }
  }

  private static Value identity(LayerCall call) {
    call.start("torch.nn.modules.linear.Identity");
    return call.apply(Operations.identity(), call.input());
  }

  private static Value dense(LayerCall call) {
    call.start("torch.nn.modules.linear.Linear");
    long units = (long) call.number("units", call.number("output_dim", 0));
    Value weight =
        call.weight(
            "kernel", constant -> constant.permuted(1, 0), call.size(call.input(), -1), units);
    if (!call.flag("use_bias", true)) {
      return call.activated(call.apply(Operations.linear(false), call.input(), weight));
    }
    Value bias = call.weight("bias", units);
    return call.activated(call.apply(Operations.linear(true), call.input(), weight, bias));
  }

  /** A row of a table for each number; fractions are cut off. */
  private static Value embedding(LayerCall call) {
    call.start("torch.nn.modules.sparse.Embedding");
    long depth = (long) call.number("output_dim", 0);
    Value table = call.weight("embeddings", (long) call.number("input_dim", 0), depth);
    Value index = call.apply(Operations.cast(ElementType.INT64), call.input());
    Shape shape = LayerCall.shape(index).add(depth);
    return call.apply(
        Operation.of(
            "torch.embedding({1}, {0})", types -> new TensorType(ElementType.FLOAT32, shape)),
        index,
        table);
  }

  /** Keras flattens with the channels last, whatever the order of the axes. */
  private static Value flatten(LayerCall call) {
    call.start("torch.nn.modules.flatten.Flatten");
    Value input = call.input();
    if (call.isChannelsFirst() && LayerCall.rank(input) > 2) {
      input = call.apply(Operations.channelsLast(LayerCall.rank(input)), input);
    }
    long[] sizes = LayerCall.shape(input).getShape();
    long size = 1;
    for (int axis = 1; axis < sizes.length; axis++) {
      size = size < 0 || sizes[axis] < 0 ? -1 : size * sizes[axis];
    }
    Shape flat = new Shape(sizes[0], size);
    return call.apply(
        Operation.of(
            sizes.length == 1 ? "torch.unsqueeze({0}, 1)" : "torch.flatten({0}, 1)",
            types -> types.get(0).withShape(flat)),
        input);
  }

  private static Value reshape(LayerCall call) {
    int[] target = call.config().has("newshape") ? withoutBatch(call) : call.list("target_shape");
    Shape shape = LayerCall.shape(call.input());
    long[] sizes = new long[target.length + 1];
    sizes[0] = shape.get(0);
    long known = 1;
    int open = -1;
    for (int axis = 0; axis < target.length; axis++) {
      sizes[axis + 1] = target[axis];
      if (target[axis] < 0) {
        open = axis + 1;
      } else {
        known *= target[axis];
      }
    }
    if (open > 0) {
      Shape rest = shape.slice(1);
      boolean computable = Arrays.stream(rest.getShape()).allMatch(size -> size >= 0);
      sizes[open] = computable ? rest.size() / known : -1;
    }
    StringBuilder text = new StringBuilder("torch.reshape({0}, [torch.size({0}, 0)");
    for (int size : target) {
      text.append(", ").append(size);
    }
    return call.apply(
        Operation.of(
            text.append("])").toString(), types -> types.get(0).withShape(new Shape(sizes))),
        call.input());
  }

  /** The shape that keras.ops.reshape gets, which begins with the batch. */
  private static int[] withoutBatch(LayerCall call) {
    int[] whole = call.list("newshape");
    if (whole.length == 0 || whole[0] >= 0) {
      throw call.unsupported("changes the size of the batch, which is not supported");
    }
    return Arrays.copyOfRange(whole, 1, whole.length);
  }

  private static Value permute(LayerCall call) {
    int[] order = call.list("dims");
    int[] axes = new int[order.length + 1];
    System.arraycopy(order, 0, axes, 1, order.length);
    return call.apply(Operations.permute(axes), call.input());
  }

  private static Value repeat(LayerCall call) {
    int count = (int) call.number("n", 1);
    Shape shape = LayerCall.shape(call.input());
    return call.apply(
        Operation.of(
            "torch.repeat(torch.unsqueeze({0}, 1), [1, " + count + ", 1])",
            types -> types.get(0).withShape(new Shape(shape.get(0), count, shape.get(1)))),
        call.input());
  }

  private static Value pad(LayerCall call, int[][] sides, int sign) {
    int axes = sides[0].length;
    // Channels last: the last axis gets nothing.
    int length = call.isChannelsFirst() ? axes : axes + 1;
    int[] before = new int[length];
    int[] after = new int[length];
    for (int axis = 0; axis < axes; axis++) {
      before[axis] = sign * sides[0][axis];
      after[axis] = sign * sides[1][axis];
    }
    return call.apply(Operations.pad(before, after, 0), call.input());
  }

  private static Value enlarge(LayerCall call, int axes) {
    int[] factors = call.axes("size", axes, 2);
    String interpolation = call.text("interpolation", "nearest");
    int first = call.isChannelsFirst() ? 2 : 1;
    if (interpolation.equals("nearest")) {
      Value result = call.input();
      for (int axis = 0; axis < axes; axis++) {
        int own = first + axis;
        int factor = factors[axis];
        result =
            call.apply(
                Operation.of(
                    "torch.repeat_interleave({0}, " + factor + ", " + own + ")",
                    types -> scaled(types.get(0), own, factor)),
                result);
      }
      return result;
    }
    if (!interpolation.equals("bilinear") || axes != 2) {
      throw call.unsupported(
          "has the interpolation '" + interpolation + "', which is not supported");
    }
    Value image = call.toChannelsFirst(call.input());
    Value result =
        call.apply(
            Operation.of(
                "torch.upsample_bilinear2d({0}, None, False, [%s, %s])"
                    .formatted(Literals.of((double) factors[0]), Literals.of((double) factors[1])),
                types -> scaled(scaled(types.get(0), 2, factors[0]), 3, factors[1])),
            image);
    return call.fromChannelsFirst(result);
  }

  private static TensorType scaled(TensorType type, int axis, int factor) {
    long[] sizes = type.knownShape().getShape().clone();
    sizes[axis] = sizes[axis] < 0 ? -1 : sizes[axis] * factor;
    return type.withShape(new Shape(sizes));
  }

  private static Value resize(LayerCall call) {
    String interpolation = call.text("interpolation", "bilinear");
    if (call.flag("crop_to_aspect_ratio", false)
        || call.flag("pad_to_aspect_ratio", false)
        || call.flag("antialias", false)
        || !List.of("bilinear", "nearest").contains(interpolation)) {
      throw call.unsupported("resizes in a way that is not supported; resize images before");
    }
    int height = (int) call.number("height", 0);
    int width = (int) call.number("width", 0);
    Value image = call.toChannelsFirst(call.input());
    Value result =
        call.apply(
            Operation.of(
                interpolation.equals("nearest")
                    ? "torch._upsample_nearest_exact2d({0}, [%d, %d], None)"
                        .formatted(height, width)
                    : "torch.upsample_bilinear2d({0}, [%d, %d], False, None)"
                        .formatted(height, width),
                types -> {
                  long[] sizes = types.get(0).knownShape().getShape().clone();
                  sizes[2] = height;
                  sizes[3] = width;
                  return types.get(0).withShape(new Shape(sizes));
                }),
            image);
    return call.fromChannelsFirst(result);
  }

  private static Value centerCrop(LayerCall call) {
    int first = call.isChannelsFirst() ? 2 : 1;
    int[] wanted = {(int) call.number("height", 0), (int) call.number("width", 0)};
    int[][] sides = new int[2][2];
    for (int axis = 0; axis < 2; axis++) {
      long size = call.size(call.input(), first + axis);
      if (size < wanted[axis]) {
        throw call.unsupported("enlarges images, which is not supported");
      }
      sides[0][axis] = (int) (size - wanted[axis]) / 2;
      sides[1][axis] = (int) (size - wanted[axis]) - sides[0][axis];
    }
    return pad(call, sides, -1);
  }
}

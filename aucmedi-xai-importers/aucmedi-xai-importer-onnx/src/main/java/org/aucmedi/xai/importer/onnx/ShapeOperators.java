package org.aucmedi.xai.importer.onnx;

import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.aucmedi.xai.importer.Constant;
import org.aucmedi.xai.importer.ElementType;
import org.aucmedi.xai.importer.Operations;
import org.aucmedi.xai.importer.TensorType;
import org.aucmedi.xai.importer.onnx.Operators.Operator;
import org.aucmedi.xai.onnx.ElementTypes;
import org.aucmedi.xai.onnx.OnnxContent.Attribute;
import org.jspecify.annotations.Nullable;

/** Operators that change shapes, and those that make tensors of a shape. */
final class ShapeOperators {

  private ShapeOperators() {}

  static void register(Map<String, Operator> operators) {
    operators.put("Shape", ShapeOperators::shape);
    operators.put("Size", ShapeOperators::size);
    operators.put("Reshape", ShapeOperators::reshape);
    operators.put("Flatten", ShapeOperators::flatten);
    operators.put("Squeeze", ShapeOperators::squeeze);
    operators.put("Unsqueeze", ShapeOperators::unsqueeze);
    operators.put("Transpose", ShapeOperators::transpose);
    operators.put("Concat", ShapeOperators::concat);
    operators.put("Split", ShapeOperators::split);
    operators.put("Expand", ShapeOperators::expand);
    operators.put("Tile", ShapeOperators::tile);
    operators.put("ConstantOfShape", ShapeOperators::constantOfShape);
    operators.put("EyeLike", ShapeOperators::eyeLike);
    operators.put("Range", ShapeOperators::range);
    operators.put("DepthToSpace", ShapeOperators::depthToSpace);
    operators.put("SpaceToDepth", ShapeOperators::spaceToDepth);
    operators.put("Trilu", ShapeOperators::trilu);
  }

  private static void shape(Step step) {
    int rank = step.rank(0);
    int start = clamped(step.i("start", 0), rank);
    int end = Math.max(start, clamped(step.i("end", rank), rank));
    step.out(
        "torch.slice(torch._shape_as_tensor(%s), 0, %s, %s)".formatted(step.x(0), start, end),
        ElementType.INT64,
        end - start);
  }

  static int clamped(long index, int rank) {
    return (int) Math.max(0, Math.min(rank, index < 0 ? index + rank : index));
  }

  private static void size(Step step) {
    step.out("torch.prod(torch._shape_as_tensor(%s))".formatted(step.x(0)), ElementType.INT64);
  }

  private static void reshape(Step step) {
    long[] attribute = step.ints("shape");
    long[] target = attribute == null ? step.longs(1) : attribute;
    boolean keepZeros = step.i("allowzero", 0) != 0;
    if (target != null) {
      reshape(step, step.forImages(target.clone(), 0), keepZeros);
      return;
    }
    int rank = Math.toIntExact(step.shape(1)[0]);
    if (rank < 0) {
      throw step.unsupported("makes an unknown number of axes; export it with constant ones");
    }
    double[] known = step.in(1).known();
    long[] result = Operand.unknown(rank);
    if (known != null) {
      for (int i = 0; i < rank; i++) {
        if (known[i] > 0) {
          result[i] = (long) known[i];
        } else if (known[i] == 0 && !keepZeros) {
          result[i] = step.shape(0)[i];
        }
      }
    }
    String list = step.list(1);
    boolean zeros = known == null ? !keepZeros : Arrays.stream(known).anyMatch(size -> size == 0);
    if (known == null && zeros) {
      // Zeros stand for the sizes there are.
      String wanted = step.x(1);
      list =
          "annotate(List[int], (torch.where(torch.eq(%s, 0), torch.slice(torch.constant_pad_nd(torch._shape_as_tensor(%s), [0, %s]), 0, 0, %s), %s)).tolist())"
              .formatted(wanted, step.x(0), rank, rank, wanted);
    } else if (zeros && !keepZeros) {
      list =
          Step.list(
              IntStream.range(0, rank)
                  .mapToObj(
                      i ->
                          Objects.requireNonNull(known)[i] == 0
                              ? step.size(0, i)
                              : step.element(1, i))
                  .toList());
    }
    step.out("torch.reshape(%s, %s)".formatted(step.x(0), list), step.type(0), result);
  }

  private static void reshape(Step step, long[] target, boolean keepZeros) {
    long[] shape = step.shape(0);
    long[] result = target.clone();
    List<String> list = new ArrayList<>();
    int open = -1;
    for (int i = 0; i < target.length; i++) {
      if (target[i] == 0 && !keepZeros) {
        if (i >= shape.length) {
          throw new IllegalArgumentException(
              "its shape " + Arrays.toString(target) + " copies a size that there is not");
        }
        result[i] = shape[i];
        list.add(step.size(0, i));
        continue;
      }
      if (target[i] < -1 || (target[i] == -1 && open >= 0)) {
        throw new IllegalArgumentException("its shape is " + Arrays.toString(target));
      }
      open = target[i] == -1 ? i : open;
      list.add(String.valueOf(target[i]));
    }
    if (open >= 0) {
      result[open] = inferred(shape, result, open);
    } else if (Operand.size(shape) >= 0
        && Operand.size(result) >= 0
        && Operand.size(shape) != Operand.size(result)) {
      throw new IllegalArgumentException(
          "its shape %s does not hold the elements of %s"
              .formatted(Arrays.toString(target), Arrays.toString(shape)));
    }
    step.out("torch.reshape(%s, %s)".formatted(step.x(0), Step.list(list)), step.type(0), result);
  }

  /** The open size of a new shape, -1 if it is not known. */
  private static long inferred(long[] shape, long[] result, int open) {
    long[] others =
        IntStream.range(0, result.length)
            .filter(i -> i != open)
            .mapToLong(i -> result[i])
            .toArray();
    long[] from = shape;
    // The number of images, unknown as it is, may stay where it is.
    if (open > 0 && shape.length > 0 && shape[0] == -1 && result[0] == -1) {
      from = Arrays.copyOfRange(shape, 1, shape.length);
      others = Arrays.copyOfRange(others, 1, others.length);
    }
    long given = Operand.size(from);
    long rest = Operand.size(others);
    return given < 0 || rest <= 0 ? -1 : given / rest;
  }

  private static void flatten(Step step) {
    int rank = step.rank(0);
    int axis = Operand.axis(step.i("axis", 1), rank + 1);
    axis = step.i("axis", 1) < 0 ? step.in(0).axis(step.i("axis", 1)) : axis;
    long[] shape = step.shape(0);
    long before = Operand.size(Arrays.copyOf(shape, axis));
    long after = Operand.size(Arrays.copyOfRange(shape, axis, rank));
    String x = step.x(0);
    String expression;
    if (axis == 0) {
      expression = "torch.reshape(%s, [1, -1])".formatted(x);
    } else if (axis == rank) {
      expression = "torch.reshape(%s, [-1, 1])".formatted(x);
    } else {
      String flat = axis == rank - 1 ? x : "torch.flatten(%s, %s, -1)".formatted(x, axis);
      expression = axis == 1 ? flat : "torch.flatten(%s, 0, %s)".formatted(flat, axis - 1);
      expression = expression.equals(x) ? "torch.alias(%s)".formatted(x) : expression;
    }
    step.out(expression, step.type(0), before, after);
  }

  private static void squeeze(Step step) {
    int rank = step.rank(0);
    long[] shape = step.shape(0);
    long[] axes = step.has(1) ? step.longs(1) : step.ints("axes");
    if (axes == null && step.has(1)) {
      int removed = Math.toIntExact(step.shape(1)[0]);
      step.out(
          "torch.squeeze(%s, %s)".formatted(step.x(0), step.list(1)),
          step.type(0),
          Operand.unknown(rank - removed));
      return;
    }
    if (axes == null) {
      if (!step.in(0).hasFixedShape()) {
        throw step.unsupported("removes axes of size 1 without naming them; name them in axes");
      }
      axes = LongStream.range(0, rank).filter(axis -> shape[(int) axis] == 1).toArray();
    }
    long[] named = Arrays.stream(axes).map(axis -> step.in(0).axis(axis)).sorted().toArray();
    step.out(
        "torch.squeeze(%s, %s)".formatted(step.x(0), Step.list(named)),
        step.type(0),
        IntStream.range(0, rank)
            .filter(axis -> Arrays.binarySearch(named, axis) < 0)
            .mapToLong(axis -> shape[axis])
            .toArray());
  }

  /** The shape with axes of size 1 inserted. */
  static long[] unsqueezed(long[] shape, long[] axes) {
    int rank = shape.length + axes.length;
    long[] result = new long[rank];
    for (long axis : axes) {
      int at = Operand.axis(axis, rank);
      if (result[at] == 1) {
        throw new IllegalArgumentException("its axes are " + Arrays.toString(axes));
      }
      result[at] = 1;
    }
    int from = 0;
    for (int i = 0; i < rank; i++) {
      if (result[i] == 0) {
        result[i] = shape[from++];
      }
    }
    return result;
  }

  private static void unsqueeze(Step step) {
    long[] axes = step.has(1) ? step.longs(1) : step.ints("axes");
    String x = step.x(0);
    if (axes == null) {
      int added = Math.toIntExact(step.shape(1)[0]);
      int rank = step.rank(0) + added;
      // From the first axis to the last, so that each has its place when it is inserted.
      String sorted = "torch.msort(torch.remainder(%s, %s))".formatted(step.x(1), rank);
      for (int i = 0; i < added; i++) {
        x = "torch.unsqueeze(%s, int(torch.select(%s, 0, %s)))".formatted(x, sorted, i);
      }
      step.out(x, step.type(0), Operand.unknown(rank));
      return;
    }
    long[] result = unsqueezed(step.shape(0), axes);
    long[] sorted =
        Arrays.stream(axes).map(axis -> Operand.axis(axis, result.length)).sorted().toArray();
    for (long axis : sorted) {
      x = "torch.unsqueeze(%s, %s)".formatted(x, axis);
    }
    step.out(x, step.type(0), result);
  }

  static int[] permutation(Step step, int rank) {
    long[] perm = step.ints("perm");
    int[] axes =
        perm == null
            ? IntStream.range(0, rank).map(axis -> rank - 1 - axis).toArray()
            : Arrays.stream(perm).mapToInt(Math::toIntExact).toArray();
    int[] sorted = Arrays.stream(axes).sorted().toArray();
    if (!Arrays.equals(sorted, IntStream.range(0, rank).toArray())) {
      throw new IllegalArgumentException("its perm is " + Arrays.toString(axes));
    }
    return axes;
  }

  private static void transpose(Step step) {
    Operand x = step.in(0);
    int rank = x.rank();
    int[] axes = permutation(step, rank);
    long[] shape = x.shape();
    long[] result = IntStream.of(axes).mapToLong(axis -> shape[axis]).toArray();
    if (x.value() != null && rank >= 4) {
      // The image as it is: only its reading changes.
      if (x.channelsLast() && Arrays.equals(axes, Step.toLast(rank))) {
        step.out(0, Operand.of(x.value(), x.type(), result));
        return;
      }
      if (!x.channelsLast() && step.hasChannelsLast() && Arrays.equals(axes, Step.toFirst(rank))) {
        step.out(0, Operand.of(x.value(), x.type(), result).withChannelsLast(true));
        return;
      }
    }
    step.out(Step.permuted(step.x(0), axes), x.type(), result);
  }

  private static void concat(Step step) {
    int rank = step.rank(0);
    int axis = Operand.axis(step.i("axis", 1), rank);
    long[] result = step.shape(0).clone();
    List<String> tensors = new ArrayList<>();
    int images =
        IntStream.range(0, step.count()).filter(i -> step.in(i).batch()).findFirst().orElse(-1);
    for (int i = 0; i < step.count(); i++) {
      long[] shape = step.shape(i);
      if (shape.length != rank) {
        throw new IllegalArgumentException("its inputs have different numbers of axes");
      }
      for (int other = 0; other < rank; other++) {
        if (other == axis && i > 0) {
          result[axis] = result[axis] < 0 || shape[axis] < 0 ? -1 : result[axis] + shape[axis];
        } else if (other != axis && result[other] < 0) {
          result[other] = shape[other];
        }
      }
      boolean repeated = images >= 0 && axis > 0 && !step.in(i).batch();
      tensors.add(
          repeated
              ? "torch.expand(%s, %s)"
                  .formatted(
                      step.x(i),
                      Step.list(
                          Stream.concat(
                                  Stream.of(step.size(images, 0)),
                                  LongStream.range(1, rank).mapToObj(any -> "-1"))
                              .toList()))
              : step.x(i));
    }
    if (images >= 0 && axis > 0) {
      result[0] = -1;
    }
    step.out("torch.cat(%s, %s)".formatted(Step.list(tensors), axis), step.type(0), result);
  }

  private static void split(Step step) {
    int axis = step.in(0).axis(step.i("axis", 0));
    long[] shape = step.shape(0);
    int count = step.outputCount();
    long[] sizes = step.has(1) ? step.longs(1) : step.ints("split");
    String x = step.x(0);
    if (count == 1) {
      step.out("torch.alias(%s)".formatted(x), step.type(0), shape);
      return;
    }
    long[] part = shape.clone();
    part[axis] = -1;
    if (sizes == null && (step.has(1) || shape[axis] < 0)) {
      TensorType type = new TensorType(step.type(0), new Shape(part));
      step.outAll(
          step.has(1)
              ? "torch.split_with_sizes(%s, %s, %s)".formatted(x, step.list(1), axis)
              : "torch.chunk(%s, %s, %s)".formatted(x, count, axis),
          IntStream.range(0, count).mapToObj(i -> type).toList());
      return;
    }
    if (sizes == null) {
      long each = -Math.floorDiv(-shape[axis], count);
      sizes = new long[count];
      for (int i = 0; i < count; i++) {
        sizes[i] = Math.max(0, Math.min(each, shape[axis] - i * each));
      }
    }
    if (sizes.length != count || (shape[axis] >= 0 && LongStream.of(sizes).sum() != shape[axis])) {
      throw new IllegalArgumentException(
          "its parts %s do not fit the size %s".formatted(Arrays.toString(sizes), shape[axis]));
    }
    long start = 0;
    for (int i = 0; i < count; i++) {
      part[axis] = sizes[i];
      step.out(
          i,
          "torch.slice(%s, %s, %s, %s)".formatted(x, axis, start, start + sizes[i]),
          step.type(0),
          part.clone());
      start += sizes[i];
    }
  }

  private static void expand(Step step) {
    long[] shape = step.shape(0);
    int length = Math.toIntExact(step.shape(1)[0]);
    if (length < 0) {
      throw step.unsupported("makes an unknown number of axes; export it with constant ones");
    }
    double[] known = step.in(1).known();
    int rank = Math.max(shape.length, length);
    long[] result = new long[rank];
    List<String> list = new ArrayList<>();
    for (int i = 0; i < rank; i++) {
      int own = i - (rank - shape.length);
      int index = i - (rank - length);
      long size = own < 0 ? 1 : shape[own];
      double wanted = index < 0 ? 1 : known == null ? Double.NaN : known[index];
      if (own == 0 && step.in(0).batch() && wanted == step.images()) {
        wanted = 1;
      }
      if (size == 1) {
        result[i] = Double.isNaN(wanted) ? -1 : (long) wanted;
        list.add(index < 0 ? "1" : step.element(1, index));
      } else if (size > 1 || wanted == 1) {
        result[i] = size;
        list.add(size > 1 ? String.valueOf(size) : "-1");
      } else {
        result[i] = Double.isNaN(wanted) ? -1 : (long) wanted;
        list.add("ops.prim.max(%s, %s)".formatted(step.size(0, own), step.element(1, index)));
      }
    }
    step.out("torch.expand(%s, %s)".formatted(step.x(0), Step.list(list)), step.type(0), result);
  }

  private static void tile(Step step) {
    long[] repeats = step.longs(1);
    long[] result = Operand.unknown(step.rank(0));
    if (repeats != null) {
      for (int i = 0; i < result.length; i++) {
        result[i] = step.shape(0)[i] < 0 ? -1 : step.shape(0)[i] * repeats[i];
      }
    }
    step.out("torch.repeat(%s, %s)".formatted(step.x(0), step.list(1)), step.type(0), result);
  }

  /** The value with which ConstantOfShape fills, zero by default. */
  static Constant fill(Step step) {
    Attribute value = step.attribute("value");
    return value == null || value.t() == null ? Constant.of(new float[1]) : value.t().read();
  }

  private static void constantOfShape(Step step) {
    Constant fill = fill(step).reshaped();
    int rank = Math.toIntExact(step.shape(0)[0]);
    if (rank < 0) {
      throw step.unsupported("makes an unknown number of axes; export it with constant ones");
    }
    double[] known = step.in(0).known();
    long[] result = Operand.unknown(rank);
    for (int i = 0; known != null && i < rank; i++) {
      result[i] = Double.isNaN(known[i]) ? -1 : (long) known[i];
    }
    // Of a buffer, so that it is where the model is.
    step.out(
        "torch.expand(%s, %s)".formatted(step.weight("fill", fill), step.list(0)),
        fill.type().element(),
        result);
  }

  private static void eyeLike(Step step) {
    long offset = step.i("k", 0);
    ElementType type = step.type(0);
    if (step.hasAttribute("dtype")) {
      @Nullable ElementType declared = ElementTypes.of(step.i("dtype", 1));
      if (declared == null) {
        throw step.unsupported("makes a type that cannot be compiled; export it as float32");
      }
      type = ElementTypes.computed(declared);
    }
    step.out(
        "torch.triu(torch.tril(torch.ones_like(%s, dtype=%s), %s), %s)"
            .formatted(step.x(0), type.code(), offset, offset),
        type,
        step.shape(0));
  }

  private static void range(Step step) {
    if (step.type(0).isFloat()) {
      throw step.unsupported("counts in floating point; export it with constant limits");
    }
    step.out(
        "torch.arange(%s, %s, %s, dtype=%s, layout=None, device=ops.prim.device(%s))"
            .formatted(
                step.element(0, 0),
                step.element(1, 0),
                step.element(2, 0),
                step.type(0).code(),
                step.x(1)),
        step.type(0),
        -1);
  }

  private static long divided(long size, long by) {
    if (by < 1 || (size >= 0 && size % by != 0)) {
      throw new IllegalArgumentException("its blocksize " + by + " does not divide " + size);
    }
    return size < 0 ? -1 : size / by;
  }

  private static void depthToSpace(Step step) {
    long block = step.i("blocksize", 1);
    long[] shape = step.shape(0);
    long channels = divided(shape[1], block * block);
    long[] result = {
      shape[0], channels, shape[2] < 0 ? -1 : shape[2] * block, shape[3] < 0 ? -1 : shape[3] * block
    };
    if (step.s("mode", "DCR").equals("CRD")) {
      step.out("torch.pixel_shuffle(%s, %s)".formatted(step.x(0), block), step.type(0), result);
      return;
    }
    // The block's position comes first in the channels, so they are turned around before.
    String crd =
        "torch.flatten(torch.transpose(torch.unflatten(%s, 1, [%s, -1]), 1, 2), 1, 2)"
            .formatted(step.x(0), block * block);
    step.out("torch.pixel_shuffle(%s, %s)".formatted(crd, block), step.type(0), result);
  }

  private static void spaceToDepth(Step step) {
    long block = step.i("blocksize", 1);
    long[] shape = step.shape(0);
    long[] result = {
      shape[0],
      shape[1] < 0 ? -1 : shape[1] * block * block,
      divided(shape[2], block),
      divided(shape[3], block)
    };
    String crd = "torch.pixel_unshuffle(%s, %s)".formatted(step.x(0), block);
    step.out(
        step.s("mode", "DCR").equals("CRD")
            ? crd
            : "torch.flatten(torch.transpose(torch.unflatten(%s, 1, [-1, %s]), 1, 2), 1, 2)"
                .formatted(crd, block * block),
        step.type(0),
        result);
  }

  private static void trilu(Step step) {
    String k = step.has(1) ? step.element(1, 0) : "0";
    step.out(
        "torch.%s(%s, %s)".formatted(step.i("upper", 1) != 0 ? "triu" : "tril", step.x(0), k),
        step.type(0),
        step.shape(0));
  }

  /** The shape of two tensors together. */
  static long[] broadcast(long[] a, long[] b) {
    return Objects.requireNonNull(Operations.broadcast(new Shape(a), new Shape(b))).getShape();
  }
}

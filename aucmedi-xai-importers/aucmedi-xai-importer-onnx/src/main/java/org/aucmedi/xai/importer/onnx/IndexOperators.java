package org.aucmedi.xai.importer.onnx;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.aucmedi.xai.importer.onnx.Operators.Operator;
import org.jspecify.annotations.Nullable;

/** Operators that take elements by their positions, and padding. */
final class IndexOperators {

  private IndexOperators() {}

  static void register(Map<String, Operator> operators) {
    operators.put("Slice", IndexOperators::slice);
    operators.put("Gather", IndexOperators::gather);
    operators.put("GatherElements", IndexOperators::gatherElements);
    operators.put("GatherND", IndexOperators::gatherNd);
    operators.put("CumSum", IndexOperators::cumulativeSum);
    operators.put("Pad", IndexOperators::pad);
  }

  /** What Slice takes: its inputs, or its attributes until opset 9. */
  static long @Nullable [] sliceArgument(Step step, int input, String name) {
    return step.opset() < 10 ? step.ints(name) : step.longs(input);
  }

  private static void slice(Step step) {
    boolean attributes = step.opset() < 10;
    long[] starts = sliceArgument(step, 1, "starts");
    long[] ends = sliceArgument(step, 2, "ends");
    int count = starts == null ? (int) step.shape(1)[0] : starts.length;
    boolean all = attributes ? !step.hasAttribute("axes") : !step.has(3);
    long[] axes = all ? LongStream.range(0, count).toArray() : sliceArgument(step, 3, "axes");
    long[] steps = step.has(4) ? step.longs(4) : LongStream.range(0, count).map(i -> 1).toArray();
    if (axes == null || steps == null || count < 0) {
      throw step.unsupported(
          "takes axes or steps from the data; export the model with constant ones");
    }
    long[] result = step.shape(0).clone();
    String x = step.x(0);
    for (int i = 0; i < count; i++) {
      int axis = step.in(0).axis(axes[i]);
      long size = result[axis];
      if (steps[i] == 0) {
        throw new IllegalArgumentException("one of its steps is 0");
      }
      result[axis] =
          starts == null || ends == null || size < 0
              ? -1
              : length(size, starts[i], ends[i], steps[i]);
      if (steps[i] > 0) {
        x =
            "torch.slice(%s, %s, %s, %s, %s)"
                .formatted(
                    x,
                    axis,
                    starts == null ? step.element(1, i) : starts[i],
                    ends == null ? step.element(2, i) : ends[i],
                    steps[i]);
        continue;
      }
      if (starts == null || ends == null) {
        throw step.unsupported("goes backwards from a place in the data; export it with constants");
      }
      // Forwards through the axis turned around.
      x =
          "torch.slice(torch.flip(%s, [%s]), %s, %s, %s, %s)"
              .formatted(
                  x,
                  axis,
                  axis,
                  fromEnd(step, axis, starts[i]),
                  fromEnd(step, axis, ends[i]),
                  -steps[i]);
    }
    step.out(count == 0 ? "torch.alias(%s)".formatted(x) : x, step.type(0), result);
  }

  private static String fromEnd(Step step, int axis, long index) {
    return index < 0
        ? String.valueOf(-1 - index)
        : "ops.prim.max(torch.sub(%s, %s), 0)"
            .formatted(step.size(0, axis), Math.min(index, Long.MAX_VALUE - 1) + 1);
  }

  /** The number of elements that Slice takes. */
  static long length(long size, long start, long end, long step) {
    long from = start < 0 ? start + size : start;
    long to = end < 0 ? Math.max(end, -size - 1) + size : end;
    if (step > 0) {
      from = Math.max(0, Math.min(from, size));
      to = Math.max(0, Math.min(to, size));
      return Math.max(0, -Math.floorDiv(from - to, step));
    }
    from = Math.max(-1, Math.min(from, size - 1));
    to = Math.max(-1, Math.min(to, size - 1));
    return Math.max(0, -Math.floorDiv(to - from, -step));
  }

  private static long[] gathered(long[] shape, int axis, long[] indices) {
    return LongStream.concat(
            LongStream.concat(LongStream.of(shape).limit(axis), LongStream.of(indices)),
            LongStream.of(shape).skip(axis + 1L))
        .toArray();
  }

  private static void gather(Step step) {
    int axis = step.in(0).axis(step.i("axis", 0));
    long[] result = gathered(step.shape(0), axis, step.shape(1));
    long[] indices = step.longs(1);
    if (indices != null && step.rank(1) == 0) {
      step.out(
          "torch.select(%s, %s, %s)".formatted(step.x(0), axis, indices[0]), step.type(0), result);
      return;
    }
    List<String> parts = new ArrayList<>();
    IntStream.range(0, axis).forEach(i -> parts.add("None"));
    parts.add(asLong(step, 1));
    step.out(
        "torch.index(%s, annotate(List[Optional[Tensor]], %s))"
            .formatted(step.x(0, "weight"), Step.list(parts)),
        step.type(0),
        result);
  }

  private static String asLong(Step step, int input) {
    return "torch.to(%s, 4)".formatted(step.x(input));
  }

  private static void gatherElements(Step step) {
    int axis = step.in(0).axis(step.i("axis", 0));
    String index = asLong(step, 1);
    step.out(
        "torch.gather(%s, %s, torch.remainder(%s, %s))"
            .formatted(step.x(0), axis, index, step.size(0, axis)),
        step.type(0),
        step.shape(1));
  }

  private static void gatherNd(Step step) {
    int batch = (int) step.i("batch_dims", 0);
    long[] indices = step.shape(1);
    int rank = indices.length;
    int depth = (int) indices[rank - 1];
    if (depth < 1 || batch < 0 || batch + depth > step.rank(0) || batch >= rank) {
      throw new IllegalArgumentException(
          "its indices %s do not fit its data".formatted(Arrays.toString(indices)));
    }
    List<String> parts = new ArrayList<>();
    String index = asLong(step, 1);
    for (int i = 0; i < batch; i++) {
      long[] shape = new long[rank - 1];
      Arrays.fill(shape, 1);
      shape[i] = -1;
      parts.add(
          "torch.reshape(torch.arange(0, torch.size(%s, %s), dtype=4, layout=None, device=ops.prim.device(%s)), %s)"
              .formatted(step.x(1), i, step.x(1), Step.list(shape)));
    }
    for (int i = 0; i < depth; i++) {
      parts.add("torch.select(%s, -1, %s)".formatted(index, i));
    }
    step.out(
        "torch.index(%s, annotate(List[Optional[Tensor]], %s))"
            .formatted(step.x(0), Step.list(parts)),
        step.type(0),
        LongStream.concat(
                LongStream.of(indices).limit(rank - 1L),
                LongStream.of(step.shape(0)).skip(batch + depth))
            .toArray());
  }

  private static void cumulativeSum(Step step) {
    if (step.i("exclusive", 0) != 0 || step.i("reverse", 0) != 0) {
      throw step.unsupported("is exclusive or reverse, which cannot be compiled");
    }
    step.out(
        "torch.cumsum(%s, %s)".formatted(step.x(0), step.element(1, 0)),
        step.type(0),
        step.shape(0));
  }

  private static void pad(Step step) {
    String mode = step.s("mode", "constant");
    int rank = step.rank(0);
    long[] pads = step.hasAttribute("pads") ? step.ints("pads") : step.longs(1);
    long[] axes = step.has(3) ? step.longs(3) : LongStream.range(0, rank).toArray();
    if (axes == null) {
      throw step.unsupported("takes its axes from the data; export the model with constant ones");
    }
    int count = axes.length;
    if (pads != null && pads.length != 2 * count) {
      throw new IllegalArgumentException(
          "its pads are %s for %s axes".formatted(Arrays.toString(pads), count));
    }
    String[] begin = new String[rank];
    String[] end = new String[rank];
    Arrays.fill(begin, "0");
    Arrays.fill(end, "0");
    long[] result = step.shape(0).clone();
    for (int i = 0; i < count; i++) {
      int axis = step.in(0).axis(axes[i]);
      begin[axis] = pads == null ? step.element(1, i) : String.valueOf(pads[i]);
      end[axis] = pads == null ? step.element(1, i + count) : String.valueOf(pads[i + count]);
      result[axis] =
          pads == null || result[axis] < 0 ? -1 : result[axis] + pads[i] + pads[i + count];
    }
    if (mode.equals("constant")) {
      padConstant(step, begin, end, result);
      return;
    }
    String x = step.x(0);
    for (int axis = 0; axis < rank; axis++) {
      if (!begin[axis].equals("0") || !end[axis].equals("0")) {
        x =
            "torch.index_select(%s, %s, %s)"
                .formatted(x, axis, positions(step, mode, axis, begin[axis], end[axis]));
      }
    }
    step.out(x.startsWith("{") ? "torch.alias(%s)".formatted(x) : x, step.type(0), result);
  }

  private static void padConstant(Step step, String[] begin, String[] end, long[] result) {
    List<String> list = new ArrayList<>();
    for (int axis = begin.length - 1; axis >= 0; axis--) {
      list.add(begin[axis]);
      list.add(end[axis]);
    }
    // Axes in front that are not padded are left out, as PyTorch has fast ways for few.
    while (list.size() > 2
        && list.get(list.size() - 1).equals("0")
        && list.get(list.size() - 2).equals("0")) {
      list.subList(list.size() - 2, list.size()).clear();
    }
    String value = step.has(2) ? step.element(2) : Step.number(step.f("value", 0));
    step.out(
        "torch.constant_pad_nd(%s, %s, %s)".formatted(step.x(0), Step.list(list), value),
        step.type(0),
        result);
  }

  /** Where along an axis each element of a padded tensor comes from. */
  private static String positions(Step step, String mode, int axis, String begin, String end) {
    String size = step.size(0, axis);
    String last = "torch.sub(%s, 1)".formatted(size);
    String all =
        "torch.arange(torch.neg(%s), torch.add(%s, %s), dtype=4, layout=None, device=ops.prim.device(%s))"
            .formatted(begin, size, end, step.x(0));
    return switch (mode) {
      case "edge" -> "torch.clamp(%s, 0, %s)".formatted(all, last);
      case "wrap" -> "torch.remainder(%s, %s)".formatted(all, size);
      case "reflect" -> // |p| up to the last element, and back from there
          "torch.rsub(torch.abs(torch.sub(torch.remainder(%s, ops.prim.max(torch.mul(%s, 2), 1)), %s)), %s)"
              .formatted(all, last, last, last);
      default -> throw step.unsupported("has the mode '" + mode + "', which cannot be compiled");
    };
  }
}

package org.aucmedi.xai.importer.onnx;

import ai.djl.ndarray.types.Shape;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.aucmedi.xai.importer.ElementType;
import org.aucmedi.xai.importer.TensorType;
import org.aucmedi.xai.importer.onnx.Operators.Operator;
import org.jspecify.annotations.Nullable;

/** Operators that remove axes, or find the largest along one. */
final class ReductionOperators {

  private ReductionOperators() {}

  static void register(Map<String, Operator> operators) {
    operators.put("ReduceSum", step -> reduce(step, "torch.sum(%s, %s, %s)", "%s"));
    operators.put("ReduceMean", step -> reduce(step, "torch.mean(%s, %s, %s)", "%s"));
    operators.put("ReduceMax", step -> reduce(step, "torch.amax(%s, %s, %s)", "%s"));
    operators.put("ReduceMin", step -> reduce(step, "torch.amin(%s, %s, %s)", "%s"));
    operators.put("ReduceL1", step -> reduce(step, "torch.sum(torch.abs(%s), %s, %s)", "%s"));
    operators.put(
        "ReduceL2", step -> reduce(step, "torch.sum(torch.pow(%s, 2), %s, %s)", "torch.sqrt(%s)"));
    operators.put(
        "ReduceSumSquare", step -> reduce(step, "torch.sum(torch.pow(%s, 2), %s, %s)", "%s"));
    operators.put("ReduceLogSum", step -> reduce(step, "torch.sum(%s, %s, %s)", "torch.log(%s)"));
    operators.put("ReduceLogSumExp", step -> reduce(step, "torch.logsumexp(%s, %s, %s)", "%s"));
    operators.put("ReduceProd", ReductionOperators::product);
    operators.put("ArgMax", step -> position(step, "argmax"));
    operators.put("ArgMin", step -> position(step, "argmin"));
    operators.put("TopK", ReductionOperators::topK);
  }

  /** The axes of a reduction. */
  private static final class Axes {

    private final Step step;

    /** The axes if they are known, else null. */
    private final long @Nullable [] known;

    private final int count;
    private final boolean keep;

    Axes(Step step) {
      this.step = step;
      this.keep = step.i("keepdims", 1) != 0;
      long[] axes = step.has(1) ? step.longs(1) : step.ints("axes");
      if (axes == null && !step.has(1)) {
        axes = new long[0];
      }
      int rank = step.rank(0);
      boolean all = axes != null && axes.length == 0 && step.i("noop_with_empty_axes", 0) == 0;
      if (axes == null && step.shape(1).length == 1 && step.shape(1)[0] == 0) {
        all = step.i("noop_with_empty_axes", 0) == 0;
        axes = new long[0];
      }
      known =
          all
              ? LongStream.range(0, rank).toArray()
              : axes == null
                  ? null
                  : Arrays.stream(axes).map(axis -> step.in(0).axis(axis)).toArray();
      count = known == null ? (int) step.shape(1)[0] : known.length;
      if (count < 0) {
        throw step.unsupported(
            "reduces along an unknown number of axes; export it with constant axes");
      }
    }

    boolean isEmpty() {
      return count == 0;
    }

    String list() {
      return known == null ? step.list(1) : Step.list(known);
    }

    String axis(int index) {
      return known == null ? step.element(1, index) : String.valueOf(known[index]);
    }

    long[] result() {
      long[] shape = step.shape(0).clone();
      if (known == null) {
        return Operand.unknown(keep ? shape.length : shape.length - count);
      }
      for (long axis : known) {
        shape[(int) axis] = 1;
      }
      return keep
          ? shape
          : IntStream.range(0, shape.length)
              .filter(axis -> LongStream.of(known).noneMatch(removed -> removed == axis))
              .mapToLong(axis -> shape[axis])
              .toArray();
    }
  }

  private static void reduce(Step step, String format, String after) {
    Axes axes = new Axes(step);
    String x = step.x(0);
    // Without axes, only what is done to each element remains.
    String reduced =
        axes.isEmpty() && !format.contains("logsumexp")
            ? single(format, x)
            : format.formatted(x, axes.list(), axes.keep ? "True" : "False");
    step.out(after.formatted(reduced), step.type(0), axes.result());
  }

  private static String single(String format, String x) {
    int open = format.indexOf('(') + 1;
    int close = format.indexOf(", %s, %s)");
    String inner = format.substring(open, close);
    return inner.equals("%s") ? "torch.alias(" + x + ")" : inner.formatted(x);
  }

  private static void product(Step step) {
    Axes axes = new Axes(step);
    String expression = step.x(0);
    for (int i = 0; i < axes.count; i++) {
      expression = "torch.prod(%s, %s, True)".formatted(expression, axes.axis(i));
    }
    if (axes.isEmpty()) {
      expression = "torch.alias(%s)".formatted(expression);
    } else if (!axes.keep) {
      expression = "torch.squeeze(%s, %s)".formatted(expression, axes.list());
    }
    boolean narrow = step.type(0) != ElementType.INT64 && !step.type(0).isFloat();
    step.out(
        narrow ? "torch.to(%s, %s)".formatted(expression, step.type(0).code()) : expression,
        step.type(0),
        axes.result());
  }

  private static void position(Step step, String function) {
    int axis = step.in(0).axis(step.i("axis", 0));
    boolean keep = step.i("keepdims", 1) != 0;
    String x = step.x(0);
    String keeps = keep ? "True" : "False";
    long[] shape = step.shape(0);
    long[] result =
        IntStream.range(0, shape.length)
            .filter(i -> keep || i != axis)
            .mapToLong(i -> i == axis ? 1 : shape[i])
            .toArray();
    step.out(
        step.i("select_last_index", 0) == 0
            ? "torch.%s(%s, %s, %s)".formatted(function, x, axis, keeps)
            : "torch.rsub(torch.%s(torch.flip(%s, [%s]), %s, %s), torch.sub(%s, 1))"
                .formatted(function, x, axis, axis, keeps, step.size(0, axis)),
        ElementType.INT64,
        result);
  }

  private static void topK(Step step) {
    int axis = step.in(0).axis(step.i("axis", -1));
    long[] result = step.shape(0).clone();
    long[] known = step.has(1) ? step.longs(1) : null;
    long fixed = step.has(1) ? known == null ? -1 : known[0] : step.i("k", -1);
    result[axis] = fixed;
    String k = step.has(1) ? step.element(1, 0) : String.valueOf(fixed);
    long[] sorted = step.shape(0);
    List<String> pair =
        step.letAll(
            "torch.sort(%s, stable=True, dim=%s, descending=%s)"
                .formatted(step.x(0), axis, step.i("largest", 1) != 0 ? "True" : "False"),
            List.of(
                new TensorType(step.type(0), new Shape(sorted)),
                new TensorType(ElementType.INT64, new Shape(sorted))));
    step.out(0, "torch.slice(%s, %s, 0, %s)".formatted(pair.get(0), axis, k), step.type(0), result);
    step.out(
        1, "torch.slice(%s, %s, 0, %s)".formatted(pair.get(1), axis, k), ElementType.INT64, result);
  }
}

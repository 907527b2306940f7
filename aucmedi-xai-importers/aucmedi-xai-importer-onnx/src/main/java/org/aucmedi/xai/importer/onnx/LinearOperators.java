package org.aucmedi.xai.importer.onnx;

import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.aucmedi.xai.importer.Constant;
import org.aucmedi.xai.importer.Operations;
import org.aucmedi.xai.importer.onnx.Operators.Operator;

/** Products of matrices. */
final class LinearOperators {

  private LinearOperators() {}

  static void register(Map<String, Operator> operators) {
    operators.put("Gemm", LinearOperators::gemm);
    operators.put("MatMul", LinearOperators::matmul);
    operators.put("Einsum", LinearOperators::einsum);
  }

  /** alpha A B + beta C; with constant B and C, a fully connected layer. */
  private static void gemm(Step step) {
    double alpha = step.f("alpha", 1);
    double beta = step.f("beta", 1);
    boolean transA = step.i("transA", 0) != 0;
    boolean transB = step.i("transB", 0) != 0;
    if (step.rank(0) != 2 || step.rank(1) != 2) {
      throw new IllegalArgumentException("its inputs are not matrices");
    }
    long[] a = step.shape(0);
    long[] b = step.shape(1);
    long[] result = {a[transA ? 1 : 0], b[transB ? 0 : 1]};
    checkFeatures(a[transA ? 0 : 1], b[transB ? 1 : 0]);
    String left = transA ? Step.permuted(step.x(0), 1, 0) : step.x(0);
    Constant weight = step.in(1).constant();
    Constant bias = step.has(2) ? step.in(2).constant() : null;
    boolean plainBias =
        !step.has(2) || (bias != null && beta == 1 && bias.shape().size() == result[1]);
    if (weight != null && alpha == 1 && plainBias) {
      step.out(
          "torch.linear(%s, %s, %s)"
              .formatted(
                  left,
                  step.weight("weight", transB ? weight : weight.permuted(1, 0)),
                  bias == null ? "None" : step.weight("bias", bias.reshaped(result[1]))),
          step.type(0),
          result);
      return;
    }
    String right = transB ? Step.permuted(step.x(1), 1, 0) : step.x(1);
    String product = scaled("torch.matmul(%s, %s)".formatted(left, right), alpha);
    step.out(
        step.has(2) ? "torch.add(%s, %s)".formatted(product, scaled(step.x(2), beta)) : product,
        step.type(0),
        result);
  }

  private static void checkFeatures(long given, long expected) {
    if (given >= 0 && expected >= 0 && given != expected) {
      throw new IllegalArgumentException(
          "its weight takes %s features, and its input has %s".formatted(expected, given));
    }
  }

  private static String scaled(String expression, double factor) {
    return factor == 1
        ? expression
        : "torch.mul(%s, %s)".formatted(expression, Step.number(factor));
  }

  private static void matmul(Step step) {
    long[] a = step.shape(0);
    long[] b = step.shape(1);
    if (a.length == 0 || b.length == 0) {
      throw new IllegalArgumentException("one of its inputs is a number");
    }
    checkFeatures(a[a.length - 1], b[Math.max(0, b.length - 2)]);
    Constant weight = step.in(1).constant();
    long[] result = product(a, b);
    step.out(
        weight != null && b.length == 2
            ? "torch.linear(%s, %s)"
                .formatted(step.x(0), step.weight("weight", weight.permuted(1, 0)))
            : "torch.matmul(%s, %s)".formatted(step.x(0), step.x(1)),
        step.type(0),
        result);
  }

  private static long[] product(long[] a, long[] b) {
    long[] left = a.length == 1 ? new long[] {1, a[0]} : a;
    long[] right = b.length == 1 ? new long[] {b[0], 1} : b;
    Shape batch =
        Objects.requireNonNull(
            Operations.broadcast(
                new Shape(Arrays.copyOf(left, left.length - 2)),
                new Shape(Arrays.copyOf(right, right.length - 2))));
    Shape result = batch;
    if (a.length > 1) {
      result = result.add(left[left.length - 2]);
    }
    if (b.length > 1) {
      result = result.add(right[right.length - 1]);
    }
    return result.getShape();
  }

  private static void einsum(Step step) {
    String equation = step.s("equation", "").replace(" ", "");
    if (!equation.matches("[a-zA-Z.,]+(->[a-zA-Z.]*)?")) {
      throw new IllegalArgumentException("its equation is '" + equation + "'");
    }
    List<String> tensors = new ArrayList<>();
    for (int i = 0; i < step.count(); i++) {
      tensors.add(step.x(i));
    }
    step.out(
        "torch.einsum(\"%s\", %s)".formatted(equation, Step.list(tensors)),
        step.type(0),
        einsumShape(step, equation));
  }

  /** The result's shape; an ellipsis stands for as many axes as are left. */
  private static long[] einsumShape(Step step, String equation) {
    int arrow = equation.indexOf("->");
    String[] terms = (arrow < 0 ? equation : equation.substring(0, arrow)).split(",", -1);
    if (terms.length != step.count()) {
      throw new IllegalArgumentException("its equation is '" + equation + "'");
    }
    for (int i = 0; i < terms.length; i++) {
      terms[i] = spelled(terms[i], step.rank(i) - terms[i].replace(".", "").length());
    }
    String all = String.join("", terms);
    String dots =
        IntStream.range(0, terms.length)
            .mapToObj(i -> terms[i].replaceAll("[a-zA-Z]", ""))
            .max(Comparator.comparing(String::length))
            .orElse("");
    String result;
    if (arrow < 0) {
      StringBuilder once = new StringBuilder(dots);
      all.chars()
          .filter(Character::isLetter)
          .filter(c -> all.indexOf(c) == all.lastIndexOf(c))
          .sorted()
          .forEach(c -> once.append((char) c));
      result = once.toString();
    } else {
      result = equation.substring(arrow + 2).replace("...", dots);
    }
    long[] shape = Operand.unknown(result.length());
    for (int i = 0; i < terms.length; i++) {
      for (int axis = 0; axis < terms[i].length(); axis++) {
        int at = result.indexOf(terms[i].charAt(axis));
        if (at >= 0 && shape[at] <= 1) {
          shape[at] = step.shape(i)[axis];
        }
      }
    }
    return shape;
  }

  /** A term with a digit for each axis of the ellipsis, 0 for the last. */
  private static String spelled(String term, int axes) {
    String dots =
        IntStream.range(0, Math.max(0, axes))
            .mapToObj(i -> String.valueOf((char) ('0' + axes - 1 - i)))
            .collect(Collectors.joining());
    String spelled = term.replace("...", dots);
    if (axes < 0 || spelled.length() != axes + term.replace(".", "").length()) {
      throw new IllegalArgumentException("its equation does not fit its inputs");
    }
    return spelled;
  }
}

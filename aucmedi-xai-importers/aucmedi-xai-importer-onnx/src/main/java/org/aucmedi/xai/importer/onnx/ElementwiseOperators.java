package org.aucmedi.xai.importer.onnx;

import ai.djl.ndarray.types.Shape;
import com.google.common.primitives.Floats;
import com.google.common.primitives.Longs;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.UnaryOperator;
import org.aucmedi.xai.importer.Constant;
import org.aucmedi.xai.importer.ElementType;
import org.aucmedi.xai.importer.Operations;
import org.aucmedi.xai.importer.onnx.Operators.Operator;
import org.aucmedi.xai.onnx.ElementTypes;
import org.aucmedi.xai.onnx.OnnxContent.Attribute;

/** Operators that compute each element of their result from one element of each input. */
final class ElementwiseOperators {

  private ElementwiseOperators() {}

  static void register(Map<String, Operator> operators) {
    for (String name :
        List.of(
            "Abs",
            "Acos",
            "Acosh",
            "Asin",
            "Asinh",
            "Atan",
            "Atanh",
            "Ceil",
            "Cos",
            "Cosh",
            "Erf",
            "Exp",
            "Floor",
            "Log",
            "Mish",
            "Neg",
            "Reciprocal",
            "Relu",
            "Round",
            "Sigmoid",
            "Sign",
            "Sin",
            "Sinh",
            "Softplus",
            "Sqrt",
            "Tan",
            "Tanh")) {
      String function = "torch." + name.toLowerCase(java.util.Locale.ROOT) + "(%s)";
      operators.put(name, unary(function::formatted));
    }
    operators.put("HardSwish", unary("torch.hardswish(%s)"::formatted));
    operators.put(
        "Softsign", unary(x -> "torch.div(%s, torch.add(torch.abs(%s), 1))".formatted(x, x)));
    operators.put("Identity", step -> step.out(0, step.in(0)));
    operators.put("Not", step -> test(step, "torch.logical_not(%s)".formatted(step.x(0))));
    operators.put("IsNaN", step -> test(step, "torch.isnan(%s)".formatted(step.x(0))));
    operators.put("IsInf", step -> test(step, "torch.isinf(%s)".formatted(step.x(0))));

    operators.put("Elu", step -> same(step, "torch.elu(%s, %s)", step.f("alpha", 1)));
    operators.put("Celu", step -> same(step, "torch.celu(%s, %s)", step.f("alpha", 1)));
    operators.put(
        "Selu",
        step ->
            same(
                step,
                "torch.elu(%s, %s, %s)",
                step.f("alpha", 1.6732632f),
                step.f("gamma", 1.050701f)));
    operators.put(
        "LeakyRelu", step -> same(step, "torch.leaky_relu(%s, %s)", step.f("alpha", 0.01f)));
    operators.put(
        "ThresholdedRelu",
        step -> same(step, "torch.threshold(%s, %s, %s)", step.f("alpha", 1), 0));
    operators.put("PRelu", ElementwiseOperators::prelu);
    operators.put("HardSigmoid", ElementwiseOperators::hardSigmoid);
    operators.put("Shrink", ElementwiseOperators::shrink);
    operators.put("Swish", ElementwiseOperators::swish);
    operators.put(
        "Gelu",
        step -> {
          String approximate = step.s("approximate", "none");
          step.out(
              "torch.gelu(%s, approximate=\"%s\")"
                  .formatted(step.x(0), approximate.equals("tanh") ? "tanh" : "none"),
              step.type(0),
              step.shape(0));
        });
    operators.put("Clip", ElementwiseOperators::clip);
    operators.put("Cast", step -> cast(step, step.i("to", 1)));
    operators.put("CastLike", step -> castTo(step, step.type(1)));
    operators.put("Dropout", ElementwiseOperators::dropout);

    operators.put("Add", arithmetic("add"));
    operators.put("Sub", arithmetic("sub"));
    operators.put("Mul", arithmetic("mul"));
    operators.put("Div", ElementwiseOperators::divide);
    operators.put("Mod", ElementwiseOperators::modulo);
    operators.put("Pow", ElementwiseOperators::power);
    operators.put("And", comparison("logical_and"));
    operators.put("Or", comparison("logical_or"));
    operators.put("Xor", comparison("logical_xor"));
    operators.put("Equal", comparison("eq"));
    operators.put("Greater", comparison("gt"));
    operators.put("GreaterOrEqual", comparison("ge"));
    operators.put("Less", comparison("lt"));
    operators.put("LessOrEqual", comparison("le"));
    operators.put("Max", step -> fold(step, "maximum"));
    operators.put("Min", step -> fold(step, "minimum"));
    operators.put("Sum", step -> fold(step, "add"));
    operators.put("Mean", ElementwiseOperators::mean);
    operators.put("Where", ElementwiseOperators::where);
  }

  private static Operator unary(UnaryOperator<String> expression) {
    return step -> step.out(expression.apply(step.x(0)), step.type(0), step.shape(0));
  }

  private static void same(Step step, String format, double... numbers) {
    List<String> arguments = new ArrayList<>();
    arguments.add(step.x(0));
    Arrays.stream(numbers).mapToObj(Step::number).forEach(arguments::add);
    step.out(format.formatted(arguments.toArray()), step.type(0), step.shape(0));
  }

  private static void test(Step step, String expression) {
    step.out(expression, ElementType.BOOL, step.shape(0));
  }

  private static void prelu(Step step) {
    long[] slope = step.shape(1);
    Constant constant = step.in(1).constant();
    int rank = step.rank(0);
    // One slope per channel, as PyTorch has it: (C, 1, ..., 1), or a single one.
    boolean single = Operand.size(slope) == 1;
    boolean perChannel =
        slope.length == rank - 1 && Operand.size(slope) == slope[0] && slope[0] == step.shape(0)[1];
    if (constant != null && rank >= 2 && (single || perChannel)) {
      String weight = step.weight("weight", constant.reshaped(Operand.size(slope)));
      step.out("torch.prelu(%s, %s)".formatted(step.x(0), weight), step.type(0), step.shape(0));
      return;
    }
    String x = step.x(0);
    step.out(
        "torch.where(torch.ge(%s, 0), %s, torch.mul(%s, %s))"
            .formatted(x, x, x, step.x(1, "weight")),
        step.type(0),
        broadcast(step, 0, 1));
  }

  /** max(0, min(1, alpha x + beta)), by PyTorch's max(0, min(1, z / 6 + 1 / 2)). */
  private static void hardSigmoid(Step step) {
    double alpha = step.f("alpha", 0.2f);
    double beta = step.f("beta", 0.5f);
    String x = step.x(0);
    boolean plain = Math.abs(alpha - 1 / 6.0) < 1e-6 && beta == 0.5;
    step.out(
        plain
            ? "torch.hardsigmoid(%s)".formatted(x)
            : "torch.hardsigmoid(torch.add(torch.mul(%s, %s), %s))"
                .formatted(x, Step.number(6 * alpha), Step.number(6 * (beta - 0.5))),
        step.type(0),
        step.shape(0));
  }

  private static void shrink(Step step) {
    double limit = step.f("lambd", 0.5f);
    double bias = step.f("bias", 0);
    String x = step.x(0);
    step.out(
        "torch.where(torch.lt(%s, %s), torch.add(%s, %s), torch.where(torch.gt(%s, %s), torch.sub(%s, %s), torch.zeros_like(%s)))"
            .formatted(
                x,
                Step.number(-limit),
                x,
                Step.number(bias),
                x,
                Step.number(limit),
                x,
                Step.number(bias),
                x),
        step.type(0),
        step.shape(0));
  }

  private static void swish(Step step) {
    float alpha = step.f("alpha", 1);
    String x = step.x(0);
    step.out(
        alpha == 1
            ? "torch.silu(%s)".formatted(x)
            : "torch.mul(%s, torch.sigmoid(torch.mul(%s, %s)))".formatted(x, x, Step.number(alpha)),
        step.type(0),
        step.shape(0));
  }

  /** Clipping from zero to a number is a rectifier, so its limits have to be seen in the code. */
  private static void clip(Step step) {
    String low = limit(step, "min", 1);
    String high = limit(step, "max", 2);
    String x = step.x(0);
    if (low.startsWith("{") || high.startsWith("{")) {
      String floored =
          low.equals("None") ? x : "torch.maximum(%s, %s)".formatted(x, tensor(low, x));
      step.out(
          high.equals("None")
              ? floored
              : "torch.minimum(%s, %s)".formatted(floored, tensor(high, x)),
          step.type(0),
          step.shape(0));
      return;
    }
    boolean open = low.equals("None") && high.equals("None");
    step.out(
        open ? "torch.alias(%s)".formatted(x) : "torch.clamp(%s, %s, %s)".formatted(x, low, high),
        step.type(0),
        step.shape(0));
  }

  private static String tensor(String limit, String like) {
    return limit.startsWith("{") ? limit : "torch.full_like(%s, %s)".formatted(like, limit);
  }

  private static String limit(Step step, String name, int input) {
    if (step.hasAttribute(name)) {
      float value = step.f(name, 0);
      // Old files write the largest float for none.
      return Math.abs(value) == Float.MAX_VALUE ? "None" : Step.number(value);
    }
    if (!step.has(input)) {
      return "None";
    }
    Constant constant = step.in(input).constant();
    if (constant == null || constant.shape().size() != 1) {
      return step.x(input);
    }
    if (!constant.type().element().isFloat()) {
      return String.valueOf(constant.longs()[0]);
    }
    float value = constant.floats()[0];
    return Math.abs(value) == Float.MAX_VALUE || Float.isInfinite(value)
        ? "None"
        : Step.number(value);
  }

  private static void cast(Step step, long to) {
    ElementType type = ElementTypes.of(to);
    if (type == null) {
      throw step.unsupported(
          "casts to " + ElementTypes.name(to) + ", which cannot be compiled; export it otherwise");
    }
    castTo(step, ElementTypes.computed(type));
  }

  private static void castTo(Step step, ElementType type) {
    if (type == step.type(0)) {
      step.out(0, step.in(0));
      return;
    }
    step.out("torch.to(%s, %s)".formatted(step.x(0), type.code()), type, step.shape(0));
  }

  private static void dropout(Step step) {
    step.out("torch.alias(%s)".formatted(step.x(0)), step.type(0), step.shape(0));
    // The mask has the type of the data until opset 9.
    ElementType mask = step.opset() < 10 ? step.type(0) : ElementType.BOOL;
    step.out(
        1, "torch.ones_like(%s, dtype=%s)".formatted(step.x(0), mask.code()), mask, step.shape(0));
  }

  static long[] broadcast(Step step, int... inputs) {
    Shape shape = new Shape();
    for (int input : inputs) {
      shape = Objects.requireNonNull(Operations.broadcast(shape, new Shape(step.shape(input))));
    }
    return shape.getShape();
  }

  private static Operator arithmetic(String function) {
    return step -> pair(step, "torch." + function + "(%s, %s)");
  }

  private static void pair(Step step, String format) {
    int rank = step.rank(0);
    // A constant image is an input as any other.
    String left = step.x(0);
    step.out(format.formatted(left, step.numberOrX(1, rank)), step.type(0), broadcast(step, 0, 1));
  }

  private static void divide(Step step) {
    pair(
        step,
        step.type(0).isFloat()
            ? "torch.div(%s, %s)"
            : "torch.div(%s, %s, rounding_mode=\"trunc\")");
  }

  private static void modulo(Step step) {
    pair(step, step.i("fmod", 0) == 1 ? "torch.fmod(%s, %s)" : "torch.remainder(%s, %s)");
  }

  private static void power(Step step) {
    ElementType type = step.type(0);
    String power = "torch.pow(%s, %s)".formatted(step.x(0), step.numberOrX(1, step.rank(0)));
    step.out(
        type == step.type(1) ? power : "torch.to(%s, %s)".formatted(power, type.code()),
        type,
        broadcast(step, 0, 1));
  }

  private static Operator comparison(String function) {
    return step ->
        step.out(
            "torch.%s(%s, %s)".formatted(function, step.x(0), step.x(1)),
            ElementType.BOOL,
            broadcast(step, 0, 1));
  }

  private static void fold(Step step, String function) {
    step.out(folded(step, function), step.type(0), all(step));
  }

  private static String folded(Step step, String function) {
    String expression = step.x(0);
    for (int i = 1; i < step.count(); i++) {
      expression = "torch.%s(%s, %s)".formatted(function, expression, step.x(i));
    }
    return step.count() == 1 ? "torch.alias(%s)".formatted(expression) : expression;
  }

  private static void mean(Step step) {
    step.out(
        "torch.div(%s, %s)".formatted(folded(step, "add"), step.count()), step.type(0), all(step));
  }

  private static long[] all(Step step) {
    int[] inputs = new int[step.count()];
    Arrays.setAll(inputs, i -> i);
    return broadcast(step, inputs);
  }

  private static void where(Step step) {
    step.out(
        "torch.where(%s, %s, %s)".formatted(step.x(0), step.x(1), step.x(2)),
        step.type(1),
        broadcast(step, 0, 1, 2));
  }

  /** The value of a node of type Constant. */
  static Constant constant(Step step) {
    Attribute value = step.attribute("value");
    if (value != null && value.t() != null) {
      return value.t().read();
    }
    Attribute number = step.attribute("value_float");
    if (number != null) {
      return Constant.of(new float[] {number.f()});
    }
    Attribute integer = step.attribute("value_int");
    if (integer != null) {
      return Constant.of(new long[] {integer.i()});
    }
    for (String name : List.of("value_floats", "value_ints")) {
      Attribute list = step.attribute(name);
      if (list != null) {
        return numbers(list);
      }
    }
    throw step.unsupported("holds text or a sparse tensor, which cannot be compiled");
  }

  private static Constant numbers(Attribute list) {
    return list.floats().isEmpty()
        ? Constant.of(Longs.toArray(list.ints()), list.ints().size())
        : Constant.of(Floats.toArray(list.floats()), list.floats().size());
  }
}

package org.aucmedi.xai.engine.tensorflow;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.aucmedi.xai.engine.tensorflow.ModelGraph.Step;
import org.jspecify.annotations.Nullable;
import org.tensorflow.proto.AttrValue;
import org.tensorflow.proto.DataType;

/**
 * How gradients propagate through one operation. Most use the gradients of TensorFlow's C++
 * library; the rules here are for ReLUs in guided passes, and for operations whose gradient there
 * is missing or wrong.
 */
final class GradientRules {

  private static final Set<String> RELUS = Set.of("Relu", "Relu6");
  private static final Set<String> IDENTITIES =
      Set.of("IdentityN", "EnsureShape", "PlaceholderWithDefault", "Snapshot");
  private static final Set<String> FLAT = Set.of("Ceil", "Floor", "Round", "Rint", "Sign");
  private static final Set<String> NORMS =
      Set.of("FusedBatchNorm", "FusedBatchNormV2", "FusedBatchNormV3");

  /** Operations whose gradient needs the gradients of all outputs, even unused ones. */
  private static final Set<String> NEEDS_ALL = Set.of("Split", "SplitV", "Unpack");

  private final ModelGraph model;
  private final BackwardOps ops;
  private final BackwardRule rule;
  private final ConvolutionRules convolutions;
  private final ProjectiveTransformRule transforms;
  private final ElementwiseRules elementwise;

  GradientRules(ModelGraph model, BackwardOps ops, BackwardRule rule) {
    this.model = model;
    this.ops = ops;
    this.rule = rule;
    this.convolutions = new ConvolutionRules(ops);
    this.transforms = new ProjectiveTransformRule(ops);
    this.elementwise = new ElementwiseRules(model, ops);
  }

  static boolean isRelu(String op) {
    return RELUS.contains(op);
  }

  /**
   * Adds the gradient of one operation.
   *
   * @param step the operation
   * @param dys the gradient of each output, null if there is none
   * @return the gradient of each input, null if there is none
   */
  List<@Nullable Endpoint> apply(Step step, List<@Nullable Endpoint> dys) {
    String op = step.node().op();
    if (IDENTITIES.contains(op)) {
      return dys;
    }
    Endpoint dy = dys.get(0);
    if (dy == null) {
      return passes(step, dys);
    }
    if (rule != BackwardRule.PLAIN && isRelu(op)) {
      return only(step, 0, rectified(step, dy));
    }
    if (FLAT.contains(op)) {
      return only(step, 0, null);
    }
    if (ConvolutionRules.handles(op)) {
      int data = ConvolutionRules.dataInput(op);
      requireConstantBut(step, data);
      return only(step, data, convolutions.gradient(step, dy));
    }
    if (NORMS.contains(op) && !step.node().attributes().get("is_training").getB()) {
      requireConstantBut(step, 0);
      Endpoint factor = normFactor(step);
      return only(step, 0, factor == null ? passes(step, dys).get(0) : ops.mul(dy, factor));
    }
    if (ProjectiveTransformRule.handles(op)) {
      requireConstantBut(step, 0);
      return only(step, 0, transforms.gradient(step, dy));
    }
    Endpoint direct = ElementwiseRules.handles(op) ? elementwise.gradient(step, dy) : null;
    if (direct != null) {
      return only(step, elementwise.dataInput(step), direct);
    }
    return switch (op) {
      case "MaxPool3D" -> only(step, 0, new MaxPool3DRule(ops).gradient(step, dy));
      case "AccumulateNV2" -> Collections.nCopies(step.inputs().size(), dy);
      case "Erfc" -> only(step, 0, erfc(step.inputs().get(0), dy));
      default -> passes(step, dys);
    };
  }

  private Endpoint rectified(Step step, Endpoint dy) {
    Endpoint positive = ops.unary("Relu", dy);
    if (rule == BackwardRule.DECONVNET) {
      return positive;
    }
    Endpoint features = step.inputs().get(0);
    return ops.add(
        step.node().op() + "Grad", List.of(positive, features), Attributes.type(ops.type(dy)));
  }

  /**
   * Normalisation with stored statistics is a multiplication; TensorFlow would also compute the
   * gradients of the statistics, and does not support volumes.
   */
  private @Nullable Endpoint normFactor(Step step) {
    Map<String, AttrValue> attributes = step.node().attributes();
    if (attributes.get("data_format").getS().toStringUtf8().startsWith("NC")) {
      return null;
    }
    Endpoint scale = step.inputs().get(1);
    Endpoint variance = step.inputs().get(4);
    Endpoint epsilon = ops.scalar(attributes.get("epsilon").getF());
    Endpoint factor = ops.mul(scale, ops.unary("Rsqrt", ops.binary("AddV2", variance, epsilon)));
    DataType type = ops.type(step.inputs().get(0));
    return type == ops.type(factor) ? factor : ops.cast(factor, type);
  }

  private Endpoint erfc(Endpoint x, Endpoint dy) {
    Endpoint bell = ops.unary("Exp", ops.unary("Neg", ops.unary("Square", x)));
    DataType type = ops.type(x);
    Endpoint factor = ops.scalar((float) (-2 / Math.sqrt(Math.PI)));
    return ops.mul(dy, ops.mul(bell, type == DataType.DT_FLOAT ? factor : ops.cast(factor, type)));
  }

  /** The gradient of TensorFlow's C++ library. */
  private List<@Nullable Endpoint> passes(Step step, List<@Nullable Endpoint> dys) {
    List<Endpoint> xs = step.inputs().stream().filter(model::isDifferentiable).distinct().toList();
    @Nullable Endpoint[] dxs = new @Nullable Endpoint[step.inputs().size()];
    if (xs.isEmpty()) {
      return Collections.unmodifiableList(Arrays.asList(dxs));
    }
    List<@Nullable Endpoint> given = new ArrayList<>(dys);
    if (NEEDS_ALL.contains(step.node().op())) {
      for (int i = 0; i < given.size(); i++) {
        if (given.get(i) == null) {
          given.set(i, ops.unary("ZerosLike", step.results().get(i)));
        }
      }
    }
    List<@Nullable Endpoint> found = model.operationGradients().add(step, given, xs, ops);
    for (int i = 0; i < xs.size(); i++) {
      dxs[step.inputs().indexOf(xs.get(i))] = found.get(i);
    }
    return Collections.unmodifiableList(Arrays.asList(dxs));
  }

  private void requireConstantBut(Step step, int input) {
    for (int i = 0; i < step.inputs().size(); i++) {
      if (i != input && model.isDifferentiable(step.inputs().get(i))) {
        throw new UnsupportedOperationException("its weights depend on the image");
      }
    }
  }

  private static List<@Nullable Endpoint> only(Step step, int input, @Nullable Endpoint gradient) {
    @Nullable Endpoint[] gradients = new @Nullable Endpoint[step.inputs().size()];
    gradients[input] = gradient;
    return Collections.unmodifiableList(Arrays.asList(gradients));
  }
}

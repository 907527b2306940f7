package org.aucmedi.xai.importer.onnx;

import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The operators that can be compiled. */
final class Operators {

  /** Compiles the nodes of an operator. */
  @FunctionalInterface
  interface Operator {
    void compile(Step step);
  }

  private static final Set<String> SPATIAL =
      Set.of(
          "Conv",
          "ConvTranspose",
          "MaxPool",
          "AveragePool",
          "LpPool",
          "GlobalMaxPool",
          "GlobalAveragePool",
          "GlobalLpPool",
          "BatchNormalization",
          "InstanceNormalization",
          "GroupNormalization",
          "LRN",
          "DepthToSpace",
          "SpaceToDepth");

  private static final Set<String> CONTROL_FLOW =
      Set.of("If", "Loop", "Scan", "SequenceMap", "Optional");

  private static final Map<String, Operator> OPERATORS = new HashMap<>();

  static {
    ElementwiseOperators.register(OPERATORS);
    ConvolutionOperators.register(OPERATORS);
    LinearOperators.register(OPERATORS);
    NormalizationOperators.register(OPERATORS);
    ReductionOperators.register(OPERATORS);
    ShapeOperators.register(OPERATORS);
    IndexOperators.register(OPERATORS);
    OPERATORS.put("Resize", ResizeOperator::resize);
    OPERATORS.put("Upsample", ResizeOperator::upsample);
  }

  private Operators() {}

  /** Finds an operator, or returns null if it cannot be compiled. */
  static @Nullable Operator find(String name) {
    return OPERATORS.get(name);
  }

  /** Whether an operator takes images with channels first, and gives such. */
  static boolean isSpatial(String operator) {
    return SPATIAL.contains(operator);
  }

  /** Why an operator cannot be compiled. */
  static String refusal(String operator) {
    if (CONTROL_FLOW.contains(operator)) {
      return "is control flow";
    }
    if (operator.contains("Quant") || operator.endsWith("Integer")) {
      return "is quantised";
    }
    if (operator.contains("Sequence")
        || operator.contains("String")
        || operator.contains("Regex")) {
      return "works on sequences or text";
    }
    return "is not among the operators that can be compiled";
  }

  /** The Python class that says what a layer of an operator is. */
  static String torchClass(String operator, int rank) {
    int axes = rank - 2;
    boolean spatial = axes >= 1 && axes <= 3;
    return switch (operator) {
      case "Conv" -> spatial ? "torch.nn.modules.conv.Conv" + axes + "d" : "onnx.Conv";
      case "ConvTranspose" ->
          spatial ? "torch.nn.modules.conv.ConvTranspose" + axes + "d" : "onnx.ConvTranspose";
      case "MaxPool" -> spatial ? "torch.nn.modules.pooling.MaxPool" + axes + "d" : "onnx.MaxPool";
      case "AveragePool" ->
          spatial ? "torch.nn.modules.pooling.AvgPool" + axes + "d" : "onnx.AveragePool";
      case "GlobalAveragePool" ->
          spatial
              ? "torch.nn.modules.pooling.AdaptiveAvgPool" + axes + "d"
              : "onnx.GlobalAveragePool";
      case "GlobalMaxPool" ->
          spatial ? "torch.nn.modules.pooling.AdaptiveMaxPool" + axes + "d" : "onnx.GlobalMaxPool";
      case "BatchNormalization" ->
          spatial
              ? "torch.nn.modules.batchnorm.BatchNorm" + axes + "d"
              : "torch.nn.modules.batchnorm.BatchNorm1d";
      case "LayerNormalization" -> "torch.nn.modules.normalization.LayerNorm";
      case "GroupNormalization" -> "torch.nn.modules.normalization.GroupNorm";
      case "Gemm" -> "torch.nn.modules.linear.Linear";
      case "Relu" -> "torch.nn.modules.activation.ReLU";
      case "Softmax" -> "torch.nn.modules.activation.Softmax";
      case "Sigmoid" -> "torch.nn.modules.activation.Sigmoid";
      case "Dropout" -> "torch.nn.modules.dropout.Dropout";
      default -> "onnx." + operator;
    };
  }
}

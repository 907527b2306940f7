package org.aucmedi.xai.engine.onnxruntime;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.aucmedi.xai.engine.onnxruntime.OnnxGraph.Node;
import org.aucmedi.xai.model.ChannelLayout;
import org.aucmedi.xai.model.Layer;
import org.aucmedi.xai.model.LayerKind;
import org.jspecify.annotations.Nullable;

/**
 * The layers of a graph: the nodes that compute a single float tensor from the image.
 *
 * <p>Constants and shape arithmetic are not layers. A layer has the name of its node, or of its
 * output tensor if the node has no unique name.
 */
final class OnnxLayers {

  private static final Set<String> COMPARISONS =
      Set.of(
          "Equal",
          "Greater",
          "GreaterOrEqual",
          "Less",
          "LessOrEqual",
          "And",
          "Or",
          "Xor",
          "Not",
          "IsNaN",
          "IsInf");

  /** Their first input is a condition, a number to cast, a quantised number. */
  private static final Set<String> SECOND_TELLS = Set.of("Where", "CastLike", "DequantizeLinear");

  private static final Set<String> POSITIONS = Set.of("ArgMax", "ArgMin", "NonZero");
  private static final Set<String> ACTIVATIONS =
      Set.of(
          "Relu",
          "LeakyRelu",
          "PRelu",
          "ThresholdedRelu",
          "Clip",
          "Elu",
          "Selu",
          "Celu",
          "Gelu",
          "FastGelu",
          "QuickGelu",
          "BiasGelu",
          "Mish",
          "Swish",
          "Sigmoid",
          "HardSigmoid",
          "HardSwish",
          "Tanh",
          "Softplus",
          "Softsign",
          "Softmax",
          "LogSoftmax",
          "Hardmax");
  private static final Set<String> CONVOLUTIONS =
      Set.of("Conv", "ConvTranspose", "DeformConv", "FusedConv");
  private static final Set<String> DENSE = Set.of("Gemm", "MatMul", "FusedGemm", "FusedMatMul");
  private static final Set<String> NORMS_OVER_CHANNELS_FIRST =
      Set.of("BatchNormalization", "InstanceNormalization", "GroupNormalization", "LRN");

  /**
   * A layer.
   *
   * @param name its name
   * @param kind what it does
   * @param tensor the name of its output tensor
   * @param channelsFirst whether that tensor, if it is an image, has its channels first
   */
  record Entry(String name, LayerKind kind, String tensor, boolean channelsFirst) {}

  /** What is known about a tensor. */
  private record Tensor(@Nullable ElementType type, boolean fromImage, boolean channelsFirst) {
    static final Tensor UNKNOWN = new Tensor(null, false, true);
  }

  private final List<Entry> entries = new ArrayList<>();
  private final ImmutableMap<String, Entry> byName;

  OnnxLayers(OnnxGraph graph, ChannelLayout layout) {
    Map<String, Tensor> tensors = new HashMap<>();
    graph.types().forEach((name, type) -> tensors.put(name, new Tensor(type, false, true)));
    boolean first = layout == ChannelLayout.CHANNELS_FIRST;
    graph.inputs().forEach(in -> tensors.put(in.name(), new Tensor(in.type(), true, first)));
    // A name is unique if no other node and no other node's output has it.
    Map<String, Long> uses =
        graph.nodes().stream()
            .flatMap(
                node -> Stream.concat(Stream.of(node.name()), node.outputs().stream()).distinct())
            .collect(Collectors.groupingBy(name -> name, Collectors.counting()));
    for (Node node : graph.nodes()) {
      add(node, graph, tensors, !node.name().isEmpty() && uses.get(node.name()) == 1);
    }
    Map<String, Entry> names = new LinkedHashMap<>();
    entries.forEach(entry -> names.put(entry.name, entry));
    entries.forEach(entry -> names.putIfAbsent(entry.tensor, entry));
    byName = ImmutableMap.copyOf(names);
  }

  /** The layers, in execution order. */
  List<Entry> entries() {
    return ImmutableList.copyOf(entries);
  }

  /** The layers as methods see them, without shapes. */
  List<Layer> layers() {
    return entries.stream().map(entry -> new Layer(entry.name, entry.kind, null)).toList();
  }

  /** Finds a layer by its name or by the name of its tensor, or returns null. */
  @Nullable Entry find(String name) {
    return byName.get(name);
  }

  private void add(Node node, OnnxGraph graph, Map<String, Tensor> tensors, boolean ownName) {
    List<Tensor> inputs = find(node.inputs(), tensors);
    boolean fromImage =
        !node.operator().equals("Shape")
            && !node.operator().equals("Size")
            && Stream.concat(inputs.stream(), find(node.captured(), tensors).stream())
                .anyMatch(Tensor::fromImage);
    boolean channelsFirst = channelsFirst(node, inputs);
    int floats = 0;
    for (int i = 0; i < node.outputs().size(); i++) {
      String output = node.outputs().get(i);
      if (output.isEmpty()) {
        continue;
      }
      ElementType declared = graph.types().get(output);
      ElementType type = declared == null ? type(node, i, inputs) : declared;
      tensors.put(output, new Tensor(type, fromImage, channelsFirst));
      floats += type != null && type.isFloat() ? 1 : 0;
    }
    if (fromImage && floats == 1 && !node.controlFlow()) {
      String output = node.outputs().get(0);
      Tensor tensor = tensors.get(output);
      if (tensor != null && tensor.type != null && tensor.type.isFloat()) {
        String name = ownName ? node.name() : output;
        entries.add(new Entry(name, kind(node, inputs), output, channelsFirst));
      }
    }
  }

  private static List<Tensor> find(List<String> names, Map<String, Tensor> tensors) {
    return names.stream().map(name -> tensors.getOrDefault(name, Tensor.UNKNOWN)).toList();
  }

  /** The element type of an output, for the operators of image networks. */
  private static @Nullable ElementType type(Node node, int output, List<Tensor> inputs) {
    String operator = node.operator();
    if (operator.equals("Constant") || operator.equals("Cast")) {
      return node.attributeType();
    }
    if (operator.equals("ConstantOfShape")) {
      return node.attributeType() == null ? ElementType.FLOAT32 : node.attributeType();
    }
    if (operator.equals("Shape") || operator.equals("Size") || POSITIONS.contains(operator)) {
      return ElementType.INT64;
    }
    if (COMPARISONS.contains(operator)) {
      return ElementType.BOOL;
    }
    if (operator.contains("Sequence") || operator.contains("Quantize")) {
      return ElementType.OTHER;
    }
    if (output > 0 && (operator.equals("TopK") || operator.equals("MaxPool"))) {
      return ElementType.INT64;
    }
    if (output > 0 && operator.equals("Dropout")) {
      return ElementType.BOOL;
    }
    return inputs.stream()
        .skip(SECOND_TELLS.contains(operator) ? 1 : 0)
        .map(Tensor::type)
        .filter(type -> type != null)
        .findFirst()
        .orElse(null);
  }

  /** The channel layout of an output: ONNX's image operators read and write channels first. */
  private static boolean channelsFirst(Node node, List<Tensor> inputs) {
    String operator = node.operator();
    if (CONVOLUTIONS.contains(operator)
        || operator.endsWith("Pool")
        || NORMS_OVER_CHANNELS_FIRST.contains(operator)) {
      return true;
    }
    if (operator.equals("Transpose")) {
      int rank = node.permutation().size();
      if (rank >= 4 && node.permutation().equals(toLast(rank))) {
        return false;
      }
      if (rank >= 4 && node.permutation().equals(toFirst(rank))) {
        return true;
      }
    }
    return inputs.stream()
        .filter(Tensor::fromImage)
        .findFirst()
        .map(Tensor::channelsFirst)
        .orElse(true);
  }

  private static List<Long> toLast(int rank) {
    return LongStream.range(0, rank)
        .map(axis -> axis == 0 ? 0 : axis == rank - 1 ? 1 : axis + 1)
        .boxed()
        .toList();
  }

  private static List<Long> toFirst(int rank) {
    return LongStream.range(0, rank)
        .map(axis -> axis == 0 ? 0 : axis == 1 ? rank - 1 : axis - 1)
        .boxed()
        .toList();
  }

  private static LayerKind kind(Node node, List<Tensor> inputs) {
    String operator = node.operator();
    long fromImage = inputs.stream().filter(Tensor::fromImage).count();
    if (CONVOLUTIONS.contains(operator)) {
      return LayerKind.CONV;
    }
    if (operator.endsWith("Pool")) {
      return LayerKind.POOL;
    }
    if (operator.contains("Norm") || operator.equals("LRN")) {
      return LayerKind.NORM;
    }
    if (ACTIVATIONS.contains(operator)) {
      return LayerKind.ACTIVATION;
    }
    // Attention multiplies two tensors that both depend on the image; a dense layer has weights.
    if (DENSE.contains(operator) && fromImage == 1) {
      return LayerKind.DENSE;
    }
    // Adding a bias is not a sum of branches.
    if ((operator.equals("Add") || operator.equals("Sum")) && fromImage > 1) {
      return LayerKind.ADD;
    }
    return LayerKind.OTHER;
  }
}

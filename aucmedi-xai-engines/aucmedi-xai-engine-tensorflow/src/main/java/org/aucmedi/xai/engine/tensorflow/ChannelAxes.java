package org.aucmedi.xai.engine.tensorflow;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.aucmedi.xai.engine.tensorflow.FlatGraph.Node;
import org.aucmedi.xai.engine.tensorflow.FlatGraph.Ref;
import org.aucmedi.xai.model.ChannelLayout;
import org.tensorflow.proto.AttrValue;

/**
 * The channel axis of each tensor in a signature. A model may take images with channels first and
 * transpose them internally, since most of TensorFlow's operations require channels last on a CPU.
 */
final class ChannelAxes {

  /** Operations on images that support only one layout. */
  private static final Set<String> ALWAYS_LAST =
      Set.of(
          "ResizeBilinear",
          "ResizeNearestNeighbor",
          "ResizeBicubic",
          "ResizeArea",
          "ScaleAndTranslate",
          "CropAndResize",
          "ImageProjectiveTransformV2",
          "ImageProjectiveTransformV3",
          "Dilation2D");

  private final Map<String, ChannelLayout> layouts = new HashMap<>();

  /**
   * Follows the channels through a signature.
   *
   * @param flat the signature
   * @param input where the input has them
   * @param constant returns the values of a constant vector, or empty
   */
  ChannelAxes(FlatGraph flat, ChannelLayout input, Function<Ref, List<Integer>> constant) {
    layouts.put(flat.input(), input);
    for (Node node : flat.nodes()) {
      for (Ref read : node.inputs()) {
        ChannelLayout before = read.external() ? null : layouts.get(read.node());
        if (before != null) {
          layouts.put(node.name(), after(node, before, constant));
          break;
        }
      }
    }
  }

  /** Returns where the outputs of an operation have their channels. */
  ChannelLayout of(String node) {
    ChannelLayout known = layouts.get(node);
    return known == null ? ChannelLayout.CHANNELS_LAST : known;
  }

  private static ChannelLayout after(
      Node node, ChannelLayout before, Function<Ref, List<Integer>> constant) {
    AttrValue format = node.attributes().get("data_format");
    if (format != null && !node.op().equals("BiasAdd")) {
      return format.getS().toStringUtf8().startsWith("NC")
          ? ChannelLayout.CHANNELS_FIRST
          : ChannelLayout.CHANNELS_LAST;
    }
    if (ALWAYS_LAST.contains(node.op())) {
      return ChannelLayout.CHANNELS_LAST;
    }
    if (node.op().equals("Transpose")) {
      List<Integer> order = constant.apply(node.inputs().get(1));
      int rank = order.size();
      if (rank >= 4 && order.equals(toLast(rank))) {
        return ChannelLayout.CHANNELS_LAST;
      }
      if (rank >= 4 && order.equals(toFirst(rank))) {
        return ChannelLayout.CHANNELS_FIRST;
      }
    }
    return before;
  }

  /** The permutation from channels first to channels last: 0, 2, 3, 1. */
  static List<Integer> toLast(int rank) {
    return IntStream.range(0, rank)
        .mapToObj(axis -> axis == 0 ? 0 : axis == rank - 1 ? 1 : axis + 1)
        .toList();
  }

  /** The inverse: 0, 3, 1, 2. */
  static List<Integer> toFirst(int rank) {
    return IntStream.range(0, rank)
        .mapToObj(axis -> axis == 0 ? 0 : axis == 1 ? rank - 1 : axis - 1)
        .toList();
  }
}

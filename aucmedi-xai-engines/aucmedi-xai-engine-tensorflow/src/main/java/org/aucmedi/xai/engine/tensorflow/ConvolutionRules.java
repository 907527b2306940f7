package org.aucmedi.xai.engine.tensorflow;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.aucmedi.xai.engine.tensorflow.ModelGraph.Step;
import org.tensorflow.proto.AttrValue;
import org.tensorflow.proto.DataType;

/**
 * The gradients of convolutions with respect to their data. TensorFlow's C++ library has none for
 * volumes, ignores dilation, and always computes the gradients of the weights too.
 */
final class ConvolutionRules {

  /** Each convolution and the operation that computes its gradient; a pair works both ways. */
  private static final Map<String, String> BACKWARD =
      Map.of(
          "Conv2D", "Conv2DBackpropInput",
          "Conv3D", "Conv3DBackpropInputV2",
          "DepthwiseConv2dNative", "DepthwiseConv2dNativeBackpropInput");

  private static final Map<String, String> FORWARD =
      Map.of(
          "Conv2DBackpropInput", "Conv2D",
          "Conv3DBackpropInputV2", "Conv3D",
          "DepthwiseConv2dNativeBackpropInput", "DepthwiseConv2dNative");

  private final OpBuilder ops;

  ConvolutionRules(OpBuilder ops) {
    this.ops = ops;
  }

  static boolean handles(String op) {
    return BACKWARD.containsKey(op) || FORWARD.containsKey(op);
  }

  /**
   * Returns the index of the data input: a transposed convolution reads sizes and weights first.
   */
  static int dataInput(String op) {
    return FORWARD.containsKey(op) ? 2 : 0;
  }

  Endpoint gradient(Step step, Endpoint dy) {
    String op = step.node().op();
    Map<String, AttrValue> attributes = new HashMap<>(step.node().attributes());
    Endpoint filter = step.inputs().get(1);
    String transposed = FORWARD.get(op);
    if (transposed != null) {
      return ops.add(transposed, List.of(dy, filter), attributes);
    }
    if (op.equals("Conv2D")) {
      filter = dilated(filter, attributes);
    }
    attributes.put("Tshape", Attributes.of(DataType.DT_INT32));
    Endpoint sizes = ops.shape(step.inputs().get(0));
    return ops.add(BACKWARD.get(op), List.of(sizes, filter, dy), attributes);
  }

  /**
   * Expands a dilation into zeros in the weights, since not every processor's backward kernel
   * supports dilation.
   */
  private Endpoint dilated(Endpoint filter, Map<String, AttrValue> attributes) {
    AttrValue given = attributes.get("dilations");
    if (given.getList().getIList().stream().allMatch(rate -> rate == 1)) {
      return filter;
    }
    boolean channelsFirst = attributes.get("data_format").getS().toStringUtf8().equals("NCHW");
    int first = channelsFirst ? 2 : 1;
    int rows = Math.toIntExact(given.getList().getI(first));
    int columns = Math.toIntExact(given.getList().getI(first + 1));
    attributes.put("dilations", Attributes.of(List.of(1L, 1L, 1L, 1L)));
    Endpoint shape = ops.shape(filter);
    Endpoint height = ops.slice(shape, ops.ints(0), ops.ints(1));
    Endpoint width = ops.slice(shape, ops.ints(1), ops.ints(1));
    Endpoint channels = ops.slice(shape, ops.ints(2), ops.ints(2));
    Endpoint spread =
        ops.reshape(filter, ops.concat(height, ops.ints(1), width, ops.ints(1), channels));
    Endpoint padded =
        ops.add(
            "Pad",
            List.of(
                spread,
                ops.reshape(
                    ops.ints(0, 0, 0, rows - 1, 0, 0, 0, columns - 1, 0, 0, 0, 0), ops.ints(6, 2))),
            Map.of(
                "T", Attributes.of(ops.type(filter)),
                "Tpaddings", Attributes.of(DataType.DT_INT32)));
    Endpoint tall = ops.binary("Mul", height, ops.ints(rows));
    Endpoint wide = ops.binary("Mul", width, ops.ints(columns));
    Endpoint whole = ops.reshape(padded, ops.concat(tall, wide, channels));
    List<Endpoint> size = new ArrayList<>();
    size.add(ops.binary("Sub", tall, ops.ints(rows - 1)));
    size.add(ops.binary("Sub", wide, ops.ints(columns - 1)));
    size.add(channels);
    return ops.slice(whole, ops.ints(0, 0, 0, 0), ops.concat(size.toArray(new Endpoint[0])));
  }
}

package org.aucmedi.xai.engine.tensorflow;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.aucmedi.xai.engine.tensorflow.ModelGraph.Step;
import org.tensorflow.proto.AttrValue;

/**
 * The gradient of max-pooling over volumes.
 *
 * <p>The maximum of a box is the maximum of its planes' maxima, so two of TensorFlow's 2-D poolings
 * locate it; if several values are equally large, the first in memory.
 */
final class MaxPool3DRule {

  private final OpBuilder ops;

  MaxPool3DRule(OpBuilder ops) {
    this.ops = ops;
  }

  Endpoint gradient(Step step, Endpoint dy) {
    Map<String, AttrValue> attributes = step.node().attributes();
    if (!attributes.get("data_format").getS().toStringUtf8().equals("NDHWC")) {
      throw new UnsupportedOperationException("it has its channels first");
    }
    List<Long> window = attributes.get("ksize").getList().getIList();
    List<Long> stride = attributes.get("strides").getList().getIList();
    Endpoint x = step.inputs().get(0);
    Endpoint shape = ops.shape(x);
    // (N, D, H, W, C) as images (N*D, H, W, C), pooled within each plane.
    Endpoint channelsAndPlane = ops.slice(shape, ops.ints(2), ops.ints(3));
    Endpoint planes = ops.reshape(x, ops.concat(ops.ints(-1), channelsAndPlane));
    Map<String, AttrValue> inPlane =
        pooling(attributes, window.get(2), window.get(3), stride.get(2), stride.get(3));
    Endpoint pooledPlanes = ops.add("MaxPool", List.of(planes), inPlane);
    // (N, D, positions in a plane, C), pooled across planes.
    Endpoint columnShape =
        ops.concat(
            ops.slice(shape, ops.ints(0), ops.ints(2)),
            ops.ints(-1),
            ops.slice(shape, ops.ints(4), ops.ints(1)));
    Endpoint columns = ops.reshape(pooledPlanes, columnShape);
    Map<String, AttrValue> across = pooling(attributes, window.get(1), 1L, stride.get(1), 1L);
    Endpoint pooled = ops.add("MaxPool", List.of(columns), across);
    Endpoint dPooled = ops.reshape(dy, ops.shape(pooled));
    Endpoint dColumns = ops.add("MaxPoolGrad", List.of(columns, pooled, dPooled), across);
    Endpoint dPooledPlanes = ops.reshape(dColumns, ops.shape(pooledPlanes));
    Endpoint dPlanes =
        ops.add("MaxPoolGrad", List.of(planes, pooledPlanes, dPooledPlanes), inPlane);
    return ops.reshape(dPlanes, shape);
  }

  private static Map<String, AttrValue> pooling(
      Map<String, AttrValue> volume, long height, long width, long strideHeight, long strideWidth) {
    Map<String, AttrValue> attributes = new HashMap<>();
    attributes.put("T", volume.get("T"));
    attributes.put("padding", volume.get("padding"));
    attributes.put("ksize", Attributes.of(List.of(1L, height, width, 1L)));
    attributes.put("strides", Attributes.of(List.of(1L, strideHeight, strideWidth, 1L)));
    return attributes;
  }
}

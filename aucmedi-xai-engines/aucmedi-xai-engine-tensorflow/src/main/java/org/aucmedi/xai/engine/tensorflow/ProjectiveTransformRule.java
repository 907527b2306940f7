package org.aucmedi.xai.engine.tensorflow;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.aucmedi.xai.engine.tensorflow.ModelGraph.Step;
import org.tensorflow.proto.AttrValue;
import org.tensorflow.proto.DataType;

/**
 * The gradient of rotating, shifting, zooming and shearing images, with respect to the image.
 *
 * <p>An output value is a weighted sum of the input at the corners around its source position, so
 * its gradient goes back to these corners with the same weights. (Python's TensorFlow transforms
 * the gradient with the inverse matrix instead, which is the same only up to interpolation.)
 */
final class ProjectiveTransformRule {

  private final OpBuilder ops;

  ProjectiveTransformRule(OpBuilder ops) {
    this.ops = ops;
  }

  static boolean handles(String op) {
    return op.equals("ImageProjectiveTransformV2") || op.equals("ImageProjectiveTransformV3");
  }

  /** The source coordinate, along one axis, of each output position; (images, rows, columns). */
  private record Places(Endpoint at, Endpoint size) {}

  Endpoint gradient(Step step, Endpoint dy) {
    Map<String, AttrValue> attributes = step.node().attributes();
    boolean nearest = text(attributes, "interpolation").equals("NEAREST");
    String fill = text(attributes, "fill_mode");
    Endpoint image = step.inputs().get(0);
    Endpoint shape = ops.shape(image);
    Endpoint dyShape = ops.shape(dy);
    Endpoint matrix = step.inputs().get(1);
    Endpoint x = grid(dyShape, 2, 1, 1, -1);
    Endpoint y = grid(dyShape, 1, 1, -1, 1);
    Endpoint depth = ops.binary("AddV2", plane(matrix, 6, 7, x, y), ops.scalar(1));
    Endpoint seen = ops.binary("NotEqual", depth, ops.scalar(0));
    // At depth 0 there is no source position; any value works, since it gets no weight.
    depth = select(seen, depth, ops.scalar(1));
    Places rows = places(plane(matrix, 3, 4, 5, x, y), depth, shape, 1, fill);
    Places columns = places(plane(matrix, 0, 1, 2, x, y), depth, shape, 2, fill);
    Endpoint dx = null;
    for (int corner = 0; corner < (nearest ? 1 : 4); corner++) {
      Corner row = corner(rows, corner / 2, nearest);
      Corner column = corner(columns, corner % 2, nearest);
      Endpoint weight = select(seen, ops.mul(row.weight, column.weight), ops.scalar(0));
      Endpoint part = scatter(dy, weight, row, column, shape);
      dx = dx == null ? part : ops.binary("AddV2", dx, part);
    }
    return ops.type(image) == DataType.DT_FLOAT ? dx : ops.cast(dx, ops.type(image));
  }

  private static String text(Map<String, AttrValue> attributes, String name) {
    AttrValue value = attributes.get(name);
    return value == null ? "CONSTANT" : value.getS().toStringUtf8();
  }

  /** 0, 1, ... along one axis of the output. */
  private Endpoint grid(Endpoint dyShape, int axis, int... shape) {
    Endpoint size = ops.scalarOf(dyShape, axis);
    return ops.reshape(ops.cast(ops.range(size), DataType.DT_FLOAT), ops.ints(shape));
  }

  /** Entry i of all matrices, (images or 1, 1, 1). */
  private Endpoint entry(Endpoint matrix, int i) {
    return ops.reshape(ops.slice(matrix, ops.ints(0, i), ops.ints(-1, 1)), ops.ints(-1, 1, 1));
  }

  private Endpoint plane(Endpoint matrix, int a, int b, Endpoint x, Endpoint y) {
    return ops.binary("AddV2", ops.mul(entry(matrix, a), x), ops.mul(entry(matrix, b), y));
  }

  private Endpoint plane(Endpoint matrix, int a, int b, int c, Endpoint x, Endpoint y) {
    return ops.binary("AddV2", plane(matrix, a, b, x, y), entry(matrix, c));
  }

  private Places places(Endpoint plane, Endpoint depth, Endpoint shape, int axis, String fill) {
    Endpoint size = ops.cast(ops.scalarOf(shape, axis), DataType.DT_FLOAT);
    Endpoint at = ops.binary("RealDiv", plane, depth);
    Endpoint last = ops.binary("Sub", size, ops.scalar(1));
    return switch (fill) {
      case "REFLECT" -> new Places(clipped(reflected(at, size), last), size);
      case "WRAP" -> new Places(clipped(wrapped(at, size, last), last), size);
      case "NEAREST" -> new Places(clipped(at, last), size);
      default -> new Places(at, size);
    };
  }

  private Endpoint clipped(Endpoint at, Endpoint last) {
    return ops.binary("Maximum", ops.binary("Minimum", at, last), ops.scalar(0));
  }

  /** abcd as dcba|abcd|dcba, over and over. */
  private Endpoint reflected(Endpoint at, Endpoint size) {
    Endpoint period = ops.mul(size, ops.scalar(2));
    Endpoint once = ops.binary("FloorMod", at, period);
    Endpoint back = ops.binary("Sub", ops.binary("Sub", period, once), ops.scalar(1));
    return select(ops.binary("Less", once, size), once, back);
  }

  /**
   * abcd as abcd|abcd|abcd, where everything beyond the last position belongs to the next period.
   */
  private Endpoint wrapped(Endpoint at, Endpoint size, Endpoint last) {
    Endpoint before = rounds(ops.unary("Neg", at), last);
    Endpoint low =
        ops.binary("AddV2", at, ops.mul(size, ops.binary("AddV2", before, ops.scalar(1))));
    Endpoint high = ops.binary("Sub", at, ops.mul(size, rounds(at, last)));
    Endpoint inside = select(ops.binary("Greater", at, last), high, at);
    return select(ops.binary("Less", at, ops.scalar(0)), low, inside);
  }

  private Endpoint rounds(Endpoint distance, Endpoint last) {
    return ops.unary("Floor", ops.binary("DivNoNan", distance, last));
  }

  private Endpoint select(Endpoint condition, Endpoint yes, Endpoint no) {
    return ops.add("SelectV2", List.of(condition, yes, no), Attributes.type(ops.type(yes)));
  }

  /** A corner's index along one axis, within the image, and its weight, 0 where it was outside. */
  private record Corner(Endpoint index, Endpoint weight) {}

  private Corner corner(Places places, int next, boolean nearest) {
    Endpoint low = nearest ? rounded(places.at) : ops.unary("Floor", places.at);
    Endpoint index = next == 0 ? low : ops.binary("AddV2", low, ops.scalar(1));
    Endpoint last = ops.binary("Sub", places.size, ops.scalar(1));
    Endpoint inside =
        ops.add(
            "LogicalAnd",
            List.of(
                ops.binary("GreaterEqual", index, ops.scalar(0)),
                ops.binary("LessEqual", index, last)),
            Map.of());
    Endpoint weight = ops.cast(inside, DataType.DT_FLOAT);
    if (!nearest) {
      Endpoint fraction = ops.binary("Sub", places.at, low);
      Endpoint share = next == 0 ? ops.binary("Sub", ops.scalar(1), fraction) : fraction;
      weight = ops.mul(weight, share);
    }
    return new Corner(ops.cast(clipped(index, last), DataType.DT_INT32), weight);
  }

  /** Rounds half away from zero, as in C++. */
  private Endpoint rounded(Endpoint at) {
    Endpoint size = ops.unary("Floor", ops.binary("AddV2", ops.unary("Abs", at), ops.scalar(0.5f)));
    return ops.mul(ops.unary("Sign", at), size);
  }

  private Endpoint scatter(
      Endpoint dy, Endpoint weight, Corner row, Corner column, Endpoint shape) {
    Endpoint images = ops.scalarOf(shape, 0);
    Endpoint height = ops.scalarOf(shape, 1);
    Endpoint width = ops.scalarOf(shape, 2);
    Endpoint channels = ops.slice(shape, ops.ints(3), ops.ints(1));
    Endpoint image = ops.reshape(ops.range(images), ops.ints(-1, 1, 1));
    Endpoint place = ops.binary("AddV2", ops.mul(image, height), row.index);
    place = ops.binary("AddV2", ops.mul(place, width), column.index);
    Endpoint floats = ops.type(dy) == DataType.DT_FLOAT ? dy : ops.cast(dy, DataType.DT_FLOAT);
    Endpoint weighted =
        ops.mul(floats, ops.reshape(weight, ops.concat(ops.shape(weight), ops.ints(1))));
    List<Endpoint> inputs = new ArrayList<>();
    inputs.add(ops.reshape(weighted, ops.concat(ops.ints(-1), channels)));
    inputs.add(ops.reshape(place, ops.ints(-1)));
    inputs.add(ops.mul(ops.mul(images, height), width));
    Endpoint sums =
        ops.add(
            "UnsortedSegmentSum",
            inputs,
            Map.of(
                "T", Attributes.of(DataType.DT_FLOAT),
                "Tindices", Attributes.of(DataType.DT_INT32),
                "Tnumsegments", Attributes.of(DataType.DT_INT32)));
    return ops.reshape(sums, shape);
  }
}

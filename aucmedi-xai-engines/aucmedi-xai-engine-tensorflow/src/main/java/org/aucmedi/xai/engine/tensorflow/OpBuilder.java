package org.aucmedi.xai.engine.tensorflow;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.tensorflow.proto.AttrValue;
import org.tensorflow.proto.DataType;
import org.tensorflow.proto.TensorProto;
import org.tensorflow.proto.TensorShapeProto;

/** Adds single operations to a {@link ModelGraph}, under unique names. */
class OpBuilder {

  private final ModelGraph model;

  OpBuilder(ModelGraph model) {
    this.model = model;
  }

  /** Adds an operation with one output and returns that. */
  final Endpoint add(String op, List<Endpoint> inputs, Map<String, AttrValue> attributes) {
    return addAll(op, inputs, attributes).get(0);
  }

  /** Adds an operation and returns its outputs. */
  List<Endpoint> addAll(String op, List<Endpoint> inputs, Map<String, AttrValue> attributes) {
    return model.graph().addAll(op, model.newName(op), inputs, attributes);
  }

  DataType type(Endpoint tensor) {
    return model.graph().type(tensor);
  }

  Endpoint unary(String op, Endpoint x) {
    return add(op, List.of(x), Attributes.type(type(x)));
  }

  Endpoint binary(String op, Endpoint x, Endpoint y) {
    return add(op, List.of(x, y), Attributes.type(type(x)));
  }

  Endpoint mul(Endpoint x, Endpoint y) {
    return binary("Mul", x, y);
  }

  Endpoint cast(Endpoint x, DataType to) {
    return add(
        "Cast", List.of(x), Map.of("SrcT", Attributes.of(type(x)), "DstT", Attributes.of(to)));
  }

  Endpoint scalar(float value) {
    return constant(
        TensorProto.newBuilder()
            .setDtype(DataType.DT_FLOAT)
            .setTensorShape(TensorShapeProto.getDefaultInstance())
            .addFloatVal(value)
            .build());
  }

  /** Adds a constant vector. */
  Endpoint ints(int... values) {
    return constant(
        TensorProto.newBuilder()
            .setDtype(DataType.DT_INT32)
            .setTensorShape(
                TensorShapeProto.newBuilder()
                    .addDim(TensorShapeProto.Dim.newBuilder().setSize(values.length)))
            .addAllIntVal(IntStream.of(values).boxed().toList())
            .build());
  }

  private Endpoint scalarInt(int value) {
    return constant(
        TensorProto.newBuilder()
            .setDtype(DataType.DT_INT32)
            .setTensorShape(TensorShapeProto.getDefaultInstance())
            .addIntVal(value)
            .build());
  }

  private Endpoint constant(TensorProto value) {
    return add(
        "Const",
        List.of(),
        Map.of("value", Attributes.of(value), "dtype", Attributes.of(value.getDtype())));
  }

  /** Adds the run-time shape of a tensor. */
  Endpoint shape(Endpoint x) {
    return add(
        "Shape",
        List.of(x),
        Map.of("T", Attributes.of(type(x)), "out_type", Attributes.of(DataType.DT_INT32)));
  }

  Endpoint reshape(Endpoint x, Endpoint shape) {
    return add(
        "Reshape",
        List.of(x, shape),
        Map.of("T", Attributes.of(type(x)), "Tshape", Attributes.of(DataType.DT_INT32)));
  }

  /** Adds a part of a vector, or of the first axes of an array. */
  Endpoint slice(Endpoint x, Endpoint begin, Endpoint size) {
    return add(
        "Slice",
        List.of(x, begin, size),
        Map.of("T", Attributes.of(type(x)), "Index", Attributes.of(DataType.DT_INT32)));
  }

  /** Adds one number of a vector, as a scalar. */
  Endpoint scalarOf(Endpoint vector, int index) {
    return reshape(slice(vector, ints(index), ints(1)), ints());
  }

  /** Adds the vector 0, 1, ... before an int32 scalar. */
  Endpoint range(Endpoint end) {
    return add(
        "Range",
        List.of(scalarInt(0), end, scalarInt(1)),
        Map.of("Tidx", Attributes.of(DataType.DT_INT32)));
  }

  /** Joins vectors. */
  Endpoint concat(Endpoint... parts) {
    return add(
        "ConcatV2",
        Stream.concat(Arrays.stream(parts), Stream.of(scalarInt(0))).toList(),
        Map.of(
            "N", Attributes.of(parts.length),
            "T", Attributes.of(type(parts[0])),
            "Tidx", Attributes.of(DataType.DT_INT32)));
  }
}

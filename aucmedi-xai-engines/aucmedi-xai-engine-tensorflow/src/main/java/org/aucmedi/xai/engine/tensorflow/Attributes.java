package org.aucmedi.xai.engine.tensorflow;

import java.nio.ByteOrder;
import java.nio.IntBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.tensorflow.proto.AttrValue;
import org.tensorflow.proto.DataType;
import org.tensorflow.proto.TensorProto;
import org.tensorflow.proto.TensorShapeProto;

/** Creates attributes of operations. */
final class Attributes {

  private Attributes() {}

  static AttrValue of(DataType type) {
    return AttrValue.newBuilder().setType(type).build();
  }

  static AttrValue of(long number) {
    return AttrValue.newBuilder().setI(number).build();
  }

  static AttrValue of(List<Long> numbers) {
    return AttrValue.newBuilder()
        .setList(AttrValue.ListValue.newBuilder().addAllI(numbers))
        .build();
  }

  static AttrValue of(TensorShapeProto shape) {
    return AttrValue.newBuilder().setShape(shape).build();
  }

  static AttrValue of(TensorProto tensor) {
    return AttrValue.newBuilder().setTensor(tensor).build();
  }

  /** Reads the values of a vector of int32; empty for other types. */
  static List<Integer> ints(TensorProto tensor) {
    if (tensor.getDtype() != DataType.DT_INT32) {
      return List.of();
    }
    if (tensor.getTensorContent().isEmpty()) {
      return tensor.getIntValList();
    }
    List<Integer> values = new ArrayList<>();
    IntBuffer content =
        tensor
            .getTensorContent()
            .asReadOnlyByteBuffer()
            .order(ByteOrder.nativeOrder())
            .asIntBuffer();
    while (content.hasRemaining()) {
      values.add(content.get());
    }
    return values;
  }

  /** The attribute for the type of an operation. */
  static Map<String, AttrValue> type(DataType type) {
    return Map.of("T", of(type));
  }
}

package org.aucmedi.xai.onnx;

import org.aucmedi.xai.importer.ElementType;
import org.jspecify.annotations.Nullable;

/** The codes of element types in {@code TensorProto.DataType}. */
public final class ElementTypes {

  private static final String[] NAMES = {
    "undefined",
    "float32",
    "uint8",
    "int8",
    "uint16",
    "int16",
    "int32",
    "int64",
    "string",
    "bool",
    "float16",
    "float64",
    "uint32",
    "uint64",
    "complex64",
    "complex128",
    "bfloat16",
    "float8e4m3fn",
    "float8e4m3fnuz",
    "float8e5m2",
    "float8e5m2fnuz",
    "uint4",
    "int4",
    "float4e2m1"
  };

  private ElementTypes() {}

  /**
   * {@return the type of a code, or null if no tensor of it can be compiled}
   *
   * @param code the code
   */
  public static @Nullable ElementType of(long code) {
    return switch ((int) code) {
      case 1 -> ElementType.FLOAT32;
      case 2 -> ElementType.UINT8;
      case 3 -> ElementType.INT8;
      case 5 -> ElementType.INT16;
      case 6 -> ElementType.INT32;
      case 7 -> ElementType.INT64;
      case 9 -> ElementType.BOOL;
      case 10 -> ElementType.FLOAT16;
      case 11 -> ElementType.FLOAT64;
      case 16 -> ElementType.BFLOAT16;
      default -> null;
    };
  }

  /**
   * {@return the type in which a tensor is computed} 16-bit floating point widens to float32, which
   * is faster on a CPU and keeps small gradients.
   *
   * @param type the type in the file
   */
  public static ElementType computed(ElementType type) {
    return type == ElementType.FLOAT16 || type == ElementType.BFLOAT16 ? ElementType.FLOAT32 : type;
  }

  /**
   * {@return the name of a code, as ONNX and NumPy have it}
   *
   * @param code the code
   */
  public static String name(long code) {
    return code >= 0 && code < NAMES.length ? NAMES[(int) code] : "type " + code;
  }
}

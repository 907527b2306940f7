package org.aucmedi.xai.engine.onnxruntime;

import java.util.Locale;

/** The element type of a tensor, as far as it matters here. */
enum ElementType {
  FLOAT32,
  FLOAT16,
  BFLOAT16,
  FLOAT64,
  UINT8,
  INT8,
  UINT16,
  INT16,
  UINT32,
  INT32,
  UINT64,
  INT64,
  BOOL,
  STRING,
  /** Unknown, or none of the above. */
  OTHER;

  /** Translates a {@code TensorProto.DataType}. */
  static ElementType of(long code) {
    return switch ((int) code) {
      case 1 -> FLOAT32;
      case 2 -> UINT8;
      case 3 -> INT8;
      case 4 -> UINT16;
      case 5 -> INT16;
      case 6 -> INT32;
      case 7 -> INT64;
      case 8 -> STRING;
      case 9 -> BOOL;
      case 10 -> FLOAT16;
      case 11 -> FLOAT64;
      case 12 -> UINT32;
      case 13 -> UINT64;
      case 16 -> BFLOAT16;
      default -> OTHER;
    };
  }

  /** Returns the {@code TensorProto.DataType} of a floating-point type. */
  int code() {
    return switch (this) {
      case FLOAT32 -> 1;
      case FLOAT16 -> 10;
      case FLOAT64 -> 11;
      case BFLOAT16 -> 16;
      default -> throw new IllegalStateException(this + " is no floating-point type");
    };
  }

  boolean isFloat() {
    return this == FLOAT32 || this == FLOAT16 || this == BFLOAT16 || this == FLOAT64;
  }

  /** Returns the name that ONNX and NumPy use. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}

package org.aucmedi.xai.engine.onnxruntime;

/** What a tensor is made of, as far as it matters here. */
enum ElementType {
  FLOAT32,
  FLOAT16,
  BFLOAT16,
  FLOAT64,
  INT64,
  BOOL,
  /** Known, and none of the above. */
  OTHER;

  /** Translates a {@code TensorProto.DataType}. */
  static ElementType of(long code) {
    return switch ((int) code) {
      case 1 -> FLOAT32;
      case 7 -> INT64;
      case 9 -> BOOL;
      case 10 -> FLOAT16;
      case 11 -> FLOAT64;
      case 16 -> BFLOAT16;
      default -> OTHER;
    };
  }

  boolean isFloat() {
    return this == FLOAT32 || this == FLOAT16 || this == BFLOAT16 || this == FLOAT64;
  }
}

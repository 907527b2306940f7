package org.aucmedi.xai.importer;

/** The type of a tensor's elements. */
public enum ElementType {
  /** 32-bit floating point. */
  FLOAT32(4, 6, "FloatStorage"),
  /** IEEE 754 half precision. */
  FLOAT16(2, 5, "HalfStorage"),
  /** The upper half of a float32. */
  BFLOAT16(2, 15, "BFloat16Storage"),
  /** 64-bit floating point. */
  FLOAT64(8, 7, "DoubleStorage"),
  /** 64-bit signed integer. */
  INT64(8, 4, "LongStorage"),
  /** 32-bit signed integer. */
  INT32(4, 3, "IntStorage"),
  /** 16-bit signed integer. */
  INT16(2, 2, "ShortStorage"),
  /** 8-bit signed integer. */
  INT8(1, 1, "CharStorage"),
  /** 8-bit unsigned integer. */
  UINT8(1, 0, "ByteStorage"),
  /** One byte, 0 or 1. */
  BOOL(1, 11, "BoolStorage");

  private final int bytes;
  private final int code;
  private final String storage;

  ElementType(int bytes, int code, String storage) {
    this.bytes = bytes;
    this.code = code;
    this.storage = storage;
  }

  /** {@return the size of an element in bytes} */
  public int bytes() {
    return bytes;
  }

  /** {@return the number that TorchScript code has for this type, its "scalar type"} */
  public int code() {
    return code;
  }

  /** {@return whether this is a floating-point type} */
  public boolean isFloat() {
    return switch (this) {
      case FLOAT32, FLOAT16, BFLOAT16, FLOAT64 -> true;
      default -> false;
    };
  }

  /** The name of the class of PyTorch's storages of this type. */
  String storage() {
    return storage;
  }
}

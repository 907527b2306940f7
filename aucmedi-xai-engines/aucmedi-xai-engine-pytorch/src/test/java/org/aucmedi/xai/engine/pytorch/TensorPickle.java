package org.aucmedi.xai.engine.pytorch;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** Pickles of a module with one tensor {@code w}, for tests. */
final class TensorPickle {

  private TensorPickle() {}

  /**
   * Describes a tensor.
   *
   * @param type the class of its storage
   * @param numbers how many numbers the storage claims
   * @param offset where the tensor begins
   * @param shape pickled integers
   * @param strides pickled integers
   */
  static byte[] of(String type, int numbers, int offset, String shape, String strides) {
    String pickle =
        "\u0080\2c__torch__\nNet\n)\u0081}X\1\0\0\0wctorch._utils\n_rebuild_tensor_v2\n(("
            + string("storage")
            + "ctorch\n"
            + type
            + "\n"
            + string("0")
            + string("cpu")
            + integer(numbers)
            + "tQ"
            + integer(offset)
            + "("
            + shape
            + "t("
            + strides
            + "t\u0089ccollections\nOrderedDict\n)RtRsb.";
    return pickle.getBytes(StandardCharsets.ISO_8859_1);
  }

  private static String string(String text) {
    return "X" + (char) text.length() + "\0\0\0" + text;
  }

  static String integer(int value) {
    byte[] bytes = ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putInt(value).array();
    return "J" + new String(bytes, StandardCharsets.ISO_8859_1);
  }
}

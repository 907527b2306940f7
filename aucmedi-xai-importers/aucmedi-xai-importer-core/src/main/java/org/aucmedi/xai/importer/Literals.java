package org.aucmedi.xai.importer;

import com.google.common.primitives.Ints;
import com.google.common.primitives.Longs;
import java.util.Arrays;

/** Writes numbers as TorchScript has them. */
public final class Literals {

  private Literals() {}

  /**
   * {@return a list of integers, for instance {@code [1, 2]}}
   *
   * @param values the integers
   */
  public static String of(int... values) {
    return Ints.asList(values).toString();
  }

  /**
   * {@return a list of integers, for instance {@code [1, 2]}}
   *
   * @param values the integers
   */
  public static String of(long... values) {
    return Longs.asList(values).toString();
  }

  /**
   * {@return a floating-point number, exactly}
   *
   * @param value the number
   */
  public static String of(double value) {
    if (Double.isNaN(value)) {
      return "nan";
    }
    if (Double.isInfinite(value)) {
      return value > 0 ? "inf" : "-inf";
    }
    return Double.toString(value).replace('E', 'e');
  }

  /**
   * {@return a truth value}
   *
   * @param value the value
   */
  public static String of(boolean value) {
    return value ? "True" : "False";
  }

  /** The same number for every axis. */
  static int[] repeated(int value, int axes) {
    int[] values = new int[axes];
    Arrays.fill(values, value);
    return values;
  }
}

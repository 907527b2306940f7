package org.aucmedi.xai.testkit;

/** Compares maps value by value. */
public final class Maps {

  private Maps() {}

  /**
   * Asserts that two maps agree everywhere.
   *
   * @param what the name of the map in the message
   * @param actual the values to check
   * @param expected the values to match
   * @param tolerance the largest difference allowed
   */
  public static void assertClose(String what, float[] actual, float[] expected, double tolerance) {
    if (actual.length != expected.length) {
      throw new AssertionError(
          what + ": " + actual.length + " values where " + expected.length + " are expected");
    }
    for (int i = 0; i < actual.length; i++) {
      double difference = Math.abs((double) actual[i] - expected[i]);
      if (!(difference <= tolerance)) {
        throw new AssertionError(
            "%s: at %d got %s, expected %s within %s (%s of %s differ)"
                .formatted(
                    what,
                    i,
                    actual[i],
                    expected[i],
                    tolerance,
                    differing(actual, expected, tolerance),
                    actual.length));
      }
    }
  }

  /**
   * {@return the largest magnitude}
   *
   * @param values the values
   */
  public static float maxAbs(float[] values) {
    float max = 0;
    for (float value : values) {
      max = Math.max(max, Math.abs(value));
    }
    return max;
  }

  /**
   * {@return the largest absolute difference of two maps, NaN if any value is NaN}
   *
   * @param actual one map
   * @param expected the other
   */
  public static double maxDifference(float[] actual, float[] expected) {
    double max = 0;
    for (int i = 0; i < actual.length; i++) {
      max = Math.max(max, Math.abs((double) actual[i] - expected[i]));
    }
    return max;
  }

  /**
   * {@return the mean absolute difference of two maps}
   *
   * @param actual one map
   * @param expected the other
   */
  public static double meanDifference(float[] actual, float[] expected) {
    double sum = 0;
    for (int i = 0; i < actual.length; i++) {
      sum += Math.abs((double) actual[i] - expected[i]);
    }
    return sum / actual.length;
  }

  private static int differing(float[] actual, float[] expected, double tolerance) {
    int count = 0;
    for (int i = 0; i < actual.length; i++) {
      if (!(Math.abs((double) actual[i] - expected[i]) <= tolerance)) {
        count++;
      }
    }
    return count;
  }
}

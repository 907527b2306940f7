package org.aucmedi.xai;

import static com.google.common.base.Preconditions.checkArgument;

import org.aucmedi.xai.array.Range;

/**
 * What the values of a map stand for: the raw values, in the method's own unit, that its 0 and its
 * 1 were. A value v between them was {@code atZero + v * (atOne - atZero)}.
 *
 * @param atZero the raw value at 0
 * @param atOne the raw value at 1; below {@code atZero} where a method shows evidence against
 */
public record RawScale(float atZero, float atOne) {

  /** The values are the raw ones. */
  public static final RawScale IDENTITY = new RawScale(0, 1);

  /**
   * {@return the smallest and the largest of some values}
   *
   * @param raw the values, finite and at least one
   */
  public static RawScale ofRange(float[] raw) {
    Range range = Range.of(raw);
    return new RawScale(range.min(), range.max());
  }

  /**
   * {@return the scale whose middle, 0.5, is zero}
   *
   * @param bound the magnitude at 0, negative, and at 1, positive; at least 0
   */
  public static RawScale around0(float bound) {
    checkArgument(bound >= 0, "a bound must be at least 0, got %s", bound);
    // Subtracting from zero gives no -0.
    return new RawScale(0 - bound, bound);
  }
}

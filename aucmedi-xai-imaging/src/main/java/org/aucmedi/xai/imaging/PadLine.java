package org.aucmedi.xai.imaging;

import java.util.Arrays;
import org.aucmedi.xai.array.Range;

/**
 * Pads a line of pixels.
 *
 * @param mode what fills the margin
 * @param in how many pixels the line has
 * @param out how many it gets, at least as many
 * @param whole whether values are integers and stay so
 */
record PadLine(PadMode mode, int in, int out, boolean whole) {

  void pad(float[] line, float[] padded) {
    int low = (out - in) / 2;
    System.arraycopy(line, 0, padded, low, in);
    switch (mode) {
      case CONSTANT, EMPTY -> fill(padded, low, 0);
      case MAXIMUM -> fill(padded, low, Range.of(line).max());
      case MINIMUM -> fill(padded, low, Range.of(line).min());
      case MEAN -> fill(padded, low, rounded(mean(line)));
      case MEDIAN -> fill(padded, low, rounded(median(line)));
      case LINEAR_RAMP -> ramp(line, padded, low);
      case EDGE, REFLECT, SYMMETRIC, WRAP -> {
        for (int i = 0; i < out; i++) {
          padded[i] = line[source(i - low)];
        }
      }
    }
  }

  private void fill(float[] padded, int low, float value) {
    Arrays.fill(padded, 0, low, value);
    Arrays.fill(padded, low + in, out, value);
  }

  private float rounded(double value) {
    return (float) (whole ? Math.rint(value) : value);
  }

  private static double mean(float[] line) {
    double sum = 0;
    for (float value : line) {
      sum += value;
    }
    return sum / line.length;
  }

  private static double median(float[] line) {
    float[] sorted = line.clone();
    Arrays.sort(sorted);
    int middle = sorted.length / 2;
    return sorted.length % 2 == 1
        ? sorted[middle]
        : ((double) sorted[middle - 1] + sorted[middle]) / 2;
  }

  private void ramp(float[] line, float[] padded, int low) {
    for (int i = 0; i < low; i++) {
      padded[i] = step(line[0], i, low);
    }
    int high = out - in - low;
    for (int i = 0; i < high; i++) {
      padded[out - 1 - i] = step(line[in - 1], i, high);
    }
  }

  /** The value that many pixels from the outer end of a margin. */
  private float step(float edge, int i, int margin) {
    double value = (double) edge * i / margin;
    return (float) (whole ? Math.floor(value) : value);
  }

  /** The pixel that stands for one outside. */
  private int source(int i) {
    return switch (mode) {
      case WRAP -> Math.floorMod(i, in);
      case SYMMETRIC -> {
        int turn = Math.floorMod(i, 2 * in);
        yield turn < in ? turn : 2 * in - 1 - turn;
      }
      case REFLECT -> {
        if (in == 1) {
          yield 0;
        }
        int turn = Math.floorMod(i, 2 * in - 2);
        yield turn < in ? turn : 2 * in - 2 - turn;
      }
      default -> Math.max(0, Math.min(in - 1, i));
    };
  }
}

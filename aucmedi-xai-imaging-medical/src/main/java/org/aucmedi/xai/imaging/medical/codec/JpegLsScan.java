package org.aucmedi.xai.imaging.medical.codec;

import java.io.IOException;
import java.util.Arrays;

/**
 * Decodes one scan of JPEG-LS (T.87 annexes A and B), line by line.
 *
 * <p>Each line has the sample above its start to its left, and the line above the repeated last
 * sample to its right; above the first line there are zeros.
 */
final class JpegLsScan {

  /** The number of bits of the rest of a run, by how long runs have been of late (J). */
  private static final int[] RUN_BITS = {
    0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 9, 10, 11, 12, 13,
    14, 15
  };

  private final JpegLsParameters parameters;
  private final JpegBits bits;
  private final JpegLsContexts contexts;
  private final int width;

  /** Whether the components of a pixel are coded together. */
  private final boolean bySample;

  /** For each component the line that is being decoded, samples from index 1. */
  private int[][] lines;

  private int[][] linesAbove;

  /** For each component its index into {@link #RUN_BITS}; the first one's if coded together. */
  private final int[] runIndexes;

  /**
   * Makes a scan.
   *
   * @param components the number of components in the scan
   * @param bySample whether the components of a pixel are coded together, not a line of each
   */
  JpegLsScan(
      JpegLsParameters parameters, JpegBits bits, int width, int components, boolean bySample) {
    this.parameters = parameters;
    this.bits = bits;
    this.contexts = new JpegLsContexts(parameters, bits);
    this.width = width;
    this.bySample = bySample;
    this.lines = new int[components][width + 2];
    this.linesAbove = new int[components][width + 2];
    this.runIndexes = new int[components];
  }

  /** Starts anew behind a restart marker. */
  void restart(int number) throws IOException {
    bits.restart(number);
    contexts.reset();
    Arrays.fill(runIndexes, 0);
    for (int[] line : lines) {
      Arrays.fill(line, 0);
    }
  }

  /** Decodes the next line of all components; their samples start at index 1. */
  int[][] nextLine() throws IOException {
    int[][] done = lines;
    lines = linesAbove;
    linesAbove = done;
    for (int c = 0; c < lines.length; c++) {
      linesAbove[c][width + 1] = linesAbove[c][width];
      lines[c][0] = linesAbove[c][1];
    }
    if (bySample) {
      decodeLine(0, lines.length);
    } else {
      for (int c = 0; c < lines.length; c++) {
        decodeLine(c, c + 1);
      }
    }
    return lines;
  }

  /** Decodes a line of the components in a range, which are coded together. */
  private void decodeLine(int from, int to) throws IOException {
    int x = 1;
    while (x <= width) {
      if (isFlat(from, to, x)) {
        x = decodeRun(from, to, x);
      } else {
        for (int c = from; c < to; c++) {
          lines[c][x] = decodeSample(lines[c], linesAbove[c], x);
        }
        x++;
      }
    }
  }

  /** Whether all neighbours are alike. */
  private boolean isFlat(int from, int to, int x) {
    for (int c = from; c < to; c++) {
      int[] above = linesAbove[c];
      if (!near(above[x + 1], above[x])
          || !near(above[x], above[x - 1])
          || !near(above[x - 1], lines[c][x - 1])) {
        return false;
      }
    }
    return true;
  }

  private boolean near(int a, int b) {
    return Math.abs(a - b) <= parameters.near();
  }

  private int decodeSample(int[] line, int[] above, int x) throws IOException {
    int left = line[x - 1];
    int up = above[x];
    int corner = above[x - 1];
    int context =
        81 * parameters.quantise(above[x + 1] - up)
            + 9 * parameters.quantise(up - corner)
            + parameters.quantise(corner - left);
    int sign = context < 0 ? -1 : 1;
    context *= sign;
    int prediction =
        parameters.clamp(predict(left, up, corner) + sign * contexts.correction(context));
    return parameters.reconstruct(prediction, sign * contexts.error(context));
  }

  /** The median of both neighbours and the plane through all three (A.4.1). */
  private static int predict(int left, int up, int corner) {
    int least = Math.min(left, up);
    int most = Math.max(left, up);
    return Math.max(least, Math.min(most, left + up - corner));
  }

  /** Decodes a run and the sample that ends it; returns where to go on (A.7). */
  private int decodeRun(int from, int to, int start) throws IOException {
    int x = start;
    while (bits.read(1) == 1) {
      int length = 1 << RUN_BITS[runIndexes[from]];
      int end = x + length;
      repeat(from, to, x, Math.min(end, width + 1));
      if (end <= width + 1 && runIndexes[from] < RUN_BITS.length - 1) {
        runIndexes[from]++;
      }
      if (end > width) {
        return width + 1;
      }
      x = end;
    }
    int runBits = RUN_BITS[runIndexes[from]];
    int end = x + bits.read(runBits);
    if (end > width) {
      throw new IOException("a run of its JPEG-LS data is longer than its line");
    }
    repeat(from, to, x, end);
    for (int c = from; c < to; c++) {
      lines[c][end] = decodeRunEnd(lines[c][end - 1], linesAbove[c][end], to - from, runBits);
    }
    if (runIndexes[from] > 0) {
      runIndexes[from]--;
    }
    return end + 1;
  }

  private void repeat(int from, int to, int start, int end) {
    for (int c = from; c < to; c++) {
      Arrays.fill(lines[c], start, end, lines[c][start - 1]);
    }
  }

  private int decodeRunEnd(int left, int up, int together, int runBits) throws IOException {
    if (together == 1 && near(left, up)) {
      return parameters.reconstruct(left, contexts.runEndError(true, runBits));
    }
    int error = contexts.runEndError(false, runBits);
    return parameters.reconstruct(up, left > up ? -error : error);
  }
}

package org.aucmedi.xai.imaging.medical.codec;

import java.io.IOException;

/**
 * The parameters of a JPEG-LS scan (T.87 C.2.4.1.1 and A.2.1).
 *
 * @param most the largest sample value (MAXVAL)
 * @param near the largest difference from the original (NEAR), 0 for lossless
 * @param t1 the first threshold of gradients
 * @param t2 the second threshold of gradients
 * @param t3 the third threshold of gradients
 * @param reset after how many samples a context's counts are halved (RESET)
 */
record JpegLsParameters(int most, int near, int t1, int t2, int t3, int reset) {

  private static final int DEFAULT_RESET = 64;

  /**
   * The parameters of a scan, as given by a preset or its absence.
   *
   * @param bits the number of bits per sample
   * @param near the largest difference from the original
   * @param preset MAXVAL, T1, T2, T3 and RESET as in the segment LSE; 0 stands for the default
   * @throws IOException if a value is out of range
   */
  static JpegLsParameters of(int bits, int near, int[] preset) throws IOException {
    int whole = (1 << bits) - 1;
    int most = preset[0] == 0 ? whole : preset[0];
    if (most > whole) {
      throw new IOException("its JPEG-LS data have MAXVAL " + most + ", more than " + whole);
    }
    if (near > Math.min(255, most / 2)) {
      throw new IOException("its JPEG-LS data have NEAR " + near + ", too much for MAXVAL " + most);
    }
    JpegLsParameters standard = standard(most, near);
    int t1 = preset[1] == 0 ? standard.t1 : preset[1];
    int t2 = preset[2] == 0 ? standard.t2 : preset[2];
    int t3 = preset[3] == 0 ? standard.t3 : preset[3];
    int reset = preset[4] == 0 ? DEFAULT_RESET : preset[4];
    if (t1 <= near || t2 < t1 || t3 < t2 || t3 > most) {
      throw new IOException(
          String.format("its JPEG-LS data have the thresholds %d, %d and %d", t1, t2, t3));
    }
    if (reset < 3 || reset > Math.max(255, most)) {
      throw new IOException("its JPEG-LS data have RESET " + reset);
    }
    return new JpegLsParameters(most, near, t1, t2, t3, reset);
  }

  /** The defaults (C.2.4.1.1.1). */
  private static JpegLsParameters standard(int most, int near) {
    int t1;
    int t2;
    int t3;
    if (most >= 128) {
      int factor = (Math.min(most, 4095) + 128) / 256;
      t1 = clamp(factor + 2 + 3 * near, near + 1, most);
      t2 = clamp(factor * 4 + 3 + 5 * near, t1, most);
      t3 = clamp(factor * 17 + 4 + 7 * near, t2, most);
    } else {
      int factor = 256 / (most + 1);
      t1 = clamp(Math.max(2, 3 / factor + 3 * near), near + 1, most);
      t2 = clamp(Math.max(3, 7 / factor + 5 * near), t1, most);
      t3 = clamp(Math.max(4, 21 / factor + 7 * near), t2, most);
    }
    return new JpegLsParameters(most, near, t1, t2, t3, DEFAULT_RESET);
  }

  private static int clamp(int threshold, int least, int most) {
    return threshold > most || threshold < least ? least : threshold;
  }

  /** The distance of two values whose errors differ by one. */
  int step() {
    return 2 * near + 1;
  }

  /** The number of different prediction errors (RANGE). */
  int range() {
    return (most + 2 * near) / step() + 1;
  }

  /** The number of bits of a prediction error (qbpp). */
  int errorBits() {
    return bitsFor(range());
  }

  /** The largest number of bits of a code (LIMIT). */
  int limit() {
    int bits = Math.max(2, bitsFor(most + 1));
    return 2 * (bits + Math.max(8, bits));
  }

  /** The number of bits for so many different values. */
  private static int bitsFor(int values) {
    return Integer.SIZE - Integer.numberOfLeadingZeros(values - 1);
  }

  /** Puts a gradient into one of nine classes, -4 to 4 (A.3.3). */
  int quantise(int gradient) {
    int size = Math.abs(gradient);
    int quantised;
    if (size <= near) {
      return 0;
    } else if (size < t1) {
      quantised = 1;
    } else if (size < t2) {
      quantised = 2;
    } else if (size < t3) {
      quantised = 3;
    } else {
      quantised = 4;
    }
    return gradient < 0 ? -quantised : quantised;
  }

  /** Limits a value to that of samples. */
  int clamp(int value) {
    return Math.max(0, Math.min(most, value));
  }

  /** The sample of a prediction and a quantised error (A.4.4 and A.5). */
  int reconstruct(int prediction, int error) {
    int value = prediction + error * step();
    if (value < -near) {
      value += range() * step();
    } else if (value > most + near) {
      value -= range() * step();
    }
    return clamp(value);
  }
}

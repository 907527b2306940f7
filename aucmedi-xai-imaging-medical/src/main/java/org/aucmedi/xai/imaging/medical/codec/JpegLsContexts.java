package org.aucmedi.xai.imaging.medical.codec;

import java.io.IOException;
import java.util.Arrays;

/**
 * What a JPEG-LS decoder has learned about prediction errors in each context, and the codes that
 * follow from that (T.87 A.5 and A.6, and A.7.2 for the two contexts of interrupted runs).
 */
final class JpegLsContexts {

  /** The context of a run's end where the neighbours differ; the next is where they are alike. */
  static final int RUN_END = 365;

  private static final int COUNT = RUN_END + 2;
  private static final int LEAST_CORRECTION = -128;
  private static final int MOST_CORRECTION = 127;
  private static final int LARGEST_ERROR = 1 << 16;

  private final JpegLsParameters parameters;
  private final JpegBits bits;
  private final int limit;
  private final int errorBits;

  /** The sums of the errors' sizes (A). */
  private final long[] sizes = new long[COUNT];

  /** The sums of the errors (B), and for runs the numbers of negative errors (Nn). */
  private final int[] sums = new int[COUNT];

  /** The corrections of predictions (C). */
  private final int[] corrections = new int[COUNT];

  /** The numbers of samples (N). */
  private final int[] counts = new int[COUNT];

  JpegLsContexts(JpegLsParameters parameters, JpegBits bits) {
    this.parameters = parameters;
    this.bits = bits;
    this.limit = parameters.limit();
    this.errorBits = parameters.errorBits();
    reset();
  }

  /** Forgets everything. */
  void reset() {
    Arrays.fill(sizes, Math.max(2, (parameters.range() + 32) / 64));
    Arrays.fill(sums, 0);
    Arrays.fill(corrections, 0);
    Arrays.fill(counts, 1);
  }

  /** What to add to the prediction in a context. */
  int correction(int context) {
    return corrections[context];
  }

  /** Reads an error in a context other than those of runs, and learns it. */
  int error(int context) throws IOException {
    int k = golomb(counts[context], sizes[context]);
    int code = code(k, limit);
    int error = (code & 1) == 0 ? code >> 1 : -(code >> 1) - 1;
    if (parameters.near() == 0 && k == 0 && 2 * sums[context] <= -counts[context]) {
      error = -error - 1;
    }
    learn(context, error);
    return error;
  }

  private void learn(int context, int error) throws IOException {
    checkSize(error);
    sums[context] += error * parameters.step();
    sizes[context] += Math.abs(error);
    if (counts[context] == parameters.reset()) {
      sizes[context] >>= 1;
      sums[context] >>= 1;
      counts[context] >>= 1;
    }
    int count = ++counts[context];
    if (sums[context] <= -count) {
      sums[context] = Math.max(sums[context] + count, -count + 1);
      corrections[context] = Math.max(LEAST_CORRECTION, corrections[context] - 1);
    } else if (sums[context] > 0) {
      sums[context] = Math.min(sums[context] - count, 0);
      corrections[context] = Math.min(MOST_CORRECTION, corrections[context] + 1);
    }
  }

  /**
   * Reads the error of the sample that ends a run, and learns it.
   *
   * @param alike whether the neighbours are alike
   * @param runBits the number of bits of the rest of a run
   */
  int runEndError(boolean alike, int runBits) throws IOException {
    int type = alike ? 1 : 0;
    int context = RUN_END + type;
    int count = counts[context];
    int k = golomb(count, sizes[context] + (alike ? count >> 1 : 0));
    int code = code(k, limit - runBits - 1);
    int size = (code + type + 1) >> 1;
    boolean odd = ((code + type) & 1) == 1;
    boolean oddIsNegative = k != 0 || 2 * sums[context] >= count;
    int error = odd == oddIsNegative ? -size : size;
    checkSize(error);
    if (error < 0) {
      sums[context]++;
    }
    sizes[context] += (code + 1 - type) >> 1;
    if (count == parameters.reset()) {
      sizes[context] >>= 1;
      sums[context] >>= 1;
      counts[context] >>= 1;
    }
    counts[context]++;
    return error;
  }

  private static void checkSize(int error) throws IOException {
    if (Math.abs(error) > LARGEST_ERROR) {
      throw new IOException("its JPEG-LS data hold an error of more than 16 bits");
    }
  }

  /** The number of low bits of a Golomb code: the smallest k with count 2^k at least the size. */
  private static int golomb(int count, long size) {
    int k = 0;
    while ((long) count << k < size) {
      k++;
    }
    return k;
  }

  /** Reads a Golomb code of limited length (A.5.3). */
  private int code(int k, int limit) throws IOException {
    int longest = limit - errorBits - 1;
    int zeros = bits.zeros(longest);
    return zeros < longest ? (zeros << k) | bits.read(k) : bits.read(errorBits) + 1;
  }
}

package org.aucmedi.xai.imaging.medical.codec;

import java.io.IOException;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Tier 1: decodes the coefficients of code-blocks, bit-plane by bit-plane, each in a significance
 * propagation, a magnitude refinement and a cleanup pass (T.800, Annex D).
 */
final class CodeBlockDecoder {

  /** The rows that a pass scans column by column before it goes on to the next rows. */
  private static final int STRIPE = 4;

  /** The most coefficients of a code-block, with a border of one around it. */
  private static final int MOST_CELLS = (1024 + 2) * (STRIPE + 2);

  private static final int SEGMENTATION_SYMBOL = 0b1010;

  /** A coefficient's own state, above that of its neighbours. */
  private static final int SIGNIFICANT = 1 << 12;

  private static final int NEGATIVE = 1 << 13;
  private static final int REFINED = 1 << 14;

  /** Whether the significance propagation pass of this bit-plane had it. */
  private static final int VISITED = 1 << 15;

  private final MqDecoder decoder = new MqDecoder(BlockContexts.COUNT);
  private final int[] states = new int[MOST_CELLS];

  /** Twice the magnitudes, with half of what is not yet known. */
  private final int[] magnitudes = new int[MOST_CELLS];

  private @Nullable RawBits raw;
  private byte[] significanceContexts = {};
  private boolean causal;
  private int width;
  private int height;
  private int stride;
  private int plane;

  /**
   * Decodes a code-block. Its coefficients are available until the next one is decoded.
   *
   * @throws IOException if its data is damaged
   */
  void decode(CodeBlock block, Subband subband, CodingStyle style) throws IOException {
    width = block.area().width();
    height = block.area().height();
    stride = width + 2;
    causal = style.verticallyCausal();
    significanceContexts = BlockContexts.ofSignificance(subband);
    Arrays.fill(states, 0, stride * (height + 2), 0);
    Arrays.fill(magnitudes, 0, stride * (height + 2), 0);
    BlockContexts.reset(decoder);
    plane = block.bitPlanes() - 1;
    int pass = 0;
    int start = 0;
    for (CodeBlock.Segment segment : block.segments()) {
      if (segment.isRaw(style)) {
        raw = new RawBits(block.data(), start, segment.length());
      } else {
        raw = null;
        decoder.start(block.data(), start, segment.length());
      }
      start += segment.length();
      for (int i = 0; i < segment.passes(); i++) {
        pass(pass++, style);
      }
    }
  }

  /** {@return twice the coefficient in a column and row, with half of what was not coded} */
  int doubled(int x, int y) {
    int i = cell(x, y);
    return (states[i] & NEGATIVE) == 0 ? magnitudes[i] : -magnitudes[i];
  }

  private int cell(int x, int y) {
    return (y + 1) * stride + x + 1;
  }

  private void pass(int index, CodingStyle style) throws IOException {
    switch (index % 3) {
      case 1 -> propagateSignificance();
      case 2 -> refineMagnitudes();
      default -> {
        cleanUp();
        if (style.segmentationSymbols() && segmentationSymbol() != SEGMENTATION_SYMBOL) {
          throw new IOException("its JPEG 2000 data is damaged: a code-block is wrong");
        }
        plane--;
      }
    }
    if (style.resetsContexts()) {
      BlockContexts.reset(decoder);
    }
  }

  private int segmentationSymbol() {
    int symbol = 0;
    for (int i = 0; i < 4; i++) {
      symbol = symbol << 1 | decoder.decode(BlockContexts.UNIFORM);
    }
    return symbol;
  }

  /** The pass over what is not significant and has a significant neighbour (D.3.1). */
  private void propagateSignificance() {
    for (int top = 0; top < height; top += STRIPE) {
      int bottom = Math.min(top + STRIPE, height);
      for (int x = 0; x < width; x++) {
        int i = cell(x, top);
        for (int y = top; y < bottom; y++, i += stride) {
          int state = states[i];
          if ((state & SIGNIFICANT) == 0 && (state & BlockContexts.NEIGHBOURS) != 0) {
            states[i] |= VISITED;
            if (bit(significanceContexts[state & BlockContexts.NEIGHBOURS]) == 1) {
              makeSignificant(i, y);
            }
          }
        }
      }
    }
  }

  /** The pass over what was significant before this bit-plane (D.3.3). */
  private void refineMagnitudes() {
    int half = 1 << plane;
    for (int top = 0; top < height; top += STRIPE) {
      int bottom = Math.min(top + STRIPE, height);
      for (int x = 0; x < width; x++) {
        int i = cell(x, top);
        for (int y = top; y < bottom; y++, i += stride) {
          int state = states[i];
          if ((state & (SIGNIFICANT | VISITED)) == SIGNIFICANT) {
            int bit = bit(BlockContexts.ofRefinement(state, (state & REFINED) == 0));
            magnitudes[i] += bit == 1 ? half : -half;
            states[i] |= REFINED;
          }
        }
      }
    }
  }

  /** The pass over what is left; it skips columns of zeros at once (D.3.4). */
  private void cleanUp() {
    for (int top = 0; top < height; top += STRIPE) {
      int bottom = Math.min(top + STRIPE, height);
      for (int x = 0; x < width; x++) {
        int i = cell(x, top);
        int y = top;
        if (bottom - top == STRIPE && isQuiet(i)) {
          if (decoder.decode(BlockContexts.RUN_LENGTH) == 0) {
            continue;
          }
          int zeros =
              decoder.decode(BlockContexts.UNIFORM) << 1 | decoder.decode(BlockContexts.UNIFORM);
          y += zeros;
          i += zeros * stride;
          makeSignificant(i, y);
          y++;
          i += stride;
        }
        for (; y < bottom; y++, i += stride) {
          int state = states[i];
          if ((state & (SIGNIFICANT | VISITED)) == 0
              && bit(significanceContexts[state & BlockContexts.NEIGHBOURS]) == 1) {
            makeSignificant(i, y);
          }
          states[i] &= ~VISITED;
        }
      }
    }
  }

  /** Whether nothing is known of the column of a stripe and of its neighbours. */
  private boolean isQuiet(int i) {
    int all = states[i] | states[i + stride] | states[i + 2 * stride] | states[i + 3 * stride];
    return (all & (SIGNIFICANT | VISITED | BlockContexts.NEIGHBOURS)) == 0;
  }

  private int bit(int context) {
    return raw == null ? decoder.decode(context) : raw.bit();
  }

  /**
   * Decodes the sign of a coefficient that is now significant (D.3.2), and tells its neighbours.
   */
  private void makeSignificant(int i, int y) {
    int state = states[i];
    int sign =
        raw == null
            ? decoder.decode(BlockContexts.ofSign(state)) ^ BlockContexts.probableSign(state)
            : raw.bit();
    states[i] |= sign == 1 ? SIGNIFICANT | NEGATIVE : SIGNIFICANT;
    magnitudes[i] = 3 << plane;
    int signed = 1 | sign << BlockContexts.TO_SIGN;
    states[i - 1] |= BlockContexts.EAST * signed;
    states[i + 1] |= BlockContexts.WEST * signed;
    int below = i + stride;
    states[below] |= BlockContexts.NORTH * signed;
    states[below - 1] |= BlockContexts.NORTH_EAST;
    states[below + 1] |= BlockContexts.NORTH_WEST;
    if (!causal || y % STRIPE != 0) {
      int above = i - stride;
      states[above] |= BlockContexts.SOUTH * signed;
      states[above - 1] |= BlockContexts.SOUTH_EAST;
      states[above + 1] |= BlockContexts.SOUTH_WEST;
    }
  }
}

package org.aucmedi.xai.imaging.medical.codec;

/**
 * The contexts of a coefficient, from the state of its eight neighbours (T.800, D.3). A state has
 * one bit for each neighbour that is significant, and one for each of the four nearest that is
 * negative.
 */
final class BlockContexts {

  static final int WEST = 1;
  static final int EAST = 1 << 1;
  static final int NORTH = 1 << 2;
  static final int SOUTH = 1 << 3;
  static final int NORTH_WEST = 1 << 4;
  static final int NORTH_EAST = 1 << 5;
  static final int SOUTH_WEST = 1 << 6;
  static final int SOUTH_EAST = 1 << 7;

  /** All neighbours. */
  static final int NEIGHBOURS = (1 << 8) - 1;

  /** From a nearest neighbour's significance to its sign. */
  static final int TO_SIGN = 8;

  /** The number of contexts. */
  static final int COUNT = 19;

  static final int REFINEMENT = 14;
  static final int RUN_LENGTH = 17;
  static final int UNIFORM = 18;

  private static final int FIRST_SIGN = 9;

  /** The context of significance by neighbours: of LL and LH, of HL, and of HH. */
  private static final byte[][] SIGNIFICANCE = significance();

  /** The context of a sign by nearest neighbours and their signs. */
  private static final byte[] SIGN = new byte[256];

  /** The sign that such neighbours make probable. */
  private static final byte[] PROBABLE_SIGN = new byte[256];

  static {
    fillSigns();
  }

  private BlockContexts() {}

  /** Sets the contexts to their first states: Table D.7. */
  static void reset(MqDecoder decoder) {
    for (int context = 0; context < COUNT; context++) {
      decoder.setContext(context, 0);
    }
    decoder.setContext(0, 4);
    decoder.setContext(RUN_LENGTH, 3);
    decoder.setContext(UNIFORM, 46);
  }

  /** {@return the contexts of significance in a subband, by the state's {@link #NEIGHBOURS}} */
  static byte[] ofSignificance(Subband subband) {
    return SIGNIFICANCE[subband.highX() ? subband.highY() ? 2 : 1 : 0];
  }

  /** {@return the context of a sign} */
  static int ofSign(int state) {
    return SIGN[nearest(state)];
  }

  /** {@return what the decoded symbol is combined with to get the sign, 1 for negative} */
  static int probableSign(int state) {
    return PROBABLE_SIGN[nearest(state)];
  }

  private static int nearest(int state) {
    return (state & 15) | ((state >> 4) & 0xf0);
  }

  /** {@return the context of a magnitude bit: Table D.4} */
  static int ofRefinement(int state, boolean first) {
    if (!first) {
      return REFINEMENT + 2;
    }
    return (state & NEIGHBOURS) == 0 ? REFINEMENT : REFINEMENT + 1;
  }

  private static byte[][] significance() {
    byte[][] contexts = new byte[3][NEIGHBOURS + 1];
    for (int state = 0; state <= NEIGHBOURS; state++) {
      int horizontal = Integer.bitCount(state & (WEST | EAST));
      int vertical = Integer.bitCount(state & (NORTH | SOUTH));
      int diagonal = Integer.bitCount(state & (NORTH_WEST | NORTH_EAST | SOUTH_WEST | SOUTH_EAST));
      contexts[0][state] = lowX(horizontal, vertical, diagonal);
      contexts[1][state] = lowX(vertical, horizontal, diagonal);
      contexts[2][state] = diagonalBand(horizontal + vertical, diagonal);
    }
    return contexts;
  }

  /** The first column of Table D.1, for the subbands LL and LH. */
  private static byte lowX(int horizontal, int vertical, int diagonal) {
    if (horizontal == 2) {
      return 8;
    }
    if (horizontal == 1) {
      return (byte) (vertical > 0 ? 7 : diagonal > 0 ? 6 : 5);
    }
    return (byte) (vertical > 0 ? 2 + vertical : Math.min(2, diagonal));
  }

  /** The last column of Table D.1, for the subband HH. */
  private static byte diagonalBand(int nearest, int diagonal) {
    return (byte)
        switch (diagonal) {
          case 0 -> Math.min(2, nearest);
          case 1 -> 3 + Math.min(2, nearest);
          case 2 -> 6 + Math.min(1, nearest);
          default -> 8;
        };
  }

  /** Tables D.2 and D.3. */
  private static void fillSigns() {
    for (int i = 0; i < SIGN.length; i++) {
      int h = Integer.signum(contribution(i, WEST) + contribution(i, EAST));
      int v = Integer.signum(contribution(i, NORTH) + contribution(i, SOUTH));
      SIGN[i] = (byte) (FIRST_SIGN + (h == 0 ? Math.abs(v) : 3 + h * v));
      PROBABLE_SIGN[i] = (byte) (h < 0 || (h == 0 && v < 0) ? 1 : 0);
    }
  }

  private static int contribution(int index, int neighbour) {
    if ((index & neighbour) == 0) {
      return 0;
    }
    return (index & neighbour << 4) == 0 ? 1 : -1;
  }
}

package org.aucmedi.xai.imaging.medical.codec;

/** The adaptive binary arithmetic decoder (T.800, Annex C.3). */
final class MqDecoder {

  /** The probability of the less probable symbol per state: Table C.2, as are the next two. */
  private static final int[] QE = {
    0x5601, 0x3401, 0x1801, 0x0ac1, 0x0521, 0x0221, 0x5601, 0x5401, 0x4801, 0x3801, 0x3001, 0x2401,
    0x1c01, 0x1601, 0x5601, 0x5401, 0x5101, 0x4801, 0x3801, 0x3401, 0x3001, 0x2801, 0x2401, 0x2201,
    0x1c01, 0x1801, 0x1601, 0x1401, 0x1201, 0x1101, 0x0ac1, 0x09c1, 0x08a1, 0x0521, 0x0441, 0x02a1,
    0x0221, 0x0141, 0x0111, 0x0085, 0x0049, 0x0025, 0x0015, 0x0009, 0x0005, 0x0001, 0x5601
  };

  /** The state after the more probable symbol. */
  private static final byte[] NEXT_MPS = {
    1, 2, 3, 4, 5, 38, 7, 8, 9, 10, 11, 12, 13, 29, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26,
    27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40, 41, 42, 43, 44, 45, 45, 46
  };

  /** The state after the less probable symbol. */
  private static final byte[] NEXT_LPS = {
    1, 6, 9, 12, 29, 33, 6, 14, 14, 14, 17, 18, 20, 21, 14, 14, 15, 16, 17, 18, 19, 19, 20, 21, 22,
    23, 24, 25, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40, 41, 42, 43, 46
  };

  private final byte[] states;
  private final byte[] symbols;
  private byte[] data = {};
  private int end;
  private int position;
  private int c;
  private int a;
  private int shiftsLeft;

  MqDecoder(int contexts) {
    states = new byte[contexts];
    symbols = new byte[contexts];
  }

  /** Sets a context to a state in which 0 is the more probable symbol. */
  void setContext(int context, int state) {
    states[context] = (byte) state;
    symbols[context] = 0;
  }

  /** Starts a codeword: INITDEC. Contexts stay as they are. */
  void start(byte[] data, int start, int length) {
    this.data = data;
    position = start;
    end = start + length;
    c = byteAt(position) << 16;
    readByte();
    c <<= 7;
    shiftsLeft -= 7;
    a = 0x8000;
  }

  /** Behind a codeword, there are ones. */
  private int byteAt(int index) {
    return index < end ? data[index] & 0xff : 0xff;
  }

  /** BYTEIN. */
  private void readByte() {
    if (byteAt(position) == 0xff) {
      int next = byteAt(position + 1);
      if (next > 0x8f) {
        c += 0xff00;
        shiftsLeft = 8;
      } else {
        position++;
        c += next << 9;
        shiftsLeft = 7;
      }
    } else {
      position++;
      c += byteAt(position) << 8;
      shiftsLeft = 8;
    }
  }

  /** {@return the next symbol of a context, 0 or 1: DECODE} */
  int decode(int context) {
    int state = states[context];
    int qe = QE[state];
    int symbol = symbols[context];
    a -= qe;
    if (c >>> 16 < qe) {
      boolean probable = a < qe;
      a = qe;
      symbol = adapt(context, state, symbol, probable);
      renormalise();
    } else {
      c -= qe << 16;
      if ((a & 0x8000) == 0) {
        boolean probable = a >= qe;
        symbol = adapt(context, state, symbol, probable);
        renormalise();
      }
    }
    return symbol;
  }

  /** Moves a context on to its next state, and returns the symbol. */
  private int adapt(int context, int state, int symbol, boolean probable) {
    if (probable) {
      states[context] = NEXT_MPS[state];
      return symbol;
    }
    if (state == 0 || state == 6 || state == 14) {
      // The less probable symbol becomes the more probable one.
      symbols[context] = (byte) (1 - symbol);
    }
    states[context] = NEXT_LPS[state];
    return 1 - symbol;
  }

  /** RENORMD. */
  private void renormalise() {
    do {
      if (shiftsLeft == 0) {
        readByte();
      }
      a <<= 1;
      c <<= 1;
      shiftsLeft--;
    } while ((a & 0x8000) == 0);
  }
}

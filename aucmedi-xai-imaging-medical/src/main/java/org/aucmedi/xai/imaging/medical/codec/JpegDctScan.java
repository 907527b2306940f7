package org.aucmedi.xai.imaging.medical.codec;

import java.io.IOException;
import java.util.Arrays;
import java.util.List;

/** Decodes a scan of sequential DCT with Huffman codes (T.81 F.2). */
final class JpegDctScan extends JpegScan {

  static final int BLOCK = 8;

  private static final int END_OF_BLOCK = 0x00;
  private static final int SIXTEEN_ZEROS = 0xf0;
  private static final int LARGEST_SIZE = 15;

  /** For each place in zigzag order its place row by row (T.81 figure A.6). */
  private static final int[] ZIGZAG = zigzag();

  private final List<HuffmanTable> dcTables;
  private final List<HuffmanTable> acTables;

  /** For each component the step sizes in zigzag order. */
  private final List<int[]> steps;

  private final int[] dc;
  private final double[] block = new double[BLOCK * BLOCK];
  private final InverseDct inverse = new InverseDct();

  JpegDctScan(
      JpegFrame frame,
      List<JpegComponent> components,
      JpegBits bits,
      int restartInterval,
      List<HuffmanTable> dcTables,
      List<HuffmanTable> acTables,
      List<int[]> steps) {
    super(frame, components, bits, BLOCK, restartInterval);
    this.dcTables = dcTables;
    this.acTables = acTables;
    this.steps = steps;
    this.dc = new int[components.size()];
  }

  @Override
  void restart(int mcuRow, int mcuColumn) {
    Arrays.fill(dc, 0);
  }

  @Override
  void finish() {
    // Each block is complete as it is stored.
  }

  @Override
  void decodeUnit(int index, int row, int column) throws IOException {
    Arrays.fill(block, 0);
    boolean flat = readBlock(index);
    if (flat) {
      Arrays.fill(block, block[0] / BLOCK);
    } else {
      inverse.transform(block);
    }
    store(components.get(index), row * BLOCK, column * BLOCK);
  }

  /** Reads and scales the coefficients of a block; returns whether all but the first are 0. */
  private boolean readBlock(int index) throws IOException {
    int[] step = steps.get(index);
    dc[index] += HuffmanTable.signed(bits, size(dcTables.get(index).symbol(bits)));
    block[0] = (double) dc[index] * step[0];
    HuffmanTable table = acTables.get(index);
    boolean flat = true;
    int k = 1;
    while (k < BLOCK * BLOCK) {
      int symbol = table.symbol(bits);
      if (symbol == END_OF_BLOCK) {
        break;
      }
      if (symbol == SIXTEEN_ZEROS) {
        k += 16;
        continue;
      }
      k += symbol >> 4;
      if (k >= BLOCK * BLOCK) {
        throw new IOException("a block of its JPEG data has more than 64 coefficients");
      }
      block[ZIGZAG[k]] = (double) HuffmanTable.signed(bits, symbol & 0xf) * step[k];
      flat = false;
      k++;
    }
    return flat;
  }

  private static int size(int symbol) throws IOException {
    if (symbol > LARGEST_SIZE) {
      throw new IOException("its JPEG data hold a coefficient of more than 15 bits");
    }
    return symbol;
  }

  private void store(JpegComponent component, int top, int left) {
    int most = (1 << frame.precision()) - 1;
    int middle = 1 << (frame.precision() - 1);
    for (int y = 0; y < BLOCK; y++) {
      int at = (top + y) * component.stride + left;
      for (int x = 0; x < BLOCK; x++) {
        long value = Math.round(block[y * BLOCK + x]) + middle;
        component.samples[at + x] = (short) Math.max(0, Math.min(most, value));
      }
    }
  }

  private static int[] zigzag() {
    int[] order = new int[BLOCK * BLOCK];
    int k = 0;
    for (int diagonal = 0; diagonal < 2 * BLOCK - 1; diagonal++) {
      for (int i = Math.max(0, diagonal - BLOCK + 1); i <= Math.min(diagonal, BLOCK - 1); i++) {
        // Odd diagonals run from the top right to the bottom left, even ones the other way.
        int row = diagonal % 2 == 1 ? i : diagonal - i;
        order[k++] = row * BLOCK + diagonal - row;
      }
    }
    return order;
  }
}

package org.aucmedi.xai.imaging.medical.codec;

import java.io.IOException;
import java.util.List;

/**
 * Decodes a scan of lossless JPEG with Huffman codes (T.81 annex H): each sample is a prediction
 * from its neighbours plus a difference, modulo 65536.
 */
final class JpegLosslessScan extends JpegScan {

  static final int UNIT = 1;

  /** The size of the difference 32768, which has no bits of its own. */
  private static final int WHOLE_RANGE = 16;

  private final List<HuffmanTable> tables;
  private final int predictor;
  private final int pointTransform;

  /** The prediction where there is no neighbour. */
  private final int middle;

  /** For each component the row where the restart interval began. */
  private final int[] firstRows;

  /**
   * Makes a scan.
   *
   * @param tables the Huffman table of each component
   * @param predictor the predictor, 1 to 7 (table H.1)
   * @param pointTransform by how many bits the samples were shifted to the right, below their
   *     precision
   */
  JpegLosslessScan(
      JpegFrame frame,
      List<JpegComponent> components,
      JpegBits bits,
      int restartInterval,
      List<HuffmanTable> tables,
      int predictor,
      int pointTransform) {
    super(frame, components, bits, UNIT, restartInterval);
    this.tables = tables;
    this.predictor = predictor;
    this.pointTransform = pointTransform;
    this.middle = 1 << (frame.precision() - pointTransform - 1);
    this.firstRows = new int[components.size()];
  }

  @Override
  void decodeUnit(int index, int row, int column) throws IOException {
    JpegComponent component = components.get(index);
    int prediction = prediction(component, row, column, firstRows[index]);
    int value = prediction + difference(tables.get(index));
    component.samples[row * component.stride + column] = (short) value;
  }

  private int difference(HuffmanTable table) throws IOException {
    int size = table.symbol(bits);
    if (size < WHOLE_RANGE) {
      return HuffmanTable.signed(bits, size);
    }
    if (size == WHOLE_RANGE) {
      return 1 << 15;
    }
    throw new IOException("its JPEG data hold a difference of more than 16 bits");
  }

  private int prediction(JpegComponent component, int row, int column, int firstRow) {
    if (row == firstRow) {
      return column == 0 ? middle : component.sample(row, column - 1);
    }
    int above = component.sample(row - 1, column);
    if (column == 0) {
      return above;
    }
    int left = component.sample(row, column - 1);
    int corner = component.sample(row - 1, column - 1);
    return switch (predictor) {
      case 1 -> left;
      case 2 -> above;
      case 3 -> corner;
      case 4 -> left + above - corner;
      case 5 -> left + ((above - corner) >> 1);
      case 6 -> above + ((left - corner) >> 1);
      default -> (left + above) >> 1;
    };
  }

  @Override
  void restart(int mcuRow, int mcuColumn) throws IOException {
    if (mcuColumn > 0) {
      throw new IOException("a restart interval of its lossless JPEG data ends within a row");
    }
    for (int i = 0; i < firstRows.length; i++) {
      firstRows[i] = components.size() > 1 ? mcuRow * components.get(i).v : mcuRow;
    }
  }

  @Override
  void finish() {
    int most = (1 << frame.precision()) - 1;
    for (JpegComponent component : components) {
      short[] samples = component.samples;
      for (int i = 0; i < samples.length; i++) {
        samples[i] = (short) ((samples[i] << pointTransform) & most);
      }
    }
  }
}

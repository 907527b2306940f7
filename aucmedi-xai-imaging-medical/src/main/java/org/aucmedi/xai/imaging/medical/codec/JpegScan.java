package org.aucmedi.xai.imaging.medical.codec;

import java.io.IOException;
import java.util.List;

/**
 * Decodes one scan: walks through its MCUs and restart intervals (T.81 A.2 and E.2.4). A data unit
 * is a block of 8 x 8 samples with the DCT and one sample without.
 */
abstract class JpegScan {

  private static final int MOST_UNITS = 10;

  final JpegFrame frame;
  final List<JpegComponent> components;
  final JpegBits bits;
  private final int unit;
  private final int restartInterval;

  /**
   * Makes a scan.
   *
   * @param frame the frame
   * @param components the components of the scan, in its order
   * @param bits the entropy-coded data
   * @param unit the width and height of a data unit
   * @param restartInterval the number of MCUs between restarts, 0 for none
   */
  JpegScan(
      JpegFrame frame,
      List<JpegComponent> components,
      JpegBits bits,
      int unit,
      int restartInterval) {
    this.frame = frame;
    this.components = components;
    this.bits = bits;
    this.unit = unit;
    this.restartInterval = restartInterval;
  }

  /**
   * Decodes one data unit.
   *
   * @param index the index of its component in the scan
   * @param row its row, in data units
   * @param column its column, in data units
   */
  abstract void decodeUnit(int index, int row, int column) throws IOException;

  /** Puts predictions back to their start, before an MCU. */
  abstract void restart(int mcuRow, int mcuColumn) throws IOException;

  /** Completes the samples after the last MCU. */
  abstract void finish();

  /** Decodes the whole scan. */
  final void decode() throws IOException {
    boolean interleaved = components.size() > 1;
    JpegComponent only = components.get(0);
    int across = interleaved ? frame.mcusAcross(unit) : JpegFrame.ceilDiv(only.width, unit);
    int down = interleaved ? frame.mcusDown(unit) : JpegFrame.ceilDiv(only.height, unit);
    if (interleaved) {
      checkUnits();
    }
    int sinceRestart = 0;
    int restarts = 0;
    for (int row = 0; row < down; row++) {
      for (int column = 0; column < across; column++) {
        if (restartInterval > 0 && sinceRestart == restartInterval) {
          bits.restart(restarts++);
          restart(row, column);
          sinceRestart = 0;
        }
        if (interleaved) {
          decodeMcu(row, column);
        } else {
          decodeUnit(0, row, column);
        }
        sinceRestart++;
      }
    }
    finish();
  }

  private void decodeMcu(int row, int column) throws IOException {
    for (int i = 0; i < components.size(); i++) {
      JpegComponent component = components.get(i);
      for (int y = 0; y < component.v; y++) {
        for (int x = 0; x < component.h; x++) {
          decodeUnit(i, row * component.v + y, column * component.h + x);
        }
      }
    }
  }

  private void checkUnits() throws IOException {
    int units = components.stream().mapToInt(component -> component.h * component.v).sum();
    if (units > MOST_UNITS) {
      throw new IOException(
          "a scan of its JPEG data has " + units + " data units in an MCU, more than 10");
    }
  }
}

package org.aucmedi.xai.imaging.medical.codec;

import java.util.List;

/**
 * The coefficients of a tile-component, and the inverse of their wavelet transform (T.800, Annex
 * F.3). The subbands of a resolution lie side by side, where its samples will be.
 */
abstract class InverseWavelet {

  /** The rows or columns that are filtered together. */
  private static final int LANES = 16;

  private final int width;

  /**
   * Constructs coefficients that are zero.
   *
   * @param width the columns of the tile-component
   */
  InverseWavelet(int width) {
    this.width = width;
  }

  static InverseWavelet of(TileComponent component) {
    Area area = component.area();
    return component.style().reversible()
        ? new ReversibleWavelet(area.width(), area.height())
        : new IrreversibleWavelet(area.width(), area.height());
  }

  /**
   * Takes the coefficients of a code-block.
   *
   * @param regionShift the bits by which those of a region of interest were raised, above all
   *     others (H.1); 0 for none
   */
  final void put(CodeBlockDecoder decoder, Area block, Subband subband, int regionShift) {
    long raised = 2L << Math.min(regionShift, Integer.SIZE);
    int left = subband.x() + block.x0() - subband.area().x0();
    int top = subband.y() + block.y0() - subband.area().y0();
    for (int y = 0; y < block.height(); y++) {
      int row = (top + y) * width + left;
      for (int x = 0; x < block.width(); x++) {
        int doubled = decoder.doubled(x, y);
        if (regionShift > 0 && Math.abs(doubled) >= raised) {
          doubled /= 1 << regionShift;
        }
        set(row + x, doubled, subband.step());
      }
    }
  }

  /** Reconstructs the samples from the lowest resolution up (2D_SR). */
  final void reconstruct(List<Resolution> resolutions) {
    for (int r = 1; r < resolutions.size(); r++) {
      Area area = resolutions.get(r).area();
      Area low = resolutions.get(r - 1).area();
      boolean oddX = (area.x0() & 1) == 1;
      boolean oddY = (area.y0() & 1) == 1;
      for (int y = 0; y < area.height(); y += LANES) {
        int lanes = Math.min(LANES, area.height() - y);
        filter(new Lines(y * width, 1, width, lanes, area.width(), low.width(), oddX));
      }
      for (int x = 0; x < area.width(); x += LANES) {
        int lanes = Math.min(LANES, area.width() - x);
        filter(new Lines(x, width, 1, lanes, area.height(), low.height(), oddY));
      }
    }
  }

  /**
   * Neighbouring rows or columns.
   *
   * @param start the index of the first coefficient
   * @param step from a coefficient to the next of its line
   * @param laneStep from a line to the next
   * @param lanes the number of lines
   * @param length the number of coefficients of a line
   * @param low how many of them are of the low frequencies, which come first
   * @param odd whether the first sample is at an odd coordinate, where the high frequencies are
   */
  record Lines(int start, int step, int laneStep, int lanes, int length, int low, boolean odd) {

    /** {@return where a coefficient goes among the samples, which alternate} */
    int interleaved(int i) {
      int parity = odd ? 1 : 0;
      return i < low ? 2 * i + parity : 2 * (i - low) + 1 - parity;
    }

    /** {@return the neighbour of a sample before it; the signal is mirrored at its ends} */
    int before(int i) {
      return i == 0 ? 1 : i - 1;
    }

    /** {@return the neighbour of a sample after it} */
    int after(int i) {
      return i == length - 1 ? i - 1 : i + 1;
    }
  }

  /** Sets a coefficient from twice its quantised value. */
  abstract void set(int index, int doubled, float step);

  /** Interleaves and filters lines (1D_SR). */
  abstract void filter(Lines lines);

  /** {@return the sample at an index, rounded} */
  abstract int sample(int index);
}

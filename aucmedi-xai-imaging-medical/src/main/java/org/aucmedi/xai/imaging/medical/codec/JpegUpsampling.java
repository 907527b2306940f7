package org.aucmedi.xai.imaging.medical.codec;

/**
 * Brings the components of a frame to its full size, side by side.
 *
 * <p>With the DCT a component of half the width or height is interpolated: each value is 3/4 the
 * nearer sample and 1/4 the next, as samples lie in the middle of the pixels they stand for. That
 * is what most decoders do. All other components are repeated.
 */
final class JpegUpsampling {

  private final JpegFrame frame;
  private final boolean interpolate;
  private final int[] samples;

  private JpegUpsampling(JpegFrame frame, boolean interpolate) {
    this.frame = frame;
    this.interpolate = interpolate;
    this.samples = new int[frame.width() * frame.height() * frame.components().size()];
  }

  /** The samples of a frame, row by row, the components of a pixel side by side. */
  static int[] samples(JpegFrame frame, boolean interpolate) {
    JpegUpsampling upsampling = new JpegUpsampling(frame, interpolate);
    for (int i = 0; i < frame.components().size(); i++) {
      upsampling.put(i);
    }
    return upsampling.samples;
  }

  private void put(int index) {
    JpegComponent component = frame.components().get(index);
    boolean full = component.h == frame.mostH() && component.v == frame.mostV();
    int[] columns = new int[component.width];
    for (int y = 0; y < frame.height(); y++) {
      if (full) {
        copyRow(component, y, index);
      } else {
        int near = y * component.v / frame.mostV();
        int next = next(y, near, component.v, frame.mostV(), component.height);
        for (int x = 0; x < columns.length; x++) {
          columns[x] = 3 * component.sample(near, x) + component.sample(next, x);
        }
        putRow(columns, component.h, y, index);
      }
    }
  }

  private void copyRow(JpegComponent component, int y, int index) {
    int step = frame.components().size();
    int to = y * frame.width() * step + index;
    for (int x = 0; x < frame.width(); x++) {
      samples[to + x * step] = component.sample(y, x);
    }
  }

  /** Writes a row from four times its values in a component's columns. */
  private void putRow(int[] columns, int h, int y, int index) {
    int step = frame.components().size();
    int to = y * frame.width() * step + index;
    int most = frame.mostH();
    for (int x = 0; x < frame.width(); x++) {
      int near = x * h / most;
      int next = next(x, near, h, most, columns.length);
      samples[to + x * step] = (3 * columns[near] + columns[next] + 8) >> 4;
    }
  }

  /** The sample on the other side of a pixel, the nearer one itself without interpolation. */
  private int next(int pixel, int near, int factor, int most, int size) {
    if (!interpolate || most != 2 * factor) {
      return near;
    }
    int next = pixel % 2 == 0 ? near - 1 : near + 1;
    return Math.max(0, Math.min(size - 1, next));
  }
}

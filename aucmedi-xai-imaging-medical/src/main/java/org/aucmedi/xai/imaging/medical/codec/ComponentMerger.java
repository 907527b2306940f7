package org.aucmedi.xai.imaging.medical.codec;

import java.io.IOException;
import java.util.List;

/** Puts the components of an image side by side, the coarser ones enlarged. */
final class ComponentMerger {

  private final ReferenceGrid grid;

  /** The area of the finest component, which is that of the frame. */
  private final Area frame;

  private final int dx;
  private final int dy;

  ComponentMerger(ReferenceGrid grid) throws IOException {
    this.grid = grid;
    ReferenceGrid.Component first = grid.components().get(0);
    int finestX = first.dx();
    int finestY = first.dy();
    for (ReferenceGrid.Component component : grid.components()) {
      finestX = Math.min(finestX, component.dx());
      finestY = Math.min(finestY, component.dy());
      if (component.bits() != first.bits() || component.signed() != first.signed()) {
        throw new IOException(
            "the components of its JPEG 2000 image differ in depth, which is not supported");
      }
    }
    dx = finestX;
    dy = finestY;
    frame = grid.image().subsampled(dx, dy);
  }

  void checkSize(long mostSamples) throws IOException {
    int components = grid.components().size();
    // Below 2^62, so that a component more cannot overflow.
    long pixels = (long) frame.width() * frame.height();
    if (pixels > mostSamples / components) {
      throw new IOException(
          "its JPEG 2000 image has "
              + frame.width()
              + " x "
              + frame.height()
              + " pixels of "
              + components
              + " components, more than the limit of "
              + mostSamples
              + " samples");
    }
    if (frame.isEmpty()) {
      throw new IOException("its JPEG 2000 data is damaged: its image is empty");
    }
    for (ReferenceGrid.Component component : grid.components()) {
      if (grid.area(component).isEmpty()) {
        throw new IOException("its JPEG 2000 data is damaged: a component is empty");
      }
    }
  }

  /** {@return arrays for the samples of each component} */
  int[][] newPlanes() {
    List<ReferenceGrid.Component> components = grid.components();
    int[][] planes = new int[components.size()][];
    for (int c = 0; c < planes.length; c++) {
      Area area = grid.area(components.get(c));
      planes[c] = new int[area.width() * area.height()];
    }
    return planes;
  }

  DecodedFrame merge(int[][] planes) {
    int[] samples = planes[0];
    if (planes.length > 1) {
      samples = new int[frame.width() * frame.height() * planes.length];
      for (int c = 0; c < planes.length; c++) {
        merge(planes[c], c, samples);
      }
    }
    ReferenceGrid.Component first = grid.components().get(0);
    return new DecodedFrame(
        frame.width(), frame.height(), planes.length, first.bits(), first.signed(), samples);
  }

  private void merge(int[] plane, int index, int[] samples) {
    ReferenceGrid.Component component = grid.components().get(index);
    Area area = grid.area(component);
    int to = index;
    for (int y = frame.y0(); y < frame.y1(); y++) {
      int row = nearest(y, dy, component.dy(), area.y0(), area.y1()) * area.width();
      for (int x = frame.x0(); x < frame.x1(); x++) {
        samples[to] = plane[row + nearest(x, dx, component.dx(), area.x0(), area.x1())];
        to += grid.components().size();
      }
    }
  }

  /** The sample of a coarser component that covers one of the finest, from its first sample. */
  private static int nearest(int fine, int fineStep, int step, int from, int to) {
    long coarse = (long) fine * fineStep / step;
    return (int) Math.max(from, Math.min(to - 1, coarse)) - from;
  }
}

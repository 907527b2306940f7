package org.aucmedi.xai.imaging.medical.codec;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * The image and its tiles on the reference grid: the marker segment SIZ (T.800, A.5.1 and B.2).
 *
 * @param image the area of the image
 * @param tileX the column of the first tile's corner
 * @param tileY the row of the first tile's corner
 * @param tileWidth the columns of a tile
 * @param tileHeight the rows of a tile
 * @param components what is in the image
 */
record ReferenceGrid(
    Area image,
    int tileX,
    int tileY,
    int tileWidth,
    int tileHeight,
    List<ReferenceGrid.Component> components) {

  /** The most bits of a sample whose coefficients fit an int. */
  private static final int MOST_BITS = 26;

  private static final int MOST_TILES = 65_535;

  /**
   * A component.
   *
   * @param bits the number of bits of a sample
   * @param signed whether samples may be negative
   * @param dx the columns of the grid per sample
   * @param dy the rows of the grid per sample
   */
  record Component(int bits, boolean signed, int dx, int dy) {}

  static ReferenceGrid read(CodestreamBytes siz) throws IOException {
    siz.u16();
    long x1 = siz.u32();
    long y1 = siz.u32();
    long x0 = siz.u32();
    long y0 = siz.u32();
    long tileWidth = Math.min(siz.u32(), Integer.MAX_VALUE);
    long tileHeight = Math.min(siz.u32(), Integer.MAX_VALUE);
    long tileX = siz.u32();
    long tileY = siz.u32();
    if (Math.max(x1, y1) > Integer.MAX_VALUE) {
      throw new IOException(
          "its JPEG 2000 header claims " + x1 + " columns and " + y1 + " rows, which is too large");
    }
    if (x0 >= x1
        || y0 >= y1
        || tileX > x0
        || tileY > y0
        || tileX + tileWidth <= x0
        || tileY + tileHeight <= y0) {
      throw new IOException("its JPEG 2000 data is damaged: the image lies outside of its tiles");
    }
    int count = siz.u16();
    List<Component> components = new ArrayList<>();
    for (int c = 0; c < count; c++) {
      components.add(component(siz));
    }
    if (components.isEmpty()) {
      throw new IOException("its JPEG 2000 data is damaged: it has no components");
    }
    ReferenceGrid grid =
        new ReferenceGrid(
            new Area((int) x0, (int) y0, (int) x1, (int) y1),
            (int) tileX,
            (int) tileY,
            (int) tileWidth,
            (int) tileHeight,
            List.copyOf(components));
    if ((long) grid.tilesAcross() * grid.tilesDown() > MOST_TILES) {
      throw new IOException("its JPEG 2000 data is damaged: it has more than 65,535 tiles");
    }
    return grid;
  }

  private static Component component(CodestreamBytes siz) throws IOException {
    int depth = siz.u8();
    int bits = (depth & 0x7f) + 1;
    int dx = siz.u8();
    int dy = siz.u8();
    if (dx == 0 || dy == 0) {
      throw new IOException("its JPEG 2000 data is damaged: a component has no samples");
    }
    if (bits > MOST_BITS) {
      throw new IOException(
          "its JPEG 2000 samples have " + bits + " bits; up to " + MOST_BITS + " are supported");
    }
    return new Component(bits, depth >= 0x80, dx, dy);
  }

  int tilesAcross() {
    return Area.ceilDivide((long) image.x1() - tileX, tileWidth);
  }

  int tilesDown() {
    return Area.ceilDivide((long) image.y1() - tileY, tileHeight);
  }

  int tileCount() {
    return tilesAcross() * tilesDown();
  }

  /** {@return the area of a tile, equations (B-7) to (B-10)} */
  Area tile(int index) {
    long x = tileX + (long) (index % tilesAcross()) * tileWidth;
    long y = tileY + (long) (index / tilesAcross()) * tileHeight;
    return new Area(
        (int) Math.max(x, image.x0()),
        (int) Math.max(y, image.y0()),
        (int) Math.min(x + tileWidth, image.x1()),
        (int) Math.min(y + tileHeight, image.y1()));
  }

  /** {@return the area of a component of the whole image, in its own samples} */
  Area area(Component component) {
    return image.subsampled(component.dx(), component.dy());
  }
}

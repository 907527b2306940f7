package org.aucmedi.xai.imaging.medical.codec;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A precinct: the code-blocks of one place in the subbands of a resolution, which packets bring
 * layer by layer (T.800, B.6 and B.7).
 */
final class Precinct {

  private final TileComponent tileComponent;
  private final int component;
  private final int resolution;
  private final int index;
  private final long x;
  private final long y;
  private int nextLayer;
  private @Nullable List<Band> bands;

  /** The code-blocks of a precinct in one subband. */
  static final class Band {

    private final Subband subband;
    private final Area grid;
    private final Area area;
    private final CodingStyle style;
    private final int widthExponent;
    private final int heightExponent;
    private final TagTree inclusion;
    private final TagTree zeroPlanes;
    private final @Nullable CodeBlock[] blocks;

    private Band(
        Subband subband, Area area, CodingStyle style, int widthExponent, int heightExponent) {
      this.subband = subband;
      this.area = area;
      this.style = style;
      this.widthExponent = Math.min(style.blockWidthExponent(), widthExponent);
      this.heightExponent = Math.min(style.blockHeightExponent(), heightExponent);
      grid =
          new Area(
              area.x0() >> this.widthExponent,
              area.y0() >> this.heightExponent,
              ((area.x1() - 1) >> this.widthExponent) + 1,
              ((area.y1() - 1) >> this.heightExponent) + 1);
      inclusion = new TagTree(columns(), rows());
      zeroPlanes = new TagTree(columns(), rows());
      blocks = new CodeBlock[columns() * rows()];
    }

    Subband subband() {
      return subband;
    }

    int columns() {
      return grid.width();
    }

    int rows() {
      return grid.height();
    }

    /** {@return the tree of the layers in which code-blocks come first} */
    TagTree inclusion() {
      return inclusion;
    }

    /** {@return the tree of the numbers of bit-planes that are all zero} */
    TagTree zeroPlanes() {
      return zeroPlanes;
    }

    @Nullable CodeBlock block(int column, int row) {
      return blocks[row * columns() + column];
    }

    void setBlock(int column, int row, CodeBlock block) {
      blocks[row * columns() + column] = block;
    }

    /** {@return the coordinates of a code-block in the subband} */
    Area blockArea(int column, int row) {
      int x0 = (grid.x0() + column) << widthExponent;
      int y0 = (grid.y0() + row) << heightExponent;
      return new Area(x0, y0, x0 + (1 << widthExponent), y0 + (1 << heightExponent))
          .intersection(area);
    }

    CodingStyle style() {
      return style;
    }
  }

  Precinct(TileComponent tileComponent, int component, int resolution, int index, Area tile) {
    this.tileComponent = tileComponent;
    this.component = component;
    this.resolution = resolution;
    this.index = index;
    Resolution r = resolution();
    int level = tileComponent.style().levels() - resolution;
    ReferenceGrid.Component c = tileComponent.component();
    x = Math.max(tile.x0(), (column() << r.precinctWidthExponent() << level) * c.dx());
    y = Math.max(tile.y0(), (row() << r.precinctHeightExponent() << level) * c.dy());
  }

  private Resolution resolution() {
    return tileComponent.resolutions().get(resolution);
  }

  private long column() {
    Resolution r = resolution();
    return (long) (r.area().x0() >> r.precinctWidthExponent()) + index % r.precinctsWide();
  }

  private long row() {
    Resolution r = resolution();
    return (long) (r.area().y0() >> r.precinctHeightExponent()) + index / r.precinctsWide();
  }

  int component() {
    return component;
  }

  int resolutionIndex() {
    return resolution;
  }

  /** {@return its index in its resolution, row by row} */
  int index() {
    return index;
  }

  /** {@return the column of the reference grid at which orders by position come to it} */
  long x() {
    return x;
  }

  /** {@return the row of the reference grid at which orders by position come to it} */
  long y() {
    return y;
  }

  TileComponent tileComponent() {
    return tileComponent;
  }

  /** {@return the layer that its next packet is of} */
  int nextLayer() {
    return nextLayer;
  }

  void countLayer() {
    nextLayer++;
  }

  /** {@return whether a packet brought something} */
  boolean hasBands() {
    return bands != null;
  }

  /** {@return its parts in the subbands that are not empty, which are made at the first call} */
  List<Band> bands() {
    if (bands == null) {
      bands = new ArrayList<>();
      Resolution r = resolution();
      // But for the lowest resolution, a subband has half as many columns and rows.
      int half = resolution == 0 ? 0 : 1;
      int widthExponent = r.precinctWidthExponent() - half;
      int heightExponent = r.precinctHeightExponent() - half;
      for (Subband subband : r.subbands()) {
        Area area =
            cell(column(), row(), widthExponent, heightExponent).intersection(subband.area());
        if (!area.isEmpty()) {
          bands.add(new Band(subband, area, tileComponent.style(), widthExponent, heightExponent));
        }
      }
    }
    return bands;
  }

  private static Area cell(long column, long row, int widthExponent, int heightExponent) {
    return new Area(
        (int) (column << widthExponent),
        (int) (row << heightExponent),
        end(column, widthExponent),
        end(row, heightExponent));
  }

  private static int end(long cell, int exponent) {
    return (int) Math.min((cell + 1) << exponent, Integer.MAX_VALUE);
  }
}

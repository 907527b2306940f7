package org.aucmedi.xai.methods.gradient;

import org.aucmedi.xai.MapStatus;
import org.aucmedi.xai.MethodOption;
import org.aucmedi.xai.RawMaps;
import org.aucmedi.xai.array.BatchAxes;

/** How the values of a pixel's channels become one. */
public enum ChannelReduction {
  /** The largest value, sign kept; the raw map may be negative. AUCMEDI's. */
  SIGNED {
    @Override
    float join(float soFar, float value) {
      return Math.max(soFar, value);
    }
  },
  /** The largest magnitude; the raw map is at least 0. */
  ABSOLUTE {
    @Override
    float join(float soFar, float value) {
      return Math.max(soFar, Math.abs(value));
    }
  },
  /** The sum; what is conserved over channels stays conserved. */
  SUM {
    @Override
    float join(float soFar, float value) {
      return soFar + value;
    }
  };

  abstract float join(float soFar, float value);

  /** Makes the option with the default of a method's paper. */
  static MethodOption<ChannelReduction> option(ChannelReduction paper) {
    return MethodOption.ofEnum(
        "channels",
        "how the values of a pixel's channels become one",
        ChannelReduction.class,
        SIGNED,
        paper);
  }

  /**
   * Reduces a batch to one map per image, and marks the maps whose values are all zero.
   *
   * @param values the batch, row-major
   * @param axes its axes
   * @param raw where the maps go
   * @param map which map of each image they are
   */
  void reduce(float[] values, BatchAxes axes, RawMaps raw, int map) {
    for (int n = 0; n < axes.images(); n++) {
      reduce(values, axes, n, raw, n, map);
    }
  }

  /**
   * Reduces one image of a batch, and marks its map if the values are all zero.
   *
   * @param values the batch, row-major
   * @param axes its axes
   * @param from the image in the batch
   * @param raw where the map goes
   * @param to the image there
   * @param map which of its maps
   */
  void reduce(float[] values, BatchAxes axes, int from, RawMaps raw, int to, int map) {
    boolean zero = true;
    int offset = raw.offset(to, map);
    for (int i = 0; i < axes.positions(); i++) {
      float reduced = this == SIGNED ? Float.NEGATIVE_INFINITY : 0;
      for (int c = 0; c < axes.channels(); c++) {
        float value = values[axes.index(from, c, i)];
        zero &= value == 0;
        reduced = join(reduced, value);
      }
      raw.values()[offset + i] = reduced;
    }
    if (zero) {
      raw.mark(to, map, MapStatus.ZERO_GRADIENT);
    }
  }
}

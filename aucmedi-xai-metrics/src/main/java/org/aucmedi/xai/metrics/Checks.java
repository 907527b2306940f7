package org.aucmedi.xai.metrics;

import static com.google.common.base.Preconditions.checkArgument;

import org.aucmedi.xai.array.BatchAxes;

/** What every metric asks of its arguments. */
final class Checks {

  private Checks() {}

  /** Refuses maps that are empty or have NaN, and regions of another size. */
  static void requireMapAndRegion(float[] map, boolean[] region) {
    checkArgument(
        map.length == region.length,
        "map and region differ in size: %s and %s values; resize one of them",
        map.length,
        region.length);
    requireMap(map);
  }

  /** Refuses maps that are empty or have NaN. */
  static void requireMap(float[] map) {
    checkArgument(map.length > 0, "the map is empty; give at least one value");
    for (int i = 0; i < map.length; i++) {
      checkArgument(!Float.isNaN(map[i]), "value %s of the map is NaN; leave such maps out", i);
    }
  }

  /** Refuses maps that do not fit an image, and images that do not fill their axes. */
  static void requireMapOf(float[] map, BatchAxes axes, float[] image, float[] fill) {
    requireMap(map);
    int values = axes.positions() * axes.channels();
    checkArgument(
        map.length == axes.positions() && image.length == values && fill.length == values,
        "map, image and fill have %s, %s and %s values for %s positions of %s channels; resize the"
            + " map to the image",
        map.length,
        image.length,
        fill.length,
        axes.positions(),
        axes.channels());
  }

  /** Counts the positions in a region. */
  static int count(boolean[] region) {
    int count = 0;
    for (boolean inside : region) {
      count += inside ? 1 : 0;
    }
    return count;
  }
}

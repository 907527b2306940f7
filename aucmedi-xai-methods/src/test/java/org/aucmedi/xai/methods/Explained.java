package org.aucmedi.xai.methods;

import com.google.common.primitives.Floats;
import java.util.List;
import org.aucmedi.xai.Heatmap;
import org.aucmedi.xai.MapStatus;

/** What tests read from the maps of a batch. */
public final class Explained {

  private Explained() {}

  /**
   * Joins the values of all maps.
   *
   * @param maps for each image its maps
   * @return their values, image by image and map by map
   */
  public static float[] values(List<List<Heatmap>> maps) {
    return Floats.concat(
        maps.stream().flatMap(List::stream).map(Heatmap::values).toArray(float[][]::new));
  }

  /**
   * Lists the statuses of all maps.
   *
   * @param maps for each image its maps
   * @return their statuses, image by image and map by map
   */
  public static List<MapStatus> statuses(List<List<Heatmap>> maps) {
    return maps.stream().flatMap(List::stream).map(Heatmap::status).toList();
  }

  /**
   * Returns the map where there is one image and one map.
   *
   * @param maps for each image its maps
   * @return the only map
   */
  public static Heatmap only(List<List<Heatmap>> maps) {
    if (maps.size() != 1 || maps.get(0).size() != 1) {
      throw new AssertionError("expected one map, got " + maps);
    }
    return maps.get(0).get(0);
  }
}

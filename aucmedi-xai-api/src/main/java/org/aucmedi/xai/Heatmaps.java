package org.aucmedi.xai;

import ai.djl.ndarray.NDArray;
import com.google.common.collect.ImmutableList;
import java.util.List;

/**
 * Heatmaps and what is to be known about each.
 *
 * @param maps (N, K, spatial...), float32; heatmaps lie in [0, 1] and are never NaN
 * @param statuses N times K, image by image
 */
public record Heatmaps(NDArray maps, List<MapStatus> statuses) {

  /** Copies the list. */
  public Heatmaps {
    statuses = ImmutableList.copyOf(statuses);
  }

  /**
   * Returns the status of one map.
   *
   * @param image the image, from 0
   * @param map the map of the image, from 0
   * @return its status
   */
  public MapStatus status(int image, int map) {
    return statuses.get(image * Math.toIntExact(maps.getShape().get(1)) + map);
  }
}

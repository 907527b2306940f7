package org.aucmedi.xai.methods.cam;

import java.util.List;
import org.aucmedi.xai.MethodOption;

/** How the maps of several layers, each in [0, 1] and of the same size, become one. */
public enum LayerFusion {
  /** The mean: a position is as bright as the layers find it on average. */
  MEAN {
    @Override
    float join(float soFar, float value) {
      return soFar + value;
    }
  },
  /** The largest value: what one layer finds is bright. */
  MAX {
    @Override
    float join(float soFar, float value) {
      return Math.max(soFar, value);
    }
  },
  /** The product: only what every layer finds is bright. */
  PRODUCT {
    @Override
    float join(float soFar, float value) {
      return soFar * value;
    }
  };

  /** The option that selects it. */
  public static final MethodOption<LayerFusion> OPTION =
      MethodOption.ofEnum("fuse", "how the maps of several layers become one", LayerFusion.class)
          .defaults(MEAN);

  abstract float join(float soFar, float value);

  /**
   * Joins maps.
   *
   * @param maps at least one, of the same size; not changed
   * @return one map
   */
  float[] join(List<float[]> maps) {
    float[] joined = maps.get(0).clone();
    for (float[] map : maps.subList(1, maps.size())) {
      for (int i = 0; i < joined.length; i++) {
        joined[i] = join(joined[i], map[i]);
      }
    }
    for (int i = 0; this == MEAN && i < joined.length; i++) {
      joined[i] /= maps.size();
    }
    return joined;
  }
}

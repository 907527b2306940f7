package org.aucmedi.xai.decoder;

import java.util.List;
import org.aucmedi.xai.AttributionMethod;
import org.aucmedi.xai.Heatmap;

/** Turns maps as a method makes them into those that are written. */
sealed interface Scaling {

  /**
   * Scales maps.
   *
   * @param maps of one image; all of them where they are {@link #together()}
   * @return as many maps, in their order
   */
  List<Heatmap> apply(List<Heatmap> maps);

  /** Returns whether the maps of an image are scaled together. */
  boolean together();

  /** Returns the value of what a map does not see. */
  default float unseen() {
    return 0;
  }

  /** Returns whether it takes raw maps. */
  boolean takesRaw();

  /**
   * Maps stay as they are.
   *
   * @param takesRaw whether they are raw
   */
  record None(boolean takesRaw) implements Scaling {

    @Override
    public List<Heatmap> apply(List<Heatmap> maps) {
      return maps;
    }

    @Override
    public boolean together() {
      return false;
    }
  }

  /**
   * The maps of an image have one scale.
   *
   * @param method scales them
   * @param eps of its normalisation
   */
  record Same(AttributionMethod method, float eps) implements Scaling {

    @Override
    public List<Heatmap> apply(List<Heatmap> maps) {
      return method.normalizeTogether(maps, eps);
    }

    @Override
    public boolean together() {
      return true;
    }

    @Override
    public boolean takesRaw() {
      return true;
    }
  }

  /**
   * Zero becomes 0.5, the largest magnitude 0 or 1.
   *
   * @param together whether that is the largest of all maps of the image
   */
  record Signed(boolean together) implements Scaling {

    @Override
    public List<Heatmap> apply(List<Heatmap> maps) {
      float largest = 0;
      for (Heatmap map : maps) {
        largest = Math.max(largest, map.largestMagnitude());
      }
      float shared = largest;
      return maps.stream()
          .map(map -> map.around0(together ? shared : map.largestMagnitude()))
          .toList();
    }

    @Override
    public float unseen() {
      return 0.5f;
    }

    @Override
    public boolean takesRaw() {
      return true;
    }
  }
}

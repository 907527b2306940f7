package org.aucmedi.xai;

import org.aucmedi.xai.array.Range;
import org.aucmedi.xai.error.XAIException;

/** Scales raw maps to heatmaps in [0, 1]. Input arrays are not changed. */
public final class Normalization {

  private Normalization() {}

  /**
   * Scales a map by its own minimum and maximum, {@code (h - min) / (max - min + eps)}, in float32
   * as AUCMEDI does. A constant map becomes all zeros, whatever the eps.
   *
   * @param raw one map
   * @param eps added to the range
   * @return the scaled map, in [0, 1]
   * @throws XAIException if the map holds NaN or infinity
   */
  public static float[] minMax(float[] raw, float eps) {
    Range found = Range.of(raw);
    float min = found.min();
    float max = found.max();
    if (!Float.isFinite(max - min)) {
      throw new XAIException(
          "the raw map is not finite (from "
              + min
              + " to "
              + max
              + "); check the image, its standardisation and the weights");
    }
    float[] scaled = new float[raw.length];
    if (max == min) {
      return scaled;
    }
    float range = max - min + eps;
    for (int i = 0; i < raw.length; i++) {
      scaled[i] = (raw[i] - min) / range;
    }
    return scaled;
  }

  /**
   * Divides a map by its maximum, {@code h / (max + eps)}, so that zero stays zero; a map without
   * positive values becomes all zeros.
   *
   * @param raw one map, at least 0
   * @param eps added to the maximum
   * @return the scaled map, in [0, 1]
   */
  public static float[] byMaximum(float[] raw, float eps) {
    float max = 0;
    for (float value : raw) {
      max = Math.max(max, value);
    }
    float[] scaled = new float[raw.length];
    for (int i = 0; i < raw.length && max > 0; i++) {
      scaled[i] = raw[i] / (max + eps);
    }
    return scaled;
  }

  /**
   * Clips a map to [0, 1].
   *
   * @param raw one map
   * @return the clipped map
   */
  public static float[] clip(float[] raw) {
    float[] cut = raw.clone();
    for (int i = 0; i < cut.length; i++) {
      cut[i] = Math.max(0, Math.min(1, cut[i]));
    }
    return cut;
  }
}

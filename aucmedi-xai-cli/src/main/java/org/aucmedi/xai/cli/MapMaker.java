package org.aucmedi.xai.cli;

import ai.djl.ndarray.NDManager;
import java.util.List;
import org.aucmedi.xai.Heatmap;
import org.aucmedi.xai.Objective;
import org.aucmedi.xai.Progress;
import org.aucmedi.xai.XAIMethodBase;
import org.aucmedi.xai.array.ImageArray;
import org.aucmedi.xai.array.Spacing;
import org.aucmedi.xai.decoder.InputBatch;

/** Makes the raw map of an image again, as it is or under other conditions. */
@FunctionalInterface
interface MapMaker {

  /**
   * Explains an image.
   *
   * @param image as the model takes it
   * @param objective what to explain
   * @return the raw map in its own resolution
   */
  Made map(ImageArray image, Objective objective);

  /**
   * A map.
   *
   * @param values row-major
   * @param shape its spatial sizes
   */
  record Made(float[] values, int[] shape) {}

  /** Makes maps by a method. */
  static MapMaker of(XAIMethodBase method) {
    return (image, objective) -> {
      try (NDManager manager = method.model().newManager()) {
        Heatmap map =
            method
                .explainRaw(
                    InputBatch.of(manager, method.model().channelLayout(), List.of(image)),
                    index -> Spacing.of(image),
                    (outputs, index, images) -> List.of(objective),
                    Progress.NONE)
                .get(0)
                .get(0);
        return new Made(map.values(), map.shape());
      }
    };
  }

  /** Gives the same map whatever the image. */
  static MapMaker fixed(float[] map, int[] shape) {
    Made made = new Made(map, shape);
    return (image, objective) -> made;
  }
}

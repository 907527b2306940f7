package org.aucmedi.xai.cli;

import ai.djl.ndarray.NDManager;
import java.util.List;
import org.aucmedi.xai.Heatmap;
import org.aucmedi.xai.Objective;
import org.aucmedi.xai.XAIMethodBase;
import org.aucmedi.xai.array.ImageArray;
import org.aucmedi.xai.decoder.InputBatch;

/** Makes the raw map of an image again, as it is or under other conditions. */
@FunctionalInterface
interface MapMaker {

  /**
   * Explains an image.
   *
   * @param image as the model takes it
   * @param objective what to explain
   * @return the map in its own resolution, as that of the unchanged image has it
   */
  float[] map(ImageArray image, Objective objective);

  /** Makes maps by a method. */
  static MapMaker of(XAIMethodBase method) {
    return (image, objective) -> {
      try (NDManager manager = method.model().newManager()) {
        Heatmap map =
            method
                .explainRaw(
                    InputBatch.of(manager, method.model().channelLayout(), List.of(image)),
                    (outputs, index, images) -> List.of(objective))
                .get(0)
                .get(0);
        return map.values();
      }
    };
  }

  /** Gives the same map whatever the image. */
  static MapMaker fixed(float[] map) {
    return (image, objective) -> map;
  }
}

package org.aucmedi.xai.examples;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import org.aucmedi.xai.Heatmap;
import org.aucmedi.xai.Target;
import org.aucmedi.xai.model.ExplainableModel;
import org.aucmedi.xai.testkit.Golden;
import org.junit.jupiter.api.Test;

/** The method that {@code docs/extending.md} shows is one. */
final class BrightnessIT {

  @Test
  void explain_oneBrightPixel_isThere() {
    try (ExplainableModel model = ExplainableModel.load(Golden.file("models/resmini_scripted.pt"));
        NDManager manager = model.newManager()) {
      NDArray image = manager.zeros(new Shape(1, 3, 40, 56), DataType.FLOAT32);
      image.set(new NDIndex("0, 1, 7, 9"), 2f);
      image.set(new NDIndex("0, 2, 3, 4"), 1f);

      Heatmap map = new Brightness(model).explain(image, Target.argmax()).get(0).get(0);

      assertThat(map.at(7, 9)).isEqualTo(1);
      assertThat(map.at(3, 4)).isEqualTo(0.5f);
      assertThat(map.at(0, 0)).isZero();
    }
  }
}

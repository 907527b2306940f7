package org.aucmedi.xai.examples;

import ai.djl.ndarray.NDArray;
import org.aucmedi.xai.XAIMethodBase;
import org.aucmedi.xai.model.ExplainableModel;

// begin
/** Shows where the image is bright: what a method must beat. */
final class Brightness extends XAIMethodBase {

  Brightness(ExplainableModel model) {
    super(model, null);
  }

  @Override
  public NDArray computeHeatmap(NDArray image, int classIndex, float eps) {
    NDArray sum = image.get(0).sum(new int[] {model().channelLayout().axis(4) - 1});
    return sum.sub(sum.min()).div(sum.max().sub(sum.min()).add(eps));
  }
}
// end

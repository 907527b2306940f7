package org.aucmedi.xai.server;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import org.aucmedi.xai.Heatmap;
import org.aucmedi.xai.Progress;
import org.aucmedi.xai.Target;
import org.aucmedi.xai.XAIMethodBase;
import org.aucmedi.xai.XAIMethodRegistry;
import org.aucmedi.xai.model.ExplainableModel;
import org.jspecify.annotations.Nullable;

/** A method, "slow", whose passes go on until the test lets them end. */
final class SlowMethod extends XAIMethodBase {

  private final CountDownLatch begun;
  private final AtomicBoolean end;

  private SlowMethod(
      ExplainableModel model, @Nullable String layer, CountDownLatch begun, AtomicBoolean end) {
    super(model, layer);
    this.begun = begun;
    this.end = end;
  }

  /**
   * All methods and this one.
   *
   * @param begun counted down when it begins
   * @param end ends it
   */
  static XAIMethodRegistry registry(CountDownLatch begun, AtomicBoolean end) {
    XAIMethodRegistry registry = new XAIMethodRegistry();
    registry.register("slow", (model, layer, options) -> new SlowMethod(model, layer, begun, end));
    return registry;
  }

  @Override
  public NDArray computeHeatmap(NDArray image, int classIndex, float eps) {
    return image.getManager().create(new float[] {0, 0, 0, 1}, new Shape(2, 2));
  }

  @Override
  public List<List<Heatmap>> explain(NDArray batch, Target target, float eps, Progress progress) {
    begun.countDown();
    while (!end.get()) {
      progress.update(1, 4);
      try {
        Thread.sleep(5);
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
    }
    return super.explain(batch, target, eps, progress);
  }
}

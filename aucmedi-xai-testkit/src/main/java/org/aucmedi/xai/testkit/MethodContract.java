package org.aucmedi.xai.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.aucmedi.xai.Heatmaps;
import org.aucmedi.xai.MapStatus;
import org.aucmedi.xai.Target;
import org.aucmedi.xai.XAIMethodBase;
import org.aucmedi.xai.model.ExplainableModel;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What every explanation method must get right, whatever it computes. Extend it for a method of
 * your own:
 *
 * <pre>{@code
 * final class MyMethodTest extends MethodContract {
 *
 *   @Override
 *   protected XAIMethodBase create(ExplainableModel model, @Nullable String layerName) {
 *     return new MyMethod(model, layerName);
 *   }
 * }
 * }</pre>
 *
 * <p>The checks use small networks of three classes in plain Java, so they need no engine; {@link
 * #open} may give others. They say nothing about whether a map is right: for that, compare numbers.
 */
public abstract class MethodContract extends MethodRefusals {

  /** For subclasses. */
  protected MethodContract() {}

  @ParameterizedTest
  @MethodSource("settings")
  void computeHeatmap_image_isASpatialMapFromZeroToOne(Setting setting) {
    with(
        setting,
        (model, manager) -> {
          XAIMethodBase method = create(model, null);
          NDArray image = batch(manager, setting, 0);
          for (int c = 0; c < CLASSES; c++) {
            NDArray map = method.computeHeatmap(image, c, EPS);
            assertThat(map.getShape()).as("shape").isEqualTo(mapShape(setting));
            assertThat(map.getDataType()).isEqualTo(DataType.FLOAT32);
            assertThat(map.getManager()).as("the map's manager").isSameAs(manager);
            assertUnit(map);
            NDArray raw = method.computeRawHeatmap(image, c);
            assertThat(raw.getShape()).as("raw shape").isEqualTo(mapShape(setting));
            assertThat(raw.getManager()).as("the raw map's manager").isSameAs(manager);
            assertFinite(raw);
          }
          assertUnit(method.computeHeatmap(image, 0, 0));
          assertUnit(method.computeHeatmap(image, 0, 1));
        });
  }

  @ParameterizedTest
  @MethodSource("settings")
  void explain_batch_givesEveryMapAndItsStatus(Setting setting) {
    with(
        setting,
        (model, manager) -> {
          XAIMethodBase method = create(model, null);
          NDArray batch = batch(manager, setting, 0, 1);
          Shape shape = new Shape(2, CLASSES).addAll(mapShape(setting));
          Heatmaps explained = method.explain(batch, Target.all(), EPS);
          assertThat(explained.maps().getShape()).isEqualTo(shape);
          assertThat(explained.statuses()).hasSize(2 * CLASSES);
          assertUnit(explained.maps());
          assertSame(
              "computeHeatmaps",
              method.computeHeatmaps(batch, Target.all(), EPS),
              explained.maps(),
              repeatTolerance());
          Heatmaps raw = method.explainRaw(batch, Target.all());
          assertThat(raw.maps().getShape()).isEqualTo(shape);
          assertStatuses(raw, explained);
          assertFinite(raw.maps());
          assertSame(
              "computeRawHeatmaps",
              method.computeRawHeatmaps(batch, Target.all()),
              raw.maps(),
              repeatTolerance());
        });
  }

  @ParameterizedTest
  @MethodSource("settings")
  void explain_batch_equalsImagesAndClassesOneByOne(Setting setting) {
    with(
        setting,
        (model, manager) -> {
          XAIMethodBase method = create(model, null);
          NDArray batch = batch(manager, setting, 0, 1, 2);
          float[] maps = method.explain(batch, Target.all(), EPS).maps().toFloatArray();
          float[] raw = method.explainRaw(batch, Target.all()).maps().toFloatArray();
          float[] own = method.explain(batch, Target.perImage(2, 0, 1), EPS).maps().toFloatArray();
          float[] turned = method.explain(batch, Target.ofClasses(2, 0), EPS).maps().toFloatArray();
          for (int n = 0; n < 3; n++) {
            NDArray image = batch(manager, setting, n);
            for (int c = 0; c < CLASSES; c++) {
              float[] single = method.computeHeatmap(image, c, EPS).toFloatArray();
              float[] singleRaw = method.computeRawHeatmap(image, c).toFloatArray();
              String what = "image " + n + ", class " + c;
              Maps.assertClose(what, part(maps, n * CLASSES + c, single), single, batchTolerance());
              Maps.assertClose(
                  "raw, " + what,
                  part(raw, n * CLASSES + c, singleRaw),
                  singleRaw,
                  batchTolerance() * Maps.maxAbs(singleRaw));
              if (c == (n + 2) % CLASSES) {
                Maps.assertClose("own, " + what, part(own, n, single), single, batchTolerance());
              }
              if (c != 1) {
                float[] found = part(turned, 2 * n + (c == 2 ? 0 : 1), single);
                Maps.assertClose("turned, " + what, found, single, batchTolerance());
              }
            }
          }
        });
  }

  @ParameterizedTest
  @MethodSource("settings")
  void computeHeatmap_again_givesTheSameNumbers(Setting setting) {
    with(
        setting,
        (model, manager) -> {
          XAIMethodBase method = create(model, null);
          NDArray first = method.computeHeatmap(batch(manager, setting, 0), 0, EPS);
          NDArray next = method.computeHeatmap(batch(manager, setting, 1), 1, EPS);
          NDArray again = method.computeHeatmap(batch(manager, setting, 0), 0, EPS);
          assertSame("after another image", again, first, repeatTolerance());
          NDArray other = create(model, null).computeHeatmap(batch(manager, setting, 1), 1, EPS);
          assertSame("of another instance", other, next, repeatTolerance());
        });
  }

  @ParameterizedTest
  @MethodSource("settings")
  void everyForm_batch_isUntouched(Setting setting) {
    with(
        setting,
        (model, manager) -> {
          XAIMethodBase method = create(model, null);
          NDArray batch = batch(manager, setting, 0);
          float[] before = batch.toFloatArray();
          everyForm(method, batch);
          assertThat(batch.isReleased()).as("the batch is closed").isFalse();
          assertThat(batch.getManager()).isSameAs(manager);
          assertThat(batch.getShape()).isEqualTo(setting.shape(1));
          assertThat(batch.toFloatArray()).isEqualTo(before);
        });
  }

  @Test
  void explain_contrast_isAMapOrRefused() {
    with(
        first(),
        (model, manager) -> {
          XAIMethodBase method = create(model, null);
          NDArray batch = batch(manager, first(), 0);
          Throwable refused =
              catchThrowable(
                  () -> assertUnit(method.explain(batch, Target.contrast(2, 0), EPS).maps()));
          assertThat(refused)
              .satisfiesAnyOf(
                  thrown -> assertThat(thrown).isNull(),
                  thrown -> assertThat(thrown).isInstanceOf(IllegalArgumentException.class));
        });
  }

  @Test
  void computeHeatmap_manyThreads_giveTheNumbersOfOne() {
    with(
        first(),
        (model, manager) -> {
          XAIMethodBase method = create(model, null);
          List<float[]> expected = new ArrayList<>();
          for (int n = 0; n < 4; n++) {
            expected.add(
                method.computeHeatmap(batch(manager, first(), n), n % CLASSES, EPS).toFloatArray());
          }
          List<float[]> found = inThreads(model, method);
          for (int i = 0; i < found.size(); i++) {
            Maps.assertClose("thread " + i, found.get(i), expected.get(i % 4), repeatTolerance());
          }
        });
  }

  /** Four threads that start together, three times. */
  private List<float[]> inThreads(ExplainableModel model, XAIMethodBase method) throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(4);
    List<float[]> found = new ArrayList<>();
    try {
      for (int round = 0; round < 3; round++) {
        CountDownLatch start = new CountDownLatch(4);
        List<Future<float[]>> results =
            IntStream.range(0, 4)
                .mapToObj(
                    n ->
                        threads.submit(
                            () -> {
                              start.countDown();
                              start.await();
                              try (NDManager own = model.newManager()) {
                                return method
                                    .computeHeatmap(batch(own, first(), n), n % CLASSES, EPS)
                                    .toFloatArray();
                              }
                            }))
                .toList();
        for (Future<float[]> result : results) {
          found.add(result.get());
        }
      }
    } finally {
      threads.shutdownNow();
    }
    return found;
  }

  @ParameterizedTest
  @MethodSource("settings")
  void everyForm_calledOften_leavesNoArrays(Setting setting) {
    with(
        setting,
        (model, manager) -> {
          XAIMethodBase method = create(model, null);
          NDArray batch = batch(manager, setting, 0);
          everyForm(method, batch);
          int before = NativeArrays.aliveBeside(manager);
          everyForm(method, batch);
          assertThat(NativeArrays.aliveBeside(manager)).as("open arrays").isEqualTo(before);
        });
  }

  /** A heatmap says what its raw map says, unless only scaling made it constant. */
  private static void assertStatuses(Heatmaps raw, Heatmaps explained) {
    float[] values = explained.maps().toFloatArray();
    int size = values.length / explained.statuses().size();
    for (int map = 0; map < explained.statuses().size(); map++) {
      boolean constant = isConstant(values, map * size, size);
      MapStatus known = raw.statuses().get(map);
      assertThat(explained.statuses().get(map))
          .as("status of map %s", map)
          .isEqualTo(constant && known == MapStatus.OK ? MapStatus.FLAT : known);
    }
  }
}

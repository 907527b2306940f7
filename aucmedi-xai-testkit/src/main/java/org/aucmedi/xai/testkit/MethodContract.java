package org.aucmedi.xai.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.aucmedi.xai.Heatmap;
import org.aucmedi.xai.MapStatus;
import org.aucmedi.xai.Target;
import org.aucmedi.xai.XAIMethodBase;
import org.aucmedi.xai.model.ExplainableModel;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The contract of every explanation method, whatever it computes. Extend it for your own method:
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
 * <p>The checks use small networks of three classes in plain Java, so they need no engine; override
 * {@link #open} to use others. They do not check whether a map is right: for that, compare it with
 * known values.
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
          }
          assertUnit(method.computeHeatmap(image, 0, 0));
          assertUnit(method.computeHeatmap(image, 0, 1));
        });
  }

  @ParameterizedTest
  @MethodSource("settings")
  void explain_batch_givesEveryMapAndWhatIsKnownOfIt(Setting setting) {
    with(
        setting,
        (model, manager) -> {
          XAIMethodBase method = create(model, null);
          NDArray batch = batch(manager, setting, 0, 1);
          float[][] outputs = model.outputs(batch);
          List<List<Heatmap>> explained = method.explain(batch, Target.all(), EPS);
          List<List<Heatmap>> raw = method.explainRaw(batch, Target.all());
          assertThat(explained).hasSize(2);
          assertThat(raw).hasSize(2);
          for (int n = 0; n < 2; n++) {
            assertThat(explained.get(n)).hasSize(CLASSES);
            for (int c = 0; c < CLASSES; c++) {
              Heatmap map = explained.get(n).get(c);
              assertThat(map.shape()).as("shape").isEqualTo(sizes(setting));
              assertUnit(map.values());
              assertThat(map.isRaw()).isFalse();
              assertThat(map.classIndex()).isEqualTo(c);
              assertThat(map.score()).as("score").isCloseTo(outputs[n][c], within(1e-5f));
              Maps.assertClose("outputs", map.outputs(), outputs[n], 1e-5);
              assertThat(map.provenance().method()).isNotBlank();
              assertThat(map.provenance().model()).isEqualTo(model.toString());
              Heatmap unscaled = raw.get(n).get(c);
              assertThat(unscaled.shape()).as("raw shape").isEqualTo(sizes(setting));
              assertThat(unscaled.classIndex()).isEqualTo(c);
              assertFinite(unscaled.values());
              // A heatmap has the status of its raw map, unless it became constant only by scaling.
              MapStatus known = unscaled.status();
              assertThat(map.status())
                  .isEqualTo(
                      isConstant(map.values()) && known == MapStatus.OK ? MapStatus.FLAT : known);
            }
          }
        });
  }

  private int[] sizes(Setting setting) {
    return Arrays.stream(mapShape(setting).getShape()).mapToInt(Math::toIntExact).toArray();
  }

  @ParameterizedTest
  @MethodSource("settings")
  void explain_batch_equalsImagesAndClassesOneByOne(Setting setting) {
    with(
        setting,
        (model, manager) -> {
          XAIMethodBase method = create(model, null);
          NDArray batch = batch(manager, setting, 0, 1, 2);
          List<List<Heatmap>> maps = method.explain(batch, Target.all(), EPS);
          List<List<Heatmap>> raw = method.explainRaw(batch, Target.all());
          List<List<Heatmap>> own = method.explain(batch, Target.perImage(2, 0, 1), EPS);
          List<List<Heatmap>> turned = method.explain(batch, Target.ofClasses(2, 0), EPS);
          for (int n = 0; n < 3; n++) {
            NDArray image = batch(manager, setting, n);
            for (int c = 0; c < CLASSES; c++) {
              float[] single = method.computeHeatmap(image, c, EPS).toFloatArray();
              float[] singleRaw =
                  method.explainRaw(image, Target.ofClass(c)).get(0).get(0).values();
              String what = "image " + n + ", class " + c;
              assertMap(what, maps.get(n).get(c), single, batchTolerance());
              double scale = Maps.maxAbs(singleRaw);
              assertMap("raw " + what, raw.get(n).get(c), singleRaw, batchTolerance() * scale);
              if (c == (n + 2) % CLASSES) {
                assertMap("own, " + what, own.get(n).get(0), single, batchTolerance());
              }
              if (c != 1) {
                Heatmap found = turned.get(n).get(c == 2 ? 0 : 1);
                assertMap("turned, " + what, found, single, batchTolerance());
              }
            }
          }
        });
  }

  private static void assertMap(String what, Heatmap map, float[] expected, double tolerance) {
    Maps.assertClose(what, map.values(), expected, tolerance);
  }

  @ParameterizedTest
  @MethodSource("settings")
  void explain_rulesOfTheOutputs_explainTheClassesTheyName(Setting setting) {
    with(
        setting,
        (model, manager) -> {
          XAIMethodBase method = create(model, null);
          NDArray batch = batch(manager, setting, 0, 1);
          List<List<Heatmap>> all = method.explain(batch, Target.all(), EPS);
          List<List<Heatmap>> best = method.explain(batch, Target.argmax(), EPS);
          List<List<Heatmap>> two = method.explain(batch, Target.topK(2), EPS);
          float[][] outputs = model.outputs(batch);
          float between = (max(outputs[0]) + max(outputs[1])) / 2;
          List<List<Heatmap>> above = method.explain(batch, Target.above(between), EPS);
          for (int n = 0; n < 2; n++) {
            float[] output = outputs[n];
            List<Integer> order =
                IntStream.range(0, CLASSES)
                    .boxed()
                    .sorted(Comparator.comparing(c -> -output[c]))
                    .toList();
            assertClasses(best.get(n), order.subList(0, 1), all.get(n));
            assertClasses(two.get(n), order.subList(0, 2), all.get(n));
            assertClasses(
                above.get(n),
                IntStream.range(0, CLASSES).filter(c -> output[c] > between).boxed().toList(),
                all.get(n));
          }
          assertThat(above.get(0).size() + above.get(1).size()).as("maps above").isPositive();
          assertThat(method.explain(batch, Target.above(1e9f), EPS))
              .containsExactly(List.of(), List.of());
        });
  }

  private void assertClasses(List<Heatmap> found, List<Integer> classes, List<Heatmap> all) {
    assertThat(found.stream().map(Heatmap::classIndex).toList()).isEqualTo(classes);
    for (Heatmap map : found) {
      assertMap(
          "class " + map.classIndex(), map, all.get(map.classIndex()).values(), batchTolerance());
    }
  }

  private static float max(float[] values) {
    float max = values[0];
    for (float value : values) {
      max = Math.max(max, value);
    }
    return max;
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
              catchThrowable(() -> assertUnit(method.explain(batch, Target.contrast(2, 0), EPS)));
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
}

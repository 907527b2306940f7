package org.aucmedi.xai.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.nio.DoubleBuffer;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.aucmedi.xai.Heatmaps;
import org.aucmedi.xai.MapStatus;
import org.aucmedi.xai.Target;
import org.aucmedi.xai.XAIException;
import org.aucmedi.xai.XAIMethodBase;
import org.aucmedi.xai.model.ChannelLayout;
import org.aucmedi.xai.model.ExplainableModel;
import org.aucmedi.xai.model.MissingCapabilityException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

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
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
public abstract class MethodContract {

  private static final int CLASSES = 3;
  private static final float EPS = XAIMethodBase.DEFAULT_EPS;

  /**
   * A kind of image.
   *
   * @param layout where its channels are
   * @param channels how many
   * @param spatial the sizes of its other axes
   */
  public record Setting(ChannelLayout layout, int channels, int... spatial) {

    /** Copies the sizes. */
    public Setting {
      spatial = spatial.clone();
    }

    @Override
    public int[] spatial() {
      return spatial.clone();
    }

    /**
     * Returns the shape of a batch.
     *
     * @param images how many
     * @return the shape, in the layout
     */
    public Shape shape(int images) {
      Shape sizes = new Shape(Arrays.stream(spatial).asLongStream().toArray());
      return layout == ChannelLayout.CHANNELS_FIRST
          ? new Shape(images, channels).addAll(sizes)
          : new Shape(images).addAll(sizes).add(channels);
    }

    @Override
    public String toString() {
      return layout + " " + channels + " of " + Arrays.toString(spatial);
    }
  }

  /** For subclasses. */
  protected MethodContract() {}

  /**
   * Constructs the method.
   *
   * @param model the model to explain
   * @param layerName the layer to look at, or null for the method's own choice
   * @return the method
   */
  protected abstract XAIMethodBase create(ExplainableModel model, @Nullable String layerName);

  /**
   * Tells whether a layer name changes the map.
   *
   * @return false if the method accepts any layer name and ignores it
   */
  protected boolean usesLayer() {
    return false;
  }

  /**
   * Returns the images that maps are made of: flat and not square, volumes, axes of size one, both
   * layouts.
   *
   * @return the kinds of image
   */
  protected List<Setting> settings() {
    return List.of(
        new Setting(ChannelLayout.CHANNELS_FIRST, 3, 5, 7),
        new Setting(ChannelLayout.CHANNELS_LAST, 3, 6, 4),
        new Setting(ChannelLayout.CHANNELS_FIRST, 1, 1, 6),
        new Setting(ChannelLayout.CHANNELS_FIRST, 1, 3, 4, 5),
        new Setting(ChannelLayout.CHANNELS_LAST, 2, 4, 1, 3));
  }

  /**
   * Opens a model of three classes whose layers keep the image's size.
   *
   * @param setting what it takes
   * @return the model
   */
  protected ExplainableModel open(Setting setting) {
    return new ClosedFormNet(
        setting.layout(), ClosedFormNet.Weights.random(setting.channels(), 7 + setting.channels()));
  }

  /**
   * Returns the shape of one map.
   *
   * @param setting the kind of image
   * @return the image's spatial axes, which the kit's layers have too
   */
  protected Shape mapShape(Setting setting) {
    return new Shape(Arrays.stream(setting.spatial()).asLongStream().toArray());
  }

  /**
   * Returns how far two maps of the same image may be apart.
   *
   * @return the tolerance, 0 for the same bits
   */
  protected double repeatTolerance() {
    return 0;
  }

  /**
   * Returns how far the map of an image in a batch may be from that of the image alone.
   *
   * @return the tolerance
   */
  protected double batchTolerance() {
    return 1e-5;
  }

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

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 3, 4, 5})
  void everyForm_passFails_saysSoAndLeavesNoArrays(int passes) {
    with(
        first(),
        (model, manager) -> {
          NDArray image = batch(manager, first(), 0);
          // The model may keep something from its first pass.
          everyForm(create(model, null), image);
          int before = NativeArrays.aliveBeside(manager);
          FaultyModel faulty = FaultyModel.failingAfter(passes, model);
          assertFailsWith(faulty, method -> method.computeHeatmap(image, 0, EPS));
          faulty = FaultyModel.failingAfter(passes, model);
          assertFailsWith(faulty, method -> method.explain(image, Target.all(), EPS).maps());
          assertThat(NativeArrays.aliveBeside(manager)).as("open arrays").isEqualTo(before);
        });
  }

  private void assertFailsWith(FaultyModel model, Function<XAIMethodBase, NDArray> call) {
    XAIMethodBase method = create(model, null);
    Throwable thrown = catchThrowable(() -> call.apply(method).close());
    if (model.hasFailed()) {
      assertThat(thrown).as("a failed pass").isNotNull();
      assertThat(thrown).hasStackTraceContaining(FaultyModel.FAILURE);
    } else {
      assertThat(thrown).isNull();
    }
  }

  @Test
  void everyForm_unknownClass_isRefused() {
    with(
        first(),
        (model, manager) -> {
          XAIMethodBase method = create(model, null);
          NDArray image = batch(manager, first(), 0);
          for (int c : new int[] {-1, CLASSES}) {
            String index = String.valueOf(c);
            refused(manager, index, () -> method.computeHeatmap(image, c, EPS));
            refused(manager, index, () -> method.computeRawHeatmap(image, c));
            refused(manager, index, () -> method.explain(image, Target.ofClasses(0, c), EPS));
            refused(manager, index, () -> method.explainRaw(image, Target.perImage(c)));
          }
        });
  }

  @Test
  void everyForm_noBatchOfImages_isRefused() {
    with(
        first(),
        (model, manager) -> {
          XAIMethodBase method = create(model, null);
          for (Shape shape :
              List.of(new Shape(3, 5), new Shape(1, 3, 5), new Shape(1, 1, 1, 1, 3, 5))) {
            NDArray array =
                manager.create(FloatBuffer.allocate(Math.toIntExact(shape.size())), shape);
            refused(manager, shape.toString(), () -> method.computeHeatmap(array, 0, EPS));
            refused(manager, shape.toString(), () -> method.explain(array, Target.all(), EPS));
          }
          Shape one = first().shape(1);
          NDArray doubles = manager.create(DoubleBuffer.allocate(Math.toIntExact(one.size())), one);
          refused(manager, "float64", () -> method.computeHeatmap(doubles, 0, EPS));
          NDArray two = batch(manager, first(), 0, 1);
          refused(manager, "computeHeatmaps", () -> method.computeHeatmap(two, 0, EPS));
          refused(manager, "2", () -> method.explain(two, Target.perImage(0), EPS));
        });
  }

  @ParameterizedTest
  @ValueSource(floats = {-1e-9f, Float.NaN, Float.POSITIVE_INFINITY})
  void everyForm_badEps_isRefused(float eps) {
    with(
        first(),
        (model, manager) -> {
          XAIMethodBase method = create(model, null);
          NDArray image = batch(manager, first(), 0);
          refused(manager, "" + eps, () -> method.computeHeatmap(image, 0, eps));
          refused(manager, "" + eps, () -> method.computeHeatmaps(image, Target.all(), eps));
          refused(manager, "" + eps, () -> method.explain(image, Target.all(), eps));
        });
  }

  @Test
  void computeHeatmap_unknownLayer_isRefusedOrIgnored() {
    with(
        first(),
        (model, manager) -> {
          XAIMethodBase method = create(model, "no such layer");
          assertThat(method.layerName()).isEqualTo("no such layer");
          assertThat(method.model()).isSameAs(model);
          NDArray image = batch(manager, first(), 0);
          if (usesLayer()) {
            int before = NativeArrays.aliveBeside(manager);
            assertThatThrownBy(() -> method.computeHeatmap(image, 0, EPS))
                .satisfiesAnyOf(
                    e -> assertThat(e).isInstanceOf(XAIException.class),
                    e -> assertThat(e).isInstanceOf(IllegalArgumentException.class))
                .hasMessageContaining("no such layer");
            assertThat(NativeArrays.aliveBeside(manager)).as("open arrays").isEqualTo(before);
          } else {
            assertSame(
                "the map",
                method.computeHeatmap(image, 0, EPS),
                create(model, null).computeHeatmap(image, 0, EPS),
                repeatTolerance());
          }
        });
  }

  @Test
  void computeHeatmap_blackBox_isAMapOrNamesWhatIsMissing() {
    with(
        first(),
        (model, manager) -> {
          XAIMethodBase method = create(FaultyModel.blackBox(model), null);
          NDArray image = batch(manager, first(), 0);
          Throwable refused =
              catchThrowable(() -> assertUnit(method.computeHeatmap(image, 0, EPS)));
          assertThat(refused)
              .satisfiesAnyOf(
                  thrown -> assertThat(thrown).isNull(),
                  thrown -> assertThat(thrown).isInstanceOf(MissingCapabilityException.class));
        });
  }

  @Test
  void computeHeatmap_closedModel_fails() {
    try (ClosedFormNet beside = closedForm(1);
        NDManager manager = beside.newManager()) {
      ClosedFormNet closed = closedForm(1);
      XAIMethodBase method = create(closed, null);
      NDArray image = batch(manager, first(), 0);
      method.computeHeatmap(image, 0, EPS).close();
      closed.close();
      assertThatThrownBy(() -> method.computeHeatmap(image, 0, EPS))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("closed");
    }
  }

  @Test
  void explain_modelThatSeesNothing_isFlatAndSaysSo() {
    try (ClosedFormNet blind = closedForm(0);
        NDManager manager = blind.newManager()) {
      XAIMethodBase method = create(blind, null);
      NDArray batch = batch(manager, first(), 0, 1);
      Heatmaps explained = method.explain(batch, Target.all(), EPS);
      assertThat(explained.statuses())
          .isSubsetOf(MapStatus.FLAT, MapStatus.ZERO_GRADIENT)
          .isEqualTo(method.explainRaw(batch, Target.all()).statuses());
      assertUnit(explained.maps());
      float[] values = explained.maps().toFloatArray();
      int size = values.length / (2 * CLASSES);
      for (int map = 0; map < 2 * CLASSES; map++) {
        assertThat(isConstant(values, map * size, size)).as("map %s is constant", map).isTrue();
      }
      assertUnit(method.computeHeatmap(batch(manager, first(), 0), 0, EPS));
    }
  }

  @Test
  void everyForm_modelOfNaN_saysSoAndIsNeverNaN() {
    try (ClosedFormNet broken = closedForm(Float.NaN);
        NDManager manager = broken.newManager()) {
      XAIMethodBase method = create(broken, null);
      NDArray image = batch(manager, first(), 0);
      unlessNotFinite(() -> assertUnit(method.computeHeatmap(image, 0, EPS)));
      unlessNotFinite(() -> assertUnit(method.computeHeatmaps(image, Target.all(), EPS)));
      unlessNotFinite(
          () -> {
            Heatmaps explained = method.explain(image, Target.all(), EPS);
            assertThat(explained.statuses()).containsOnly(MapStatus.NON_FINITE);
            assertThat(explained.maps().toFloatArray()).containsOnly(0);
          });
      unlessNotFinite(
          () ->
              assertThat(method.explainRaw(image, Target.all()).statuses())
                  .containsOnly(MapStatus.NON_FINITE));
    }
  }

  @Test
  void explain_oneImageOfNaN_keepsTheOthers() {
    with(
        first(),
        (model, manager) -> {
          XAIMethodBase method = create(model, null);
          float[] values = batch(manager, first(), 0, 1).toFloatArray();
          Arrays.fill(values, 0, values.length / 2, Float.NaN);
          NDArray batch = manager.create(FloatBuffer.wrap(values), first().shape(2));
          Heatmaps alone = method.explain(batch(manager, first(), 1), Target.ofClass(1), EPS);
          float[] single = alone.maps().toFloatArray();
          unlessNotFinite(
              () -> {
                Heatmaps explained = method.explain(batch, Target.ofClass(1), EPS);
                assertUnit(explained.maps());
                assertThat(explained.statuses())
                    .containsExactly(MapStatus.NON_FINITE, alone.status(0, 0));
                Maps.assertClose(
                    "the other map",
                    part(explained.maps().toFloatArray(), 1, single),
                    single,
                    batchTolerance());
              });
        });
  }

  /** A method may also refuse to make a map of what is not finite. */
  private static void unlessNotFinite(Runnable check) {
    try {
      check.run();
    } catch (XAIException e) {
      assertThat(e).hasMessageContaining("not finite");
    }
  }

  /** What is done with a model. */
  @FunctionalInterface
  private interface Body {
    void run(ExplainableModel model, NDManager manager) throws Exception;
  }

  private void with(Setting setting, Body body) {
    try (ExplainableModel model = open(setting);
        NDManager manager = model.newManager()) {
      body.run(model, manager);
    } catch (RuntimeException e) {
      throw e;
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  private Setting first() {
    return settings().get(0);
  }

  /** A network in plain Java for the first setting, every weight of its convolution scaled. */
  private ClosedFormNet closedForm(float factor) {
    return new ClosedFormNet(
        first().layout(),
        ClosedFormNet.Weights.random(first().channels(), 5).withConvolutionTimes(factor));
  }

  private static void everyForm(XAIMethodBase method, NDArray image) {
    method.computeHeatmap(image, 0, EPS).close();
    method.computeRawHeatmap(image, 1).close();
    method.computeHeatmaps(image, Target.ofClasses(0, 1), EPS).close();
    method.computeRawHeatmaps(image, Target.ofClass(2)).close();
    method.explain(image, Target.all(), EPS).maps().close();
    method.explainRaw(image, Target.all()).maps().close();
  }

  /** Images that depend on their numbers alone. */
  private static NDArray batch(NDManager manager, Setting setting, int... numbers) {
    Shape shape = setting.shape(numbers.length);
    float[] values = new float[Math.toIntExact(shape.size())];
    int size = values.length / numbers.length;
    for (int n = 0; n < numbers.length; n++) {
      SplittableRandom random = new SplittableRandom(100 + numbers[n]);
      for (int i = 0; i < size; i++) {
        values[n * size + i] = (float) (2 * random.nextDouble() - 1);
      }
    }
    return manager.create(FloatBuffer.wrap(values), shape);
  }

  private static float[] part(float[] all, int index, float[] like) {
    return Arrays.copyOfRange(all, index * like.length, (index + 1) * like.length);
  }

  private static void refused(NDManager manager, String named, ThrowingCallable call) {
    int before = NativeArrays.aliveBeside(manager);
    assertThatIllegalArgumentException().isThrownBy(call).withMessageContaining(named);
    assertThat(NativeArrays.aliveBeside(manager)).as("open arrays").isEqualTo(before);
  }

  private static void assertSame(String what, NDArray found, NDArray expected, double tolerance) {
    Maps.assertClose(what, found.toFloatArray(), expected.toFloatArray(), tolerance);
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

  private static void assertUnit(NDArray map) {
    for (float value : map.toFloatArray()) {
      assertThat(value).as("a heatmap's value").isBetween(0f, 1f);
    }
  }

  private static boolean isConstant(float[] values, int from, int size) {
    for (int i = from; i < from + size; i++) {
      if (values[i] != values[from]) {
        return false;
      }
    }
    return true;
  }

  private static void assertFinite(NDArray map) {
    for (float value : map.toFloatArray()) {
      assertThat(Float.isFinite(value)).as("finite: %s", value).isTrue();
    }
  }
}

package org.aucmedi.xai.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.aucmedi.xai.Heatmap;
import org.aucmedi.xai.MapStatus;
import org.aucmedi.xai.Target;
import org.aucmedi.xai.XAIMethodBase;
import org.aucmedi.xai.model.ChannelLayout;
import org.aucmedi.xai.model.ExplainableModel;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.TestInstance;

/**
 * What {@link MethodContract} needs to know about the method under test, and helpers that its
 * checks share.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class ContractFixture {

  static final int CLASSES = 3;
  static final float EPS = XAIMethodBase.DEFAULT_EPS;

  /**
   * Constructs the method.
   *
   * @param model the model to explain
   * @param layerName the layer to use, or null for the method's default
   * @return the method
   */
  protected abstract XAIMethodBase create(ExplainableModel model, @Nullable String layerName);

  /**
   * {@return whether a layer name changes the map; false if the method accepts any layer name and
   * ignores it}
   */
  protected boolean usesLayer() {
    return false;
  }

  /**
   * {@return the kinds of image to explain: flat and not square, volumes, axes of size one, both
   * layouts}
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
   * @param setting the images it takes
   * @return the model
   */
  protected ExplainableModel open(Setting setting) {
    return new ClosedFormNet(
        setting.layout(), ClosedFormNet.Weights.random(setting.channels(), 7 + setting.channels()));
  }

  /**
   * {@return the shape of a map, by default the image's spatial axes, which the fixture's layers
   * share}
   *
   * @param setting the kind of image
   */
  protected Shape mapShape(Setting setting) {
    return new Shape(Arrays.stream(setting.spatial()).asLongStream().toArray());
  }

  /**
   * {@return the largest difference allowed between two maps of the same image, 0 for bitwise
   * equality}
   */
  protected double repeatTolerance() {
    return 0;
  }

  /**
   * {@return the largest difference allowed between the map of an image in a batch and that of the
   * image alone}
   */
  protected double batchTolerance() {
    return 1e-5;
  }

  /** An action on a model. */
  @FunctionalInterface
  interface Body {
    void run(ExplainableModel model, NDManager manager) throws Exception;
  }

  void with(Setting setting, Body body) {
    try (ExplainableModel model = open(setting);
        NDManager manager = model.newManager()) {
      body.run(model, manager);
    } catch (RuntimeException e) {
      throw e;
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  Setting first() {
    return settings().get(0);
  }

  /**
   * Opens a network in plain Java, of three classes, for the first setting.
   *
   * @param factor by which its view of the image is scaled: at 0 it sees nothing, and NaN makes all
   *     of its outputs NaN
   * @return the model
   */
  protected ExplainableModel open(float factor) {
    return new ClosedFormNet(
        first().layout(),
        ClosedFormNet.Weights.random(first().channels(), 5).withConvolutionTimes(factor));
  }

  static void everyForm(XAIMethodBase method, NDArray image) {
    method.computeHeatmap(image, 0, EPS).close();
    method.explain(image, Target.ofClasses(0, 1), EPS);
    method.explainRaw(image, Target.all());
  }

  /** Images that are determined by their indices. */
  static NDArray batch(NDManager manager, Setting setting, int... numbers) {
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

  static void assertSame(String what, NDArray found, NDArray expected, double tolerance) {
    Maps.assertClose(what, found.toFloatArray(), expected.toFloatArray(), tolerance);
  }

  static List<MapStatus> statuses(List<List<Heatmap>> maps) {
    return maps.stream().flatMap(List::stream).map(Heatmap::status).toList();
  }

  static void assertUnit(List<List<Heatmap>> maps) {
    maps.forEach(image -> image.forEach(map -> assertUnit(map.values())));
  }

  static void assertUnit(float[] map) {
    for (float value : map) {
      assertThat(value).as("a heatmap's value").isBetween(0f, 1f);
    }
  }

  static void assertUnit(NDArray map) {
    assertUnit(map.toFloatArray());
  }

  static boolean isConstant(float[] values) {
    for (float value : values) {
      if (value != values[0]) {
        return false;
      }
    }
    return true;
  }

  static void assertFinite(float[] map) {
    for (float value : map) {
      assertThat(Float.isFinite(value)).as("finite: %s", value).isTrue();
    }
  }
}

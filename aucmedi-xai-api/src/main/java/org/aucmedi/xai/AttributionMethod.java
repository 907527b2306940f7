package org.aucmedi.xai;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.aucmedi.xai.model.ExplainableModel;
import org.jspecify.annotations.Nullable;

/**
 * A method that computes raw maps of whole batches; the heatmaps are those maps, normalised one by
 * one.
 *
 * <p>A subclass implements {@link #attribute}. Where {@linkplain #minMax(float[], float) AUCMEDI's
 * min-max} is not the right scale it overrides {@link #normalize(float[], float)} too.
 */
public abstract class AttributionMethod extends XAIMethodBase {

  private final MethodOptions options;

  /**
   * Constructs a method.
   *
   * @param model the model to explain
   * @param layerName the layer to look at, or null for the method's own choice
   * @param options the method's parameters
   */
  protected AttributionMethod(
      ExplainableModel model, @Nullable String layerName, MethodOptions options) {
    super(model, layerName);
    this.options = options;
  }

  /**
   * Constructs a method without parameters.
   *
   * @param model the model to explain
   * @param layerName the layer to look at, or null for the method's own choice
   */
  protected AttributionMethod(ExplainableModel model, @Nullable String layerName) {
    this(model, layerName, MethodOptions.of(Profile.AUCMEDI));
  }

  /**
   * Returns the method's parameters.
   *
   * @return the parameters
   */
  public final MethodOptions options() {
    return options;
  }

  /**
   * Computes the raw maps of a batch.
   *
   * @param batch N images, float32; checked
   * @param target what to explain, K maps per image
   * @return the raw maps, (N, K, spatial...); those of images whose prediction is not finite are
   *     {@linkplain RawMaps#markNonFinite marked}
   */
  protected abstract RawMaps attribute(NDArray batch, Target target);

  /**
   * Computes the raw maps of a batch for heatmaps with a given eps. Only a method whose raw maps
   * are made of heatmaps overrides this.
   *
   * @param batch N images, float32; checked
   * @param target what to explain, K maps per image
   * @param eps the caller's, or {@link #DEFAULT_EPS} where raw maps are asked for
   * @return the raw maps, (N, K, spatial...)
   */
  protected RawMaps attribute(NDArray batch, Target target, float eps) {
    return attribute(batch, target);
  }

  @Override
  public final NDArray computeRawHeatmaps(NDArray batch, Target target) {
    return explainRaw(batch, target).maps();
  }

  @Override
  public final NDArray computeHeatmaps(NDArray batch, Target target, float eps) {
    Heatmaps heatmaps = explain(batch, target, eps);
    if (heatmaps.statuses().contains(MapStatus.NON_FINITE)) {
      heatmaps.maps().close();
      throw new XAIException(
          "a prediction or a raw map is not finite; check the image, its standardisation and the"
              + " weights for NaN and overflow");
    }
    return heatmaps.maps();
  }

  @Override
  public final Heatmaps explainRaw(NDArray batch, Target target) {
    RawMaps raw = attribute(checkBatch(batch), target, DEFAULT_EPS);
    return new Heatmaps(create(batch.getManager(), raw.values(), raw.shape()), raw.statuses());
  }

  @Override
  public final Heatmaps explain(NDArray batch, Target target, float eps) {
    RawMaps raw = attribute(checkBatch(batch), target, checkEps(eps));
    List<MapStatus> statuses = new ArrayList<>(raw.statuses());
    float[] values = raw.values();
    int size = raw.size();
    for (int map = 0; map < statuses.size(); map++) {
      float[] scaled = new float[size];
      if (statuses.get(map) != MapStatus.NON_FINITE) {
        scaled = normalize(Arrays.copyOfRange(values, map * size, (map + 1) * size), eps);
        // Cutting to [0, 1] may leave nothing of a raw map.
        statuses.set(map, RawMaps.statusOf(scaled, 0, size, statuses.get(map)));
      }
      System.arraycopy(scaled, 0, values, map * size, size);
    }
    return new Heatmaps(create(batch.getManager(), values, raw.shape()), statuses);
  }

  @Override
  public final NDArray computeRawHeatmap(NDArray image, int classIndex) {
    return withoutLeadingAxes(computeRawHeatmaps(checkImage(image), Target.ofClass(classIndex)));
  }

  @Override
  public final NDArray computeHeatmap(NDArray image, int classIndex, float eps) {
    return withoutLeadingAxes(computeHeatmaps(checkImage(image), Target.ofClass(classIndex), eps));
  }

  private static NDArray withoutLeadingAxes(NDArray maps) {
    try (maps) {
      return create(maps.getManager(), maps.toFloatArray(), maps.getShape().slice(2));
    }
  }

  /**
   * Scales a raw map to [0, 1].
   *
   * @param raw one map, row-major, finite; not changed
   * @param eps added to the range that the map is divided by
   * @return the scaled map
   */
  protected float[] normalize(float[] raw, float eps) {
    return minMax(raw, eps);
  }

  /**
   * Scales a map by its own extremes, {@code (h - min) / (max - min + eps)}, in float32 as AUCMEDI
   * does. A constant map becomes zeros, whatever the eps.
   *
   * @param raw one map; not changed
   * @param eps added to the range
   * @return the scaled map, in [0, 1]
   * @throws XAIException if the map holds NaN or an infinity
   */
  public static float[] minMax(float[] raw, float eps) {
    float min = Float.POSITIVE_INFINITY;
    float max = Float.NEGATIVE_INFINITY;
    for (float value : raw) {
      min = Math.min(min, value);
      max = Math.max(max, value);
    }
    if (!Float.isFinite(max - min)) {
      throw new XAIException(
          "the raw map is not finite (from "
              + min
              + " to "
              + max
              + "); check the image, its standardisation and the weights for NaN and overflow");
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
   * Says what to differentiate to explain a target.
   *
   * @param target what to explain
   * @param score the score to differentiate
   * @return the function that the model asks in its pass
   */
  protected final ScoreGradient scoreGradient(Target target, Score score) {
    return new ScoreGradient(target, score, model().outputActivation());
  }

  /**
   * Copies one image's part of numbers that are laid out image by image, such as a batch or a seed.
   *
   * @param values the numbers of all images
   * @param image the image, from 0
   * @param images how many there are
   * @return the numbers of that image
   */
  protected static float[] ofImage(float[] values, int image, int images) {
    int size = values.length / images;
    return Arrays.copyOfRange(values, image * size, (image + 1) * size);
  }

  /**
   * Creates a float32 array.
   *
   * @param manager owns the array
   * @param data the values, row-major
   * @param shape the shape
   * @return the array
   */
  protected static NDArray create(NDManager manager, float[] data, Shape shape) {
    return manager.create(FloatBuffer.wrap(data), shape);
  }
}

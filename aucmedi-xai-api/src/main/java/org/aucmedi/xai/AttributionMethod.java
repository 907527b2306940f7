package org.aucmedi.xai;

import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.nio.FloatBuffer;
import java.util.Arrays;
import org.aucmedi.xai.model.ExplainableModel;
import org.jspecify.annotations.Nullable;

/**
 * A method that computes raw maps of whole batches; the heatmaps are those maps, normalised one by
 * one.
 *
 * <p>A subclass implements {@link #computeRawHeatmaps(NDArray, Target)}. Where {@linkplain
 * #minMax(float[], float) AUCMEDI's min-max} is not the right scale it overrides {@link
 * #normalize(float[], float)} too.
 */
public abstract class AttributionMethod extends XAIMethodBase {

  /**
   * Constructs a method.
   *
   * @param model the model to explain
   * @param layerName the layer to look at, or null for the method's own choice
   */
  protected AttributionMethod(ExplainableModel model, @Nullable String layerName) {
    super(model, layerName);
  }

  /**
   * Constructs a method for a DJL model.
   *
   * @param model a loaded DJL model, see {@link ExplainableModel#of(Model)}
   * @param layerName the layer to look at, or null for the method's own choice
   */
  protected AttributionMethod(Model model, @Nullable String layerName) {
    super(model, layerName);
  }

  /** {@inheritDoc} */
  @Override
  public abstract NDArray computeRawHeatmaps(NDArray batch, Target target);

  @Override
  public final NDArray computeHeatmaps(NDArray batch, Target target, float eps) {
    checkEps(eps);
    try (NDArray raw = computeRawHeatmaps(batch, target)) {
      return normalizeEach(raw, 2, eps, batch.getManager());
    }
  }

  @Override
  public final NDArray computeRawHeatmap(NDArray image, int classIndex) {
    checkImage(image);
    try (NDArray raw = computeRawHeatmaps(image, Target.ofClass(classIndex))) {
      return create(image.getManager(), raw.toFloatArray(), raw.getShape().slice(2));
    }
  }

  @Override
  public final NDArray computeHeatmap(NDArray image, int classIndex, float eps) {
    checkEps(eps);
    try (NDArray raw = computeRawHeatmap(image, classIndex)) {
      return normalizeEach(raw, 0, eps, image.getManager());
    }
  }

  /**
   * Scales a raw map to [0, 1].
   *
   * @param raw one map, row-major; not changed
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
   * Builds the seeds of a target as arrays.
   *
   * @param manager owns the seeds
   * @param target what to explain
   * @param images the number of images in the batch
   * @param classes the number of classes of the model
   * @return one seed per map, each (images, classes)
   */
  protected static NDList seeds(NDManager manager, Target target, int images, int classes) {
    NDList seeds = new NDList();
    for (float[] seed : target.seeds(images, classes)) {
      seeds.add(create(manager, seed, new Shape(images, classes)));
    }
    return seeds;
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

  private NDArray normalizeEach(NDArray raw, int leadingAxes, float eps, NDManager manager) {
    Shape shape = raw.getShape();
    int size = Math.toIntExact(shape.slice(leadingAxes).size());
    float[] values = raw.toFloatArray();
    for (int start = 0; start < values.length; start += size) {
      float[] scaled = normalize(Arrays.copyOfRange(values, start, start + size), eps);
      System.arraycopy(scaled, 0, values, start, size);
    }
    return create(manager, values, shape);
  }
}

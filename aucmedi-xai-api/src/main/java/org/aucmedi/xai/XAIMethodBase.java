package org.aucmedi.xai;

import static com.google.common.base.Preconditions.checkArgument;

import ai.djl.Model;
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.aucmedi.xai.array.Spacings;
import org.aucmedi.xai.error.XAIException;
import org.aucmedi.xai.model.ExplainableModel;
import org.jspecify.annotations.Nullable;

/**
 * An explanation method, which computes a heatmap from a trained model and an image.
 *
 * <p>A heatmap is a float32 array with spatial axes only, those of the image (or of the layer it
 * was computed at), with values in [0, 1]; high values are evidence for the explained class.
 *
 * <p>To write your own method, extend this class and implement {@link #computeHeatmap(NDArray, int,
 * float)}. It then works in the registry, the decoder and the command line like a built-in one. For
 * options, raw maps, or targets other than classes, extend {@link AttributionMethod} instead.
 *
 * <p>Images are batches as {@link ExplainableModel} describes them. Returned arrays belong to the
 * manager of the image; close it to free them. Methods are thread-safe if their model is.
 */
public abstract class XAIMethodBase {

  /** The default eps, the one that AUCMEDI uses. */
  public static final float DEFAULT_EPS = 1e-8f;

  private final ExplainableModel model;
  private final @Nullable String layerName;

  /**
   * Constructs a method.
   *
   * @param model the model to explain
   * @param layerName the layer to use, or null for the method's default
   */
  protected XAIMethodBase(ExplainableModel model, @Nullable String layerName) {
    this.model = Objects.requireNonNull(model, "model");
    this.layerName = layerName;
  }

  /**
   * Constructs a method for a DJL model. All methods constructed for it share one explainable
   * model, which closes with the DJL model.
   *
   * @param model a loaded DJL model
   * @param layerName the layer to use, or null for the method's default
   */
  protected XAIMethodBase(Model model, @Nullable String layerName) {
    this(SharedModels.of(model), layerName);
  }

  /** {@return the explained model} */
  public final ExplainableModel model() {
    return model;
  }

  /** {@return the requested layer, or null for the method's default} */
  public final @Nullable String layerName() {
    return layerName;
  }

  /**
   * Computes the heatmap of one image and one class.
   *
   * @param image a batch of one image, float32
   * @param classIndex the class to explain, from 0
   * @param eps added to the range by which the map is divided, at least 0
   * @return the heatmap, spatial axes only, float32, in [0, 1]
   * @throws IllegalArgumentException if the image is not a batch of one, or the model has no such
   *     class
   * @throws org.aucmedi.xai.model.MissingCapabilityException if the model lacks a capability that
   *     the method needs
   * @throws XAIException if the prediction or the map is not finite
   */
  public abstract NDArray computeHeatmap(NDArray image, int classIndex, float eps);

  /**
   * Computes the heatmap of one image and one class with {@link #DEFAULT_EPS}.
   *
   * @param image a batch of one image, float32
   * @param classIndex the class to explain, from 0
   * @return the heatmap, spatial axes only, float32, in [0, 1]
   */
  public final NDArray computeHeatmap(NDArray image, int classIndex) {
    return computeHeatmap(image, classIndex, DEFAULT_EPS);
  }

  /**
   * Computes the heatmaps of a batch with {@link #DEFAULT_EPS}.
   *
   * @param batch N images, float32
   * @param target what to explain
   * @return for each image one heatmap per objective, in their order
   * @see #explain(NDArray, Target, float, Progress)
   */
  public final List<List<Heatmap>> explain(NDArray batch, Target target) {
    return explain(batch, target, DEFAULT_EPS, Progress.NONE);
  }

  /**
   * Computes the heatmaps of a batch.
   *
   * @param batch N images, float32
   * @param target what to explain
   * @param eps as in {@link #computeHeatmap(NDArray, int, float)}
   * @return for each image one heatmap per objective, in their order
   * @see #explain(NDArray, Target, float, Progress)
   */
  public final List<List<Heatmap>> explain(NDArray batch, Target target, float eps) {
    return explain(batch, target, eps, Progress.NONE);
  }

  /**
   * Computes the heatmaps of a batch. If a prediction or a map is NaN or infinite, only its own
   * heatmap is affected: it is zero everywhere and has status {@link MapStatus#NON_FINITE}.
   *
   * <p>The default implementation makes one forward pass for the predictions, then calls {@link
   * #computeHeatmap(NDArray, int, float)} for every image and class. Methods that can share work
   * between them extend {@link AttributionMethod}.
   *
   * @param batch N images, float32
   * @param target what to explain; the default implementation supports only classes
   * @param eps as in {@link #computeHeatmap(NDArray, int, float)}
   * @param progress notified of the work done for an image
   * @return for each image one heatmap per objective, in their order
   * @throws IllegalArgumentException if the array is not a batch, the model has no such class, or
   *     the method does not support the target
   * @throws org.aucmedi.xai.model.MissingCapabilityException if the model lacks a capability that
   *     the method needs
   */
  public List<List<Heatmap>> explain(NDArray batch, Target target, float eps, Progress progress) {
    checkEps(eps);
    float[][] outputs = model.outputs(checkBatch(batch));
    float[] values = batch.toFloatArray();
    Provenance provenance = provenance(batch);
    List<List<Heatmap>> explained = new ArrayList<>();
    for (int n = 0; n < outputs.length; n++) {
      List<Objective> objectives = target.objectives(outputs[n], n, outputs.length);
      List<Heatmap> own = new ArrayList<>();
      for (Objective objective : objectives) {
        try (NDManager scope = batch.getManager().newSubManager()) {
          NDArray image = image(scope, values, batch.getShape(), n);
          own.add(heatmap(image, objective, outputs[n], eps, provenance));
        }
        progress.update(own.size(), objectives.size());
      }
      explained.add(List.copyOf(own));
    }
    return List.copyOf(explained);
  }

  /**
   * Computes the heatmaps of a batch whose pixels may have a size, for methods with options in
   * millimetres. The default implementation leaves it out.
   *
   * @param batch N images, float32
   * @param spacings the distances of their pixels, where they are known
   * @param target as in {@link #explain(NDArray, Target, float, Progress)}
   * @param eps as in {@link #computeHeatmap(NDArray, int, float)}
   * @param progress notified of the work done for an image
   * @return for each image one heatmap per objective, in their order
   */
  public List<List<Heatmap>> explain(
      NDArray batch, Spacings spacings, Target target, float eps, Progress progress) {
    return explain(batch, target, eps, progress);
  }

  private Heatmap heatmap(
      NDArray image, Objective objective, float[] output, float eps, Provenance provenance) {
    checkArgument(
        objective instanceof Objective.OfClass,
        "%s can only explain classes, not '%s'; choose a method that supports any target",
        provenance.method(),
        objective.label());
    boolean finite = MapStatus.allFinite(output);
    try (NDArray map = computeHeatmap(image, objective.classIndex(), eps)) {
      float[] values = map.toFloatArray();
      MapStatus status = finite ? MapStatus.of(values, MapStatus.OK) : MapStatus.NON_FINITE;
      if (status == MapStatus.NON_FINITE) {
        Arrays.fill(values, 0);
      }
      int[] shape = Arrays.stream(map.getShape().getShape()).mapToInt(Math::toIntExact).toArray();
      return new Heatmap(
          objective, output, shape, values, false, RawScale.IDENTITY, status, Map.of(), provenance);
    }
  }

  /**
   * Computes the raw maps of a batch.
   *
   * @param batch N images, float32
   * @param target what to explain
   * @return for each image one map per objective, in their order
   * @see #explainRaw(NDArray, Target, Progress)
   */
  public final List<List<Heatmap>> explainRaw(NDArray batch, Target target) {
    return explainRaw(batch, target, Progress.NONE);
  }

  /**
   * Computes the raw maps of a batch, not scaled to [0, 1]: signed if the method is, and comparable
   * between classes and images. NaN and infinity are kept.
   *
   * <p>The default implementation returns heatmaps, for methods that have no other scale.
   *
   * @param batch N images, float32
   * @param target what to explain
   * @param progress as in {@link #explain(NDArray, Target, float, Progress)}
   * @return for each image one map per objective, in their order
   */
  public List<List<Heatmap>> explainRaw(NDArray batch, Target target, Progress progress) {
    return explain(batch, target, DEFAULT_EPS, progress);
  }

  /**
   * Computes the raw maps of a batch whose pixels may have a size, for methods with options in
   * millimetres. The default implementation leaves it out.
   *
   * @param batch N images, float32
   * @param spacings the distances of their pixels, where they are known
   * @param target as in {@link #explain(NDArray, Target, float, Progress)}
   * @param progress notified of the work done for an image
   * @return for each image one map per objective, in their order
   */
  public List<List<Heatmap>> explainRaw(
      NDArray batch, Spacings spacings, Target target, Progress progress) {
    return explainRaw(batch, target, progress);
  }

  /** Describes how the maps of a batch are computed. */
  Provenance provenance(NDArray batch) {
    Engine engine = batch.getManager().getEngine();
    return new Provenance(
        getClass().getSimpleName(),
        null,
        Map.of(),
        layerName,
        model.toString(),
        engine.getEngineName() + " " + engine.getVersion(),
        Version.CURRENT);
  }

  /**
   * Checks that an array is a float32 batch with two or three spatial axes.
   *
   * @param batch the array
   * @return the array
   * @throws IllegalArgumentException if it is not
   */
  protected static NDArray checkBatch(NDArray batch) {
    Shape shape = batch.getShape();
    checkArgument(
        (shape.dimension() == 4 || shape.dimension() == 5) && shape.size() > 0,
        "an image batch must have 4 or 5 non-empty axes: batch, channels and two or three spatial"
            + " axes; got shape %s",
        shape);
    checkArgument(
        batch.getDataType() == DataType.FLOAT32,
        "an image batch must be float32, got %s; convert it with toType(DataType.FLOAT32, false)",
        batch.getDataType());
    return batch;
  }

  /**
   * Checks that an array is a batch of one image.
   *
   * @param image the array
   * @return the array
   * @throws IllegalArgumentException if it is not
   */
  protected static NDArray checkImage(NDArray image) {
    checkBatch(image);
    checkArgument(
        image.getShape().get(0) == 1,
        "computeHeatmap takes a batch of one image, got %s; use explain for larger batches",
        image.getShape());
    return image;
  }

  /**
   * Checks an eps.
   *
   * @param eps the value
   * @return the value
   * @throws IllegalArgumentException if it is negative or not finite
   */
  protected static float checkEps(float eps) {
    checkArgument(
        eps >= 0 && Float.isFinite(eps), "eps must be finite and at least 0, got %s", eps);
    return eps;
  }

  /**
   * Copies one image of a batch, since not every engine can slice arrays.
   *
   * @param manager owns the copy
   * @param batch N images, float32
   * @param index the image, from 0
   * @return a batch of one
   */
  protected static NDArray image(NDManager manager, NDArray batch, int index) {
    return image(manager, batch.toFloatArray(), batch.getShape(), index);
  }

  private static NDArray image(NDManager manager, float[] batch, Shape shape, int index) {
    Shape one = new Shape(1).addAll(shape.slice(1));
    int size = Math.toIntExact(one.size());
    return manager.create(FloatBuffer.wrap(batch, index * size, size).slice(), one);
  }
}

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
import org.aucmedi.xai.error.XAIException;
import org.aucmedi.xai.model.ExplainableModel;
import org.jspecify.annotations.Nullable;

/**
 * An explanation method: a trained model and an image in, a heatmap out.
 *
 * <p>A heatmap has the image's spatial rank (or that of the layer it was computed at), no batch and
 * no channel axis, float32, and lies in [0, 1]; high means evidence for the explained class.
 *
 * <p>Your own method is one subclass that implements {@link #computeHeatmap(NDArray, int, float)}.
 * It then works in the registry, the decoder and the command line like a built-in one. A method
 * with options, raw maps, or targets other than classes extends {@link AttributionMethod}.
 *
 * <p>Images are batches as {@link ExplainableModel} describes them. Returned arrays belong to the
 * manager of the image; close it to free them. A method holds no state between calls, so it may be
 * shared between threads where its model may.
 */
public abstract class XAIMethodBase {

  /** The eps of the short form, the one that AUCMEDI uses. */
  public static final float DEFAULT_EPS = 1e-8f;

  private final ExplainableModel model;
  private final @Nullable String layerName;

  /**
   * Constructs a method.
   *
   * @param model the model to explain
   * @param layerName the layer to look at, or null for the method's own choice
   */
  protected XAIMethodBase(ExplainableModel model, @Nullable String layerName) {
    this.model = Objects.requireNonNull(model, "model");
    this.layerName = layerName;
  }

  /**
   * Constructs a method for a DJL model. All methods that are constructed for it share one
   * explainable model, which closes with the DJL model.
   *
   * @param model a loaded DJL model
   * @param layerName the layer to look at, or null for the method's own choice
   */
  protected XAIMethodBase(Model model, @Nullable String layerName) {
    this(SharedModels.of(model), layerName);
  }

  /** {@return the explained model} */
  public final ExplainableModel model() {
    return model;
  }

  /** {@return the layer that was asked for, or null for the method's own choice} */
  public final @Nullable String layerName() {
    return layerName;
  }

  /**
   * Computes the heatmap of one image and one class.
   *
   * @param image a batch of one image, float32
   * @param classIndex the class to explain, from 0
   * @param eps added to the range that the map is divided by, at least 0
   * @return the heatmap, spatial axes only, float32, in [0, 1]
   * @throws IllegalArgumentException if the image is no batch of one, or the model has no such
   *     class
   * @throws org.aucmedi.xai.model.MissingCapabilityException if the model cannot give what the
   *     method needs
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
   * Computes the heatmaps of a batch. Where the prediction or the map is not finite the heatmap is
   * zero everywhere and {@linkplain MapStatus#NON_FINITE says so}, and the others are not lost for
   * it.
   *
   * <p>This calls the single form for every image and class, after one forward pass for the
   * predictions. A method that can share work between them extends {@link AttributionMethod}.
   *
   * @param batch N images, float32
   * @param target what to explain; the single form explains classes alone
   * @param eps as in {@link #computeHeatmap(NDArray, int, float)}
   * @param progress told how much of the work for an image is done
   * @return for each image one heatmap per objective, in their order
   * @throws IllegalArgumentException if the array is no batch, the model has no such class, or the
   *     method cannot explain such a target
   * @throws org.aucmedi.xai.model.MissingCapabilityException if the model cannot give what the
   *     method needs
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

  private Heatmap heatmap(
      NDArray image, Objective objective, float[] output, float eps, Provenance provenance) {
    checkArgument(
        objective instanceof Objective.OfClass,
        "%s explains single classes, not '%s'; that needs a method that takes any target",
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
      return new Heatmap(objective, output, shape, values, false, status, Map.of(), provenance);
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
   * Computes the maps of a batch before they are scaled: signed where the method is, comparable
   * between classes and images. Those that are not finite stay as they are.
   *
   * <p>A method that does not override this has no scale but the heatmap's, and gives that.
   *
   * @param batch N images, float32
   * @param target what to explain
   * @param progress as in {@link #explain(NDArray, Target, float, Progress)}
   * @return for each image one map per objective, in their order
   */
  public List<List<Heatmap>> explainRaw(NDArray batch, Target target, Progress progress) {
    return explain(batch, target, DEFAULT_EPS, progress);
  }

  /** Says how the maps of a batch come about. */
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
        "an image batch has 4 or 5 axes, none of them empty: batch, channels and two or three spatial"
            + " ones; got shape %s",
        shape);
    checkArgument(
        batch.getDataType() == DataType.FLOAT32,
        "an image batch is float32, got %s; convert it with toType(DataType.FLOAT32, false)",
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
        "this form explains a batch of one image, got %s; use explain for more",
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
   * Copies one image of a batch. (Not every engine's arrays can be sliced.)
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

package org.aucmedi.xai;

import static com.google.common.base.Preconditions.checkArgument;

import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import com.google.common.primitives.Floats;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.aucmedi.xai.model.ExplainableModel;
import org.jspecify.annotations.Nullable;

/**
 * An explanation method: a trained model and an image in, a heatmap out.
 *
 * <p>A heatmap has the image's spatial rank (or that of the layer it was computed at), no batch and
 * no channel axis, float32, and lies in [0, 1]; high means that the place speaks for the explained
 * class.
 *
 * <p>Your own method is one subclass that implements {@link #computeHeatmap(NDArray, int, float)}.
 * It then works in the registry, the decoder and the command line like a built-in one. A method
 * whose maps have a scale of their own extends {@link AttributionMethod} instead and gets every
 * form from one.
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
   * Constructs a method for a DJL model.
   *
   * @param model a loaded DJL model, see {@link #explainable}
   * @param layerName the layer to look at, or null for the method's own choice
   */
  protected XAIMethodBase(Model model, @Nullable String layerName) {
    this(explainable(model), layerName);
  }

  /**
   * Makes a loaded DJL model explainable, for all methods that are constructed from it: they share
   * one explainable model, which holds a private copy of the network on some engines. It closes
   * with the DJL model; closing it alone ends every method of that model.
   *
   * @param model a loaded DJL model
   * @return its explainable model, always the same
   * @throws IllegalArgumentException if no provider on the classpath accepts the model
   */
  protected static ExplainableModel explainable(Model model) {
    return SharedModels.of(model);
  }

  /**
   * Returns the explained model.
   *
   * @return the model
   */
  public final ExplainableModel model() {
    return model;
  }

  /**
   * Returns the layer that was asked for.
   *
   * @return the name, or null for the method's own choice
   */
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
   * Computes the map before normalisation: signed where the method is, comparable between classes
   * and images.
   *
   * <p>A method that does not override this has no scale but the heatmap's, and gives that.
   *
   * @param image a batch of one image, float32
   * @param classIndex the class to explain, from 0
   * @return the raw map, spatial axes only, float32
   */
  public NDArray computeRawHeatmap(NDArray image, int classIndex) {
    return computeHeatmap(image, classIndex);
  }

  /**
   * Computes the heatmaps of a batch.
   *
   * <p>This calls the single form for every image and class. A method that can share work between
   * them overrides it.
   *
   * @param batch N images, float32
   * @param target what to explain, K maps per image
   * @param eps as in {@link #computeHeatmap(NDArray, int, float)}
   * @return the heatmaps, (N, K, spatial...), float32, in [0, 1]
   */
  public NDArray computeHeatmaps(NDArray batch, Target target, float eps) {
    return eachOne(batch, target, (image, classIndex) -> computeHeatmap(image, classIndex, eps));
  }

  /**
   * Computes the raw maps of a batch.
   *
   * @param batch N images, float32
   * @param target what to explain, K maps per image
   * @return the raw maps, (N, K, spatial...), float32
   */
  public NDArray computeRawHeatmaps(NDArray batch, Target target) {
    return eachOne(batch, target, this::computeRawHeatmap);
  }

  /**
   * Computes the heatmaps of a batch and says what is to be known about each. Where the prediction
   * or the map is not finite the map becomes zeros, and the others are not lost for it; a method
   * that refuses to make such a map, as {@link AttributionMethod#minMax} does, fails here too.
   *
   * @param batch N images, float32
   * @param target what to explain, K maps per image
   * @param eps as in {@link #computeHeatmap(NDArray, int, float)}
   * @return the heatmaps and their statuses
   */
  public Heatmaps explain(NDArray batch, Target target, float eps) {
    float[][] outputs = model.outputs(checkBatch(batch));
    return withStatuses(computeHeatmaps(batch, target, eps), outputs, true);
  }

  /**
   * Computes the raw maps of a batch and says what is to be known about each.
   *
   * @param batch N images, float32
   * @param target what to explain, K maps per image
   * @return the raw maps, those that are not finite as they are, and their statuses
   */
  public Heatmaps explainRaw(NDArray batch, Target target) {
    float[][] outputs = model.outputs(checkBatch(batch));
    return withStatuses(computeRawHeatmaps(batch, target), outputs, false);
  }

  private static Heatmaps withStatuses(NDArray maps, float[][] outputs, boolean zeroNonFinite) {
    try (maps) {
      Shape shape = maps.getShape();
      RawMaps raw = new RawMaps((int) shape.get(0), (int) shape.get(1), shape.slice(2));
      float[] values = raw.values();
      System.arraycopy(maps.toFloatArray(), 0, values, 0, values.length);
      raw.markNonFinite(outputs);
      List<MapStatus> statuses = raw.statuses();
      for (int map = 0; zeroNonFinite && map < statuses.size(); map++) {
        if (statuses.get(map) == MapStatus.NON_FINITE) {
          Arrays.fill(values, map * raw.size(), (map + 1) * raw.size(), 0);
        }
      }
      return new Heatmaps(maps.getManager().create(FloatBuffer.wrap(values), shape), statuses);
    }
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
        "this form explains a batch of one image, got %s; use computeHeatmaps for more",
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

  private NDArray eachOne(NDArray batch, Target target, SingleForm form) {
    checkBatch(batch);
    int images = Math.toIntExact(batch.getShape().get(0));
    float[] values = batch.toFloatArray();
    int classes = classCount(batch, values);
    int maps = target.maps(classes);
    List<float[]> rows = new ArrayList<>();
    Shape mapShape = null;
    for (int n = 0; n < images; n++) {
      for (int k = 0; k < maps; k++) {
        try (NDManager manager = batch.getManager().newSubManager()) {
          NDArray image = image(manager, values, batch.getShape(), n);
          NDArray map = form.compute(image, classOf(target.seed(k, n, images, classes)));
          map.attach(manager);
          if (mapShape != null && !map.getShape().equals(mapShape)) {
            throw new XAIException(
                getClass().getSimpleName()
                    + " gives maps of different shapes, "
                    + mapShape
                    + " and "
                    + map.getShape());
          }
          mapShape = map.getShape();
          rows.add(map.toFloatArray());
        }
      }
    }
    return batch
        .getManager()
        .create(
            FloatBuffer.wrap(Floats.concat(rows.toArray(float[][]::new))),
            new Shape(images, maps).addAll(Objects.requireNonNull(mapShape)));
  }

  private int classCount(NDArray batch, float[] values) {
    try (NDManager manager = batch.getManager().newSubManager()) {
      return model.outputs(image(manager, values, batch.getShape(), 0))[0].length;
    }
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

  private int classOf(float[] seed) {
    int classIndex = -1;
    for (int c = 0; c < seed.length; c++) {
      if (seed[c] != 0) {
        checkArgument(
            seed[c] == 1 && classIndex < 0,
            "%s explains single classes; a contrast needs a method that takes any target",
            getClass().getSimpleName());
        classIndex = c;
      }
    }
    return classIndex;
  }

  @FunctionalInterface
  private interface SingleForm {
    NDArray compute(NDArray image, int classIndex);
  }
}

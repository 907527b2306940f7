package org.aucmedi.xai;

import static com.google.common.base.Preconditions.checkArgument;

import ai.djl.modality.cv.Image;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import com.google.common.collect.ImmutableMap;
import java.awt.image.BufferedImage;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.Map;
import java.util.Objects;
import org.aucmedi.xai.array.Colormap;
import org.aucmedi.xai.array.ImageArray;
import org.aucmedi.xai.array.LinearInterpolation;
import org.aucmedi.xai.array.LinearInterpolation.BorderMode;
import org.aucmedi.xai.array.Overlay;
import org.aucmedi.xai.array.Placement;
import org.aucmedi.xai.array.SampleType;
import org.aucmedi.xai.model.OutputActivation;

/**
 * A map of one image for one {@link Objective}: one value per position, with its status,
 * diagnostics and provenance. Immutable and held in the JVM's memory, so safe to keep and to share.
 *
 * <p>It has the image's two or three spatial axes, in the size of the image or of the layer it was
 * computed at. A heatmap lies in [0, 1]; high means evidence for the objective. A raw map keeps the
 * method's own scale and sign.
 */
public final class Heatmap {

  private final Objective objective;
  private final float[] outputs;
  private final int[] shape;
  private final float[] values;
  private final boolean raw;
  private final MapStatus status;
  private final ImmutableMap<String, Double> diagnostics;
  private final Provenance provenance;

  /** Creates a heatmap; the arrays are not copied. */
  Heatmap(
      Objective objective,
      float[] outputs,
      int[] shape,
      float[] values,
      boolean raw,
      MapStatus status,
      Map<String, Double> diagnostics,
      Provenance provenance) {
    this.objective = objective;
    this.outputs = outputs;
    this.shape = shape;
    this.values = values;
    this.raw = raw;
    this.status = status;
    this.diagnostics = ImmutableMap.copyOf(diagnostics);
    this.provenance = provenance;
  }

  /** {@return what is explained} */
  public Objective objective() {
    return objective;
  }

  /** {@return the explained class, or {@link Objective#NO_CLASS} for a function of the outputs} */
  public int classIndex() {
    return objective.classIndex();
  }

  /** {@return the model's output for the objective, for most models a probability} */
  public float score() {
    return (float) objective.value(outputs, Score.OUTPUT, OutputActivation.UNKNOWN);
  }

  /** {@return a copy of the model's outputs for the image, one per class} */
  public float[] outputs() {
    return outputs.clone();
  }

  /** {@return the sizes of the spatial axes, (H, W) or (D, H, W)} */
  public int[] shape() {
    return shape.clone();
  }

  /** {@return a copy of the values, row-major} */
  public float[] values() {
    return values.clone();
  }

  /**
   * {@return one value}
   *
   * @param index the position, one index per axis
   * @throws IllegalArgumentException if the index has too many or too few axes
   * @throws IndexOutOfBoundsException if the index lies outside the map
   */
  public float at(int... index) {
    checkArgument(
        index.length == shape.length,
        "an index must have %s axes, got %s",
        shape.length,
        Arrays.toString(index));
    int offset = 0;
    for (int axis = 0; axis < shape.length; axis++) {
      offset = offset * shape[axis] + Objects.checkIndex(index[axis], shape[axis]);
    }
    return values[offset];
  }

  /** {@return whether this is a raw map, with the method's own scale and sign} */
  public boolean isRaw() {
    return raw;
  }

  /** {@return the caveats to check before trusting the map} */
  public MapStatus status() {
    return status;
  }

  /** {@return diagnostics that help to judge the map, by name} */
  public Map<String, Double> diagnostics() {
    return diagnostics;
  }

  /** {@return how the map was computed} */
  public Provenance provenance() {
    return provenance;
  }

  /**
   * Resizes the map by linear interpolation. At the border, 2-D maps repeat the outermost values
   * and 3-D maps mirror them, as in AUCMEDI.
   *
   * @param size the new size of each spatial axis
   * @return the resized map
   * @throws IllegalArgumentException if the number of axes differs or an axis is empty
   */
  public Heatmap resizedTo(int... size) {
    if (Arrays.equals(shape, size)) {
      return this;
    }
    float[] resized =
        LinearInterpolation.resize(values, shape, size, 1, BorderMode.ofRank(size.length));
    return new Heatmap(
        objective, outputs, size.clone(), resized, raw, status, diagnostics, provenance);
  }

  /**
   * Takes the map of a prepared image back to the image as it was before: padding is cut away, and
   * what a crop left out is 0. The map is resized to the prepared image first.
   *
   * @param placement where the prepared image's pixels lie in the image before
   * @return the map in the size of the image before
   * @throws IllegalArgumentException if the number of axes differs
   */
  public Heatmap backOn(Placement placement) {
    Heatmap fitting = resizedTo(placement.after());
    return placement.isSame()
        ? fitting
        : new Heatmap(
            objective,
            outputs,
            placement.before(),
            placement.back(fitting.values),
            raw,
            status,
            diagnostics,
            provenance);
  }

  /**
   * Overlays the heatmap on an image: {@code alpha * colour + (1 - alpha) * image}. The heatmap is
   * resized to the image first.
   *
   * @param image a 2-D image of 1 or 3 channels in [0, 255]; a single channel outside that range is
   *     rescaled to it
   * @param colormap the colours of the map
   * @param alpha the weight of the map, 0 to 1
   * @return an RGB picture in the image's size
   * @throws IllegalArgumentException if the map is raw or 3-D, or the image or alpha is unsuitable
   */
  public BufferedImage overlayOn(ImageArray image, Colormap colormap, float alpha) {
    checkArgument(
        !raw && shape.length == 2,
        "only a 2-D heatmap can be drawn, got %s%s; save it as an array instead",
        raw ? "a raw map of " : "",
        Arrays.toString(shape));
    return Overlay.blend(image, resizedTo(image.spatialShape()).values, colormap, alpha);
  }

  /**
   * Overlays the heatmap on a picture, like {@link #overlayOn(ImageArray, Colormap, float)}.
   *
   * @param picture the picture
   * @param colormap the colours of the map
   * @param alpha the weight of the map, 0 to 1
   * @return an RGB picture of the same size
   * @throws IllegalArgumentException if the map is raw or 3-D, or alpha is out of range
   */
  public BufferedImage overlayOn(BufferedImage picture, Colormap colormap, float alpha) {
    int height = picture.getHeight();
    int width = picture.getWidth();
    float[] pixels = new float[height * width * 3];
    for (int i = 0; i < height * width; i++) {
      int rgb = picture.getRGB(i % width, i / width);
      pixels[i * 3] = rgb >> 16 & 255;
      pixels[i * 3 + 1] = rgb >> 8 & 255;
      pixels[i * 3 + 2] = rgb & 255;
    }
    ImageArray image = ImageArray.of(new int[] {height, width}, 3, pixels, SampleType.UINT8);
    return overlayOn(image, colormap, alpha);
  }

  /**
   * Overlays the heatmap on a DJL image, like {@link #overlayOn(ImageArray, Colormap, float)}.
   *
   * @param image an image that wraps a {@link BufferedImage}, as DJL's usually do
   * @param colormap the colours of the map
   * @param alpha the weight of the map, 0 to 1
   * @return an RGB picture in the image's size
   * @throws IllegalArgumentException if the map is raw or 3-D, alpha is out of range, or the image
   *     wraps something else
   */
  public BufferedImage overlayOn(Image image, Colormap colormap, float alpha) {
    checkArgument(
        image.getWrappedImage() instanceof BufferedImage,
        "cannot draw on an image that wraps %s; convert it to a BufferedImage",
        image.getWrappedImage().getClass().getName());
    return overlayOn((BufferedImage) image.getWrappedImage(), colormap, alpha);
  }

  /**
   * Copies the values to an engine's array.
   *
   * @param manager owns the array
   * @return the values, spatial axes only, float32
   */
  public NDArray toNDArray(NDManager manager) {
    Shape axes = new Shape(Arrays.stream(shape).asLongStream().toArray());
    return manager.create(FloatBuffer.wrap(values), axes);
  }

  /** Returns the objective, the size and the status. */
  @Override
  public String toString() {
    return provenance.method()
        + " of "
        + objective.label()
        + " "
        + Arrays.toString(shape)
        + ", "
        + status.description();
  }
}

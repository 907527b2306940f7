package org.aucmedi.xai;

import static com.google.common.base.Preconditions.checkArgument;

import ai.djl.modality.cv.Image;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import com.google.common.collect.ImmutableMap;
import com.google.common.primitives.Booleans;
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
import org.aucmedi.xai.array.OverlayStyle;
import org.aucmedi.xai.array.Placement;
import org.aucmedi.xai.array.SampleType;
import org.aucmedi.xai.model.OutputActivation;
import org.jspecify.annotations.Nullable;

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
  private final RawScale rawScale;
  private final MapStatus status;
  private final ImmutableMap<String, Double> diagnostics;
  private final Provenance provenance;
  private final float @Nullable [] errors;

  /** Creates a heatmap without standard errors; the arrays are not copied. */
  Heatmap(
      Objective objective,
      float[] outputs,
      int[] shape,
      float[] values,
      boolean raw,
      RawScale rawScale,
      MapStatus status,
      Map<String, Double> diagnostics,
      Provenance provenance) {
    this(objective, outputs, shape, values, raw, rawScale, status, diagnostics, provenance, null);
  }

  private Heatmap(
      Objective objective,
      float[] outputs,
      int[] shape,
      float[] values,
      boolean raw,
      RawScale rawScale,
      MapStatus status,
      Map<String, Double> diagnostics,
      Provenance provenance,
      float @Nullable [] errors) {
    this.objective = objective;
    this.outputs = outputs;
    this.shape = shape;
    this.values = values;
    this.raw = raw;
    this.rawScale = rawScale;
    this.status = status;
    this.diagnostics = ImmutableMap.copyOf(diagnostics);
    this.provenance = provenance;
    this.errors = errors;
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

  /**
   * {@return what 0 and 1 stand for in the method's own unit; {@link RawScale#IDENTITY} for a raw
   * map, and for methods that have no other scale}
   */
  public RawScale rawScale() {
    return rawScale;
  }

  /** {@return the caveats to check before trusting the map} */
  public MapStatus status() {
    return status;
  }

  /**
   * {@return a copy of how far each value of the raw map may be off by chance, one standard
   * deviation, in the unit of the raw map, row-major; null if the method does not sample}
   */
  public float @Nullable [] standardErrors() {
    return errors == null ? null : errors.clone();
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
    float[] fitting = errors == null ? null : resized(errors, size);
    return with(size.clone(), resized(values, size), raw, rawScale, status).withErrors(fitting);
  }

  private float[] resized(float[] any, int[] size) {
    return LinearInterpolation.resize(any, shape, size, 1, BorderMode.ofRank(size.length));
  }

  /**
   * Scales a raw map so that zero becomes 0.5, for a {@linkplain Colormap#isDiverging diverging}
   * colormap: {@code 0.5 + 0.5 * value / bound}. High means evidence for the objective, below 0.5
   * evidence against it. A map that is not finite is 0.5 everywhere.
   *
   * @param bound the magnitude that becomes 1 or, negative, 0; values beyond it are clipped. With
   *     0, everything is 0.5
   * @return the scaled map, in [0, 1]
   * @throws IllegalArgumentException if the map is not raw, or the bound negative or not finite
   */
  public Heatmap around0(float bound) {
    checkArgument(raw, "only a raw map has signs to show; compute it with explainRaw");
    checkArgument(
        bound >= 0 && Float.isFinite(bound),
        "a bound must be finite and at least 0, got %s",
        bound);
    float[] scaled = new float[values.length];
    for (int i = 0; i < values.length; i++) {
      float share = bound > 0 && status != MapStatus.NON_FINITE ? values[i] / bound : 0;
      scaled[i] = 0.5f + 0.5f * Math.max(-1, Math.min(1, share));
    }
    return with(shape, scaled, false, RawScale.around0(bound), status);
  }

  /** {@return the largest magnitude of the values; 0 if the map is not finite} */
  public float largestMagnitude() {
    float largest = 0;
    for (float value : values) {
      largest = Math.max(largest, Math.abs(value));
    }
    return Float.isFinite(largest) ? largest : 0;
  }

  Heatmap with(
      int[] newShape, float[] newValues, boolean isRaw, RawScale scale, MapStatus newStatus) {
    return new Heatmap(
        objective,
        outputs,
        newShape,
        newValues,
        isRaw,
        scale,
        newStatus,
        diagnostics,
        provenance,
        errors);
  }

  Heatmap withErrors(float @Nullable [] newErrors) {
    return new Heatmap(
        objective,
        outputs,
        shape,
        values,
        raw,
        rawScale,
        status,
        diagnostics,
        provenance,
        newErrors);
  }

  /** The values themselves, not a copy. */
  float[] sharedValues() {
    return values;
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
    return backOn(placement, 0);
  }

  /**
   * Takes the map back, like {@link #backOn(Placement)}.
   *
   * @param placement where the prepared image's pixels lie in the image before
   * @param unseen the value of what a crop left out: 0.5 for a map {@linkplain #around0 around
   *     zero}, where 0 means strong evidence against
   * @return the map in the size of the image before
   * @throws IllegalArgumentException if the number of axes differs
   */
  public Heatmap backOn(Placement placement, float unseen) {
    Heatmap fitting = resizedTo(placement.after());
    if (placement.isSame()) {
      return fitting;
    }
    float[] back = fitting.errors == null ? null : placement.back(fitting.errors, 0);
    return with(placement.before(), placement.back(fitting.values, unseen), raw, rawScale, status)
        .withErrors(back);
  }

  /** The diagnostic that holds the share of the highest values outside a body. */
  public static final String OUTSIDE_BODY = "outside-body";

  /**
   * Checks the map against a mask of the body, or of whatever part of the image a decision may rest
   * on. The diagnostic {@link #OUTSIDE_BODY} is the share of the highest values, the upper
   * twentieth of the positions and all that equal the lowest of these, that lie outside. If it is
   * more than half, a map that was {@link MapStatus#OK} becomes {@link MapStatus#OUTSIDE_BODY}.
   *
   * @param body one value per position of this map, row-major, true in the body
   * @return a copy that is checked
   * @throws IllegalArgumentException if the mask has not as many positions as the map, or shows no
   *     body
   */
  public Heatmap checkedAgainst(boolean[] body) {
    checkArgument(
        body.length == values.length,
        "a mask of %s positions does not fit a map of %s",
        body.length,
        Arrays.toString(shape));
    checkArgument(Booleans.contains(body, true), "the mask shows no body: it is empty");
    float[] sorted = values.clone();
    Arrays.sort(sorted);
    float least = sorted[sorted.length - 1 - (sorted.length - 1) / 20];
    int high = 0;
    int outside = 0;
    for (int i = 0; i < values.length; i++) {
      if (values[i] >= least) {
        high++;
        outside += body[i] ? 0 : 1;
      }
    }
    double share = (double) outside / high;
    boolean doubtful = share > 0.5 && status == MapStatus.OK;
    return new Heatmap(
        objective,
        outputs,
        shape,
        values,
        raw,
        rawScale,
        doubtful ? MapStatus.OUTSIDE_BODY : status,
        ImmutableMap.<String, Double>builder()
            .putAll(diagnostics)
            .put(OUTSIDE_BODY, share)
            .buildKeepingLast(),
        provenance,
        errors);
  }

  /**
   * Overlays the heatmap on an image: {@code alpha * colour + (1 - alpha) * image}. The heatmap is
   * resized to the image first.
   *
   * @param image a 2-D image, see {@link org.aucmedi.xai.array.DisplayWindow#AUTO}
   * @param colormap the colours of the map
   * @param alpha the weight of the map, 0 to 1
   * @return an RGB picture in the image's size
   * @throws IllegalArgumentException as for {@link #overlayOn(ImageArray, OverlayStyle)}
   */
  public BufferedImage overlayOn(ImageArray image, Colormap colormap, float alpha) {
    return overlayOn(image, OverlayStyle.DEFAULT.withColormap(colormap).withAlpha(alpha));
  }

  /**
   * Overlays the heatmap on an image, resized to the image. A raw map is drawn with a {@linkplain
   * Colormap#isDiverging diverging} colormap only, whose middle is zero and whose ends are the
   * map's {@linkplain #largestMagnitude largest magnitude}.
   *
   * @param image a 2-D image of 1 or 3 channels
   * @param style the colours, the weight of the map, and the image's window
   * @return an RGB picture in the image's size
   * @throws IllegalArgumentException if the map is 3-D, the image is unsuitable, or the map is raw
   *     and the colormap does not diverge
   */
  public BufferedImage overlayOn(ImageArray image, OverlayStyle style) {
    boolean signed = raw && style.colormap().isDiverging();
    checkArgument(
        (!raw || signed) && shape.length == 2,
        "only a 2-D heatmap can be drawn, got %s%s; save it as an array instead%s",
        raw ? "a raw map of " : "",
        Arrays.toString(shape),
        raw ? ", or use a diverging colormap" : "");
    Heatmap drawn = signed ? around0(largestMagnitude()) : this;
    return Overlay.blend(image, drawn.resizedTo(image.spatialShape()).values, style);
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
    return overlayOn(picture, OverlayStyle.DEFAULT.withColormap(colormap).withAlpha(alpha));
  }

  /**
   * Overlays the heatmap on a picture, like {@link #overlayOn(ImageArray, OverlayStyle)}.
   *
   * @param picture the picture
   * @param style the colours, the weight of the map, and the picture's window
   * @return an RGB picture of the same size
   * @throws IllegalArgumentException if the map is 3-D, or raw and the colormap does not diverge
   */
  public BufferedImage overlayOn(BufferedImage picture, OverlayStyle style) {
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
    return overlayOn(image, style);
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

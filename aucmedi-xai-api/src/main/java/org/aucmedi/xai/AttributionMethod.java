package org.aucmedi.xai;

import static com.google.common.base.Preconditions.checkArgument;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import com.google.common.math.PairedStatsAccumulator;
import com.google.common.primitives.Floats;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.aucmedi.xai.array.Spacings;
import org.aucmedi.xai.error.XAIException;
import org.aucmedi.xai.model.ExplainableModel;
import org.jspecify.annotations.Nullable;

/**
 * A method that computes {@linkplain Attribution attributions} of whole batches. Two shared steps
 * turn them into heatmaps: {@linkplain #channelReduction reducing the channels} yields the raw map,
 * and {@linkplain #normalize normalizing} scales it to [0, 1].
 *
 * <p>A subclass implements {@link #attribute(NDArray, Target, Progress)}, and overrides the two
 * steps where AUCMEDI's do not fit.
 */
public abstract class AttributionMethod extends XAIMethodBase {

  /**
   * The diagnostic of methods that sample: the reliability of the map, about the correlation to
   * expect between it and the map of another random seed.
   */
  public static final String RELIABILITY = "reliability";

  /** Below this reliability a map is marked {@link MapStatus#UNSTABLE}. */
  public static final double LEAST_RELIABILITY = 0.5;

  private final MethodDescription description;
  private final MethodOptions options;

  /**
   * Constructs a method.
   *
   * @param description describes the method and its options
   * @param model the model to explain
   * @param layerName the layer to use, or null for the method's default
   * @param options the profile and the options that are set
   * @throws IllegalArgumentException if an option is not one of the method's, or its value is not
   *     allowed
   */
  protected AttributionMethod(
      MethodDescription description,
      ExplainableModel model,
      @Nullable String layerName,
      MethodOptions options) {
    super(model, layerName);
    this.description = description;
    this.options = options.checkKnown(description.options());
  }

  /** {@return the profile and the options that are set} */
  public final MethodOptions options() {
    return options;
  }

  @Override
  final Provenance provenance(NDArray batch) {
    Provenance base = super.provenance(batch);
    return new Provenance(
        description.name(),
        options.profile(),
        options.inEffect(description.options()),
        description.usesLayer() ? layerName() : null,
        base.model(),
        base.engine(),
        base.version());
  }

  /**
   * Computes the attributions of a batch.
   *
   * @param batch N images, float32; checked
   * @param target what to explain
   * @param progress notified after every pass if the method needs many
   * @return for each image one attribution per objective, in their order
   */
  protected abstract List<List<Attribution>> attribute(
      NDArray batch, Target target, Progress progress);

  /**
   * Computes the attributions of a batch for heatmaps with a given eps. Override this only in a
   * method whose attributions are built from heatmaps.
   *
   * @param batch N images, float32; checked
   * @param target what to explain
   * @param eps the caller's value, or {@link #DEFAULT_EPS} for raw maps
   * @param progress notified after every pass if the method needs many
   * @return for each image one attribution per objective, in their order
   */
  protected List<List<Attribution>> attribute(
      NDArray batch, Target target, float eps, Progress progress) {
    return attribute(batch, target, progress);
  }

  /**
   * Computes the attributions of a batch whose pixels may have a size. Override this in a method
   * with options in millimetres, and let {@link #attribute(NDArray, Target, Progress)} call it with
   * {@link Spacings#UNKNOWN}.
   *
   * @param batch N images, float32; checked
   * @param spacings the distances of their pixels, where they are known
   * @param target what to explain
   * @param eps as in {@link #attribute(NDArray, Target, float, Progress)}
   * @param progress notified after every pass if the method needs many
   * @return for each image one attribution per objective, in their order
   */
  protected List<List<Attribution>> attribute(
      NDArray batch, Spacings spacings, Target target, float eps, Progress progress) {
    return attribute(batch, target, eps, progress);
  }

  /**
   * {@return how to reduce the channels of an attribution to one value; {@link
   * ChannelReduction#MAX} unless overridden}
   */
  protected ChannelReduction channelReduction() {
    return ChannelReduction.MAX;
  }

  /**
   * Scales a raw map to [0, 1].
   *
   * @param raw one map, row-major, finite; not changed
   * @param eps added to the range by which the map is divided
   * @return the scaled map, by default {@link Normalization#minMax}
   */
  protected float[] normalize(float[] raw, float eps) {
    return Normalization.minMax(raw, eps);
  }

  /**
   * Tells what {@link #normalize} does, for the labels of a colour bar; override both or neither.
   *
   * @param raw one map, row-major, finite; not changed
   * @return the raw values that become 0 and 1, by default the smallest and the largest
   */
  protected RawScale rawScale(float[] raw) {
    return RawScale.ofRange(raw);
  }

  /**
   * Scales the raw maps of one image together, as if they were one map, so that they can be
   * compared: a class with little evidence looks weak beside one with much. Maps that are not
   * finite become zero everywhere and do not count.
   *
   * @param rawMaps raw maps of this method, of one image
   * @param eps as in {@link #normalize}
   * @return the maps, in [0, 1], in their order, with one {@link Heatmap#rawScale}
   * @throws IllegalArgumentException if a map is not raw, or eps is negative or not finite
   */
  public final List<Heatmap> normalizeTogether(List<Heatmap> rawMaps, float eps) {
    checkEps(eps);
    checkArgument(rawMaps.stream().allMatch(Heatmap::isRaw), "only raw maps can share a scale");
    float[] all =
        Floats.concat(
            rawMaps.stream()
                .filter(map -> map.status() != MapStatus.NON_FINITE)
                .map(Heatmap::sharedValues)
                .toArray(float[][]::new));
    RawScale scale = all.length == 0 ? RawScale.IDENTITY : rawScale(all);
    float[] scaled = all.length == 0 ? all : normalize(all, eps);
    List<Heatmap> result = new ArrayList<>();
    int from = 0;
    for (Heatmap map : rawMaps) {
      int size = map.sharedValues().length;
      float[] own = new float[size];
      MapStatus status = map.status();
      if (status != MapStatus.NON_FINITE) {
        System.arraycopy(scaled, from, own, 0, size);
        from += size;
        status = MapStatus.of(own, status);
      }
      result.add(map.with(map.shape(), own, false, scale, status));
    }
    return List.copyOf(result);
  }

  /**
   * Computes the attributions of a batch, before channels are reduced.
   *
   * @param batch N images, float32
   * @param target what to explain
   * @return for each image one attribution per objective, in their order
   */
  public final List<List<Attribution>> attributions(NDArray batch, Target target) {
    return attribute(checkBatch(batch), Spacings.UNKNOWN, target, DEFAULT_EPS, Progress.NONE);
  }

  @Override
  public final List<List<Heatmap>> explain(
      NDArray batch, Target target, float eps, Progress progress) {
    return explain(batch, Spacings.UNKNOWN, target, eps, progress);
  }

  @Override
  public final List<List<Heatmap>> explain(
      NDArray batch, Spacings spacings, Target target, float eps, Progress progress) {
    checkEps(eps);
    Provenance provenance = provenance(batch);
    return attribute(checkBatch(batch), spacings, target, eps, progress).stream()
        .map(image -> image.stream().map(found -> heatmap(found, eps, provenance)).toList())
        .toList();
  }

  @Override
  public final List<List<Heatmap>> explainRaw(NDArray batch, Target target, Progress progress) {
    return explainRaw(batch, Spacings.UNKNOWN, target, progress);
  }

  @Override
  public final List<List<Heatmap>> explainRaw(
      NDArray batch, Spacings spacings, Target target, Progress progress) {
    Provenance provenance = provenance(batch);
    return attribute(checkBatch(batch), spacings, target, DEFAULT_EPS, progress).stream()
        .map(image -> image.stream().map(found -> rawMap(found, provenance)).toList())
        .toList();
  }

  /**
   * Tells how reliable a map is from the maps that either half of its samples makes. With their
   * correlation r, it is {@code 2 r / (1 + r)}, by the formula of Spearman and Brown, and 0 for a
   * negative one.
   *
   * @param first what one half of the samples makes
   * @param second what the other makes
   * @return from 0 to 1; NaN where all values of a map are the same or not finite
   */
  protected final double reliability(Attribution first, Attribution second) {
    float[] a = first.reduce(channelReduction());
    float[] b = second.reduce(channelReduction());
    PairedStatsAccumulator pairs = new PairedStatsAccumulator();
    for (int i = 0; i < a.length; i++) {
      pairs.add(a[i], b[i]);
    }
    double spread = pairs.xStats().populationVariance() * pairs.yStats().populationVariance();
    if (!(spread > 0)) {
      return Double.NaN;
    }
    double correlation = Math.max(0, pairs.pearsonsCorrelationCoefficient());
    return 2 * correlation / (1 + correlation);
  }

  /**
   * Adds the {@linkplain #reliability reliability} as the diagnostic {@link #RELIABILITY}, if there
   * is one.
   *
   * @param made what all samples make
   * @param first what one half of the samples makes
   * @param second what the other makes
   * @return a copy with the diagnostic, or the same without
   */
  protected final Attribution withReliability(
      Attribution made, Attribution first, Attribution second) {
    double reliability = reliability(first, second);
    return Double.isNaN(reliability) ? made : made.withDiagnostic(RELIABILITY, reliability);
  }

  private Heatmap rawMap(Attribution found, Provenance provenance) {
    float[] raw = found.reduce(channelReduction());
    return map(found, raw, statusOf(found, raw), RawScale.IDENTITY, true, provenance);
  }

  private Heatmap heatmap(Attribution found, float eps, Provenance provenance) {
    float[] raw = found.reduce(channelReduction());
    MapStatus status = statusOf(found, raw);
    if (status == MapStatus.NON_FINITE) {
      return map(found, new float[raw.length], status, RawScale.IDENTITY, false, provenance);
    }
    float[] scaled = normalize(raw, eps);
    // Clipping to [0, 1] may turn a raw map into a constant.
    return map(found, scaled, MapStatus.of(scaled, status), rawScale(raw), false, provenance);
  }

  private static MapStatus statusOf(Attribution found, float[] values) {
    if (!MapStatus.allFinite(found.sharedOutputs())) {
      return MapStatus.NON_FINITE;
    }
    double reliability = found.diagnostics().getOrDefault(RELIABILITY, 1.0);
    boolean unstable = reliability < LEAST_RELIABILITY && found.status() == MapStatus.OK;
    return MapStatus.of(values, unstable ? MapStatus.UNSTABLE : found.status());
  }

  private Heatmap map(
      Attribution found,
      float[] values,
      MapStatus status,
      RawScale scale,
      boolean raw,
      Provenance provenance) {
    return new Heatmap(
            found.objective(),
            found.sharedOutputs(),
            found.shape(),
            values,
            raw,
            scale,
            status,
            found.diagnostics(),
            provenance.withLayer(found.layer()))
        .withErrors(found.reduceErrors(channelReduction()));
  }

  @Override
  public final NDArray computeHeatmap(NDArray image, int classIndex, float eps) {
    Heatmap found = explain(checkImage(image), Target.ofClass(classIndex), eps).get(0).get(0);
    if (found.status() == MapStatus.NON_FINITE) {
      throw new XAIException(
          "a prediction or a raw map is not finite; check the image, its standardisation and"
              + " the weights");
    }
    return found.toNDArray(image.getManager());
  }

  /**
   * {@return the function of the outputs that the model differentiates to explain a target}
   *
   * @param target what to explain
   * @param score the score to differentiate
   */
  protected final TargetGradient gradientOf(Target target, Score score) {
    return new TargetGradient(target, score, model().outputActivation());
  }

  /**
   * Copies the values of one image from an array that holds those of a batch, image by image.
   *
   * @param values the values of all images
   * @param image the image, from 0
   * @param images the number of images
   * @return the values of that image
   */
  protected static float[] ofImage(float[] values, int image, int images) {
    int size = values.length / images;
    return Arrays.copyOfRange(values, image * size, (image + 1) * size);
  }

  /**
   * Copies the values of one image, as {@link #ofImage(float[], int, int)} does, from a buffer.
   *
   * @param values the values of all images, from index 0; its position does not matter
   * @param image the image, from 0
   * @param images the number of images
   * @return the values of that image
   */
  protected static float[] ofImage(FloatBuffer values, int image, int images) {
    float[] own = new float[values.limit() / images];
    values.get(image * own.length, own);
    return own;
  }

  /**
   * {@return the values of a float32 array, row-major} They are the array's own where its engine
   * allows, so read them before the array is closed.
   *
   * @param array a float32 array
   */
  protected static FloatBuffer values(NDArray array) {
    return array.toByteBuffer(true).order(ByteOrder.nativeOrder()).asFloatBuffer();
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

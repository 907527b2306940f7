package org.aucmedi.xai;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableMap;
import java.util.Arrays;
import java.util.Map;
import java.util.Objects;
import org.aucmedi.xai.array.BatchAxes;
import org.jspecify.annotations.Nullable;

/**
 * What a method computes for one image and one {@link Objective}: a signed value for every channel
 * of every position, before channels are reduced and values are scaled to a {@link Heatmap}.
 * Immutable, in the JVM's memory.
 */
public final class Attribution {

  private final Objective objective;
  private final float[] outputs;
  private final BatchAxes axes;
  private final float[] values;
  private final float @Nullable [] errors;
  private final MapStatus status;
  private final ImmutableMap<String, Double> diagnostics;
  private final @Nullable String layer;

  private Attribution(
      Objective objective,
      float[] outputs,
      BatchAxes axes,
      float[] values,
      float @Nullable [] errors,
      MapStatus status,
      ImmutableMap<String, Double> diagnostics,
      @Nullable String layer) {
    this.objective = objective;
    this.outputs = outputs;
    this.axes = axes;
    this.values = values;
    this.errors = errors;
    this.status = status;
    this.diagnostics = diagnostics;
    this.layer = layer;
  }

  /**
   * Makes an attribution of status {@link MapStatus#OK}.
   *
   * @param objective what the attribution explains
   * @param outputs the model's outputs for the image, one per class
   * @param axes the axes of the values, of a batch of one
   * @param values one per channel and position, row-major; not copied, so do not change the array
   *     later
   * @return the attribution
   * @throws IllegalArgumentException if the values do not fill the axes
   */
  public static Attribution of(
      Objective objective, float[] outputs, BatchAxes axes, float[] values) {
    checkArgument(
        axes.images() == 1 && (long) axes.channels() * axes.positions() == values.length,
        "%s values do not fill %s with %s channels",
        values.length,
        axes.spatialShape(),
        axes.channels());
    return new Attribution(
        Objects.requireNonNull(objective, "objective"),
        outputs,
        axes,
        values,
        null,
        MapStatus.OK,
        ImmutableMap.of(),
        null);
  }

  /**
   * Sets the status.
   *
   * @param changed a status that only the method can know; non-finite and flat maps are detected
   *     later
   * @return a copy with that status
   */
  public Attribution withStatus(MapStatus changed) {
    return new Attribution(objective, outputs, axes, values, errors, changed, diagnostics, layer);
  }

  /**
   * Adds a diagnostic.
   *
   * @param name for instance "completeness-delta"
   * @param value its value
   * @return a copy with the diagnostic
   */
  public Attribution withDiagnostic(String name, double value) {
    return new Attribution(
        objective,
        outputs,
        axes,
        values,
        errors,
        status,
        ImmutableMap.<String, Double>builder().putAll(diagnostics).put(name, value).build(),
        layer);
  }

  /**
   * Adds standard errors, of a method that samples.
   *
   * @param changed how far each value may be off by chance, one standard deviation, in the order of
   *     the values; not copied, so do not change the array later
   * @return a copy with the standard errors
   * @throws IllegalArgumentException if there is not one for each value
   */
  public Attribution withStandardErrors(float[] changed) {
    checkCount(changed);
    return new Attribution(objective, outputs, axes, values, changed, status, diagnostics, layer);
  }

  /**
   * Sets the layer that the attribution was computed at.
   *
   * @param name the layer's name
   * @return a copy with the layer
   */
  public Attribution withLayer(String name) {
    return new Attribution(objective, outputs, axes, values, errors, status, diagnostics, name);
  }

  /** {@return what is explained} */
  public Objective objective() {
    return objective;
  }

  /** {@return a copy of the model's outputs for the image, one per class} */
  public float[] outputs() {
    return outputs.clone();
  }

  /** {@return the sizes of the spatial axes: the image's, or those of a layer} */
  public int[] shape() {
    return axes.spatialSizes();
  }

  /** {@return the number of channels, at least 1} */
  public int channels() {
    return axes.channels();
  }

  /**
   * {@return the attribution of one channel at one position, in units of the objective}
   *
   * @param channel the channel
   * @param position the index of the position in the row-major order of the spatial axes
   */
  public float value(int channel, int position) {
    return values[axes.index(0, channel, position)];
  }

  /** {@return a copy of the values, in their original order} */
  public float[] values() {
    return values.clone();
  }

  /**
   * Replaces the values, for instance by an average of several attributions. Standard errors are
   * dropped, since they were those of the values before.
   *
   * @param changed the same number of values in the same order; not copied, so do not change the
   *     array later
   * @return a copy with those values
   */
  public Attribution withValues(float[] changed) {
    checkCount(changed);
    return new Attribution(objective, outputs, axes, changed, null, status, diagnostics, layer);
  }

  private void checkCount(float[] changed) {
    checkArgument(
        changed.length == values.length,
        "expected %s values, got %s",
        values.length,
        changed.length);
  }

  /** {@return the status that the method has set} */
  public MapStatus status() {
    return status;
  }

  /** {@return numbers that say how far to trust the map, by name, in the order they were added} */
  public Map<String, Double> diagnostics() {
    return diagnostics;
  }

  /** {@return the layer that the attribution was computed at, or null if the method uses none} */
  public @Nullable String layer() {
    return layer;
  }

  /**
   * Reduces the channels.
   *
   * @param reduction how to reduce them
   * @return the raw map, one value per position, row-major
   */
  public float[] reduce(ChannelReduction reduction) {
    if (axes.channels() == 1 && reduction != ChannelReduction.ABS_MAX) {
      return values.clone();
    }
    float[] map = new float[axes.positions()];
    Arrays.fill(map, reduction.start());
    for (int c = 0; c < axes.channels(); c++) {
      for (int i = 0; i < map.length; i++) {
        map[i] = reduction.join(map[i], values[axes.index(0, c, i)]);
      }
    }
    return map;
  }

  /**
   * Tells how far the {@linkplain #reduce reduced} values may be off by chance. Where the value is
   * that of one channel, this is the channel's standard error; that of a sum is at most the sum of
   * those of the channels, which is given.
   *
   * @param reduction how the values are reduced
   * @return one standard error per position, row-major, or null if the method does not sample
   */
  public float @Nullable [] reduceErrors(ChannelReduction reduction) {
    if (errors == null) {
      return null;
    }
    float[] map = reduce(reduction);
    float[] reduced = new float[map.length];
    for (int i = 0; i < map.length; i++) {
      for (int c = 0; c < axes.channels(); c++) {
        int at = axes.index(0, c, i);
        if (reduction == ChannelReduction.SUM) {
          reduced[i] += errors[at];
        } else if (reduction.join(reduction.start(), values[at]) == map[i]) {
          reduced[i] = Math.max(reduced[i], errors[at]);
        }
      }
    }
    return reduced;
  }

  float[] sharedOutputs() {
    return outputs;
  }
}

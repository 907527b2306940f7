package org.aucmedi.xai.decoder;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.aucmedi.xai.Heatmap;
import org.aucmedi.xai.RawScale;
import org.jspecify.annotations.Nullable;

/**
 * A sample of which nothing more will become, with what a record of the run needs and a {@link
 * SampleResult} does not keep.
 *
 * @param index its position among the samples
 * @param result what became of it
 * @param details of the maps that went to a sink, in their order
 * @param shape the spatial axes of the image that maps lie on; null if it was not loaded
 * @param outputs the model's outputs, one per class; null if it was not explained
 * @param time for loading, explaining (its share of its batch) and writing it
 */
public record CompletedSample(
    int index,
    SampleResult result,
    List<MapDetails> details,
    int @Nullable [] shape,
    float @Nullable [] outputs,
    Duration time) {

  /** Copies the lists and arrays. */
  public CompletedSample {
    details = List.copyOf(details);
    shape = shape == null ? null : shape.clone();
    outputs = outputs == null ? null : outputs.clone();
  }

  @Override
  public int @Nullable [] shape() {
    return shape == null ? null : shape.clone();
  }

  @Override
  public float @Nullable [] outputs() {
    return outputs == null ? null : outputs.clone();
  }

  /**
   * What is known of a map besides its {@link SampleResult.WrittenMap}.
   *
   * @param diagnostics numbers that help to judge it, by name
   * @param rawScale the raw values at its 0 and 1; of a raw map its smallest and largest
   * @param layer the layer that was used, or null if the method uses none
   */
  public record MapDetails(
      Map<String, Double> diagnostics, RawScale rawScale, @Nullable String layer) {

    static MapDetails of(Heatmap map) {
      return new MapDetails(
          map.diagnostics(),
          map.isRaw() ? RawScale.ofRange(map.values()) : map.rawScale(),
          map.provenance().layer());
    }
  }
}

package org.aucmedi.xai.decoder;

import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.aucmedi.xai.Heatmap;
import org.aucmedi.xai.MapStatus;
import org.aucmedi.xai.decoder.SampleResult.Explained;
import org.aucmedi.xai.decoder.SampleResult.Failed;
import org.aucmedi.xai.decoder.SampleResult.Written;
import org.aucmedi.xai.decoder.SampleResult.WrittenMap;

/**
 * The outcome of every sample.
 *
 * @param samples in their order
 */
public record DecoderResult(List<SampleResult> samples) {

  /** Copies the list. */
  public DecoderResult {
    samples = List.copyOf(samples);
  }

  /** {@return the samples whose maps are kept; none where a sink took them} */
  public List<Explained> explained() {
    return ofType(Explained.class);
  }

  /** {@return the samples that could not be explained} */
  public List<Failed> failures() {
    return ofType(Failed.class);
  }

  /** {@return every file that was written, also of samples that failed later} */
  public List<Path> files() {
    return samples.stream()
        .flatMap(DecoderResult::written)
        .flatMap(map -> map.files().stream())
        .toList();
  }

  /** {@return the maps whose status is not OK} */
  public List<Warning> warnings() {
    return samples.stream().flatMap(DecoderResult::warnings).toList();
  }

  private static Stream<Warning> warnings(SampleResult result) {
    Stream<Warning> all =
        result instanceof Explained explained
            ? explained.maps().stream().map(map -> Warning.of(result.sample(), map))
            : written(result).map(map -> new Warning(result.sample(), map.label(), map.status()));
    return all.filter(warning -> warning.status() != MapStatus.OK);
  }

  private static Stream<WrittenMap> written(SampleResult result) {
    if (result instanceof Written written) {
      return written.maps().stream();
    }
    return result instanceof Failed failed ? failed.written().stream() : Stream.empty();
  }

  private <T extends SampleResult> List<T> ofType(Class<T> type) {
    return samples.stream().filter(type::isInstance).map(type::cast).toList();
  }

  /**
   * A map that needs caution.
   *
   * @param sample the sample's name
   * @param label what is explained, for instance the class
   * @param status why
   */
  public record Warning(String sample, String label, MapStatus status) {

    static Warning of(String sample, Heatmap map) {
      return new Warning(sample, map.objective().label(), map.status());
    }
  }
}

package org.aucmedi.xai.decoder;

import java.nio.file.Path;
import java.util.List;

/**
 * What became of every sample.
 *
 * @param explanations the maps, in the order of the samples; empty where files were written instead
 * @param files the files written, in the order of the samples
 * @param failures the samples that could not be explained
 */
public record DecoderResult(
    List<Explanation> explanations, List<Path> files, List<Failure> failures) {

  /** Copies the lists. */
  public DecoderResult {
    explanations = List.copyOf(explanations);
    files = List.copyOf(files);
    failures = List.copyOf(failures);
  }

  /**
   * A sample that could not be explained.
   *
   * @param sample the sample's name
   * @param reason what went wrong
   */
  public record Failure(String sample, String reason) {}
}

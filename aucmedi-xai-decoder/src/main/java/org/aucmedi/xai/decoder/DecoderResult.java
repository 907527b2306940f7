package org.aucmedi.xai.decoder;

import java.nio.file.Path;
import java.util.List;
import org.aucmedi.xai.MapStatus;

/**
 * What became of every sample.
 *
 * @param explanations the maps, in the order of the samples; empty where files were written instead
 * @param files the files written, in the order of the samples; with those of samples that failed
 *     after one was written
 * @param failures the samples that could not be explained
 * @param warnings the maps that were made but whose status is not OK
 */
public record DecoderResult(
    List<Explanation> explanations,
    List<Path> files,
    List<Failure> failures,
    List<Warning> warnings) {

  /** Copies the lists. */
  public DecoderResult {
    explanations = List.copyOf(explanations);
    files = List.copyOf(files);
    failures = List.copyOf(failures);
    warnings = List.copyOf(warnings);
  }

  /**
   * A sample that could not be explained.
   *
   * @param sample the sample's name
   * @param reason what went wrong, and what to do
   * @param stage where it failed
   */
  public record Failure(String sample, String reason, Stage stage) {}

  /** Where a sample failed. */
  public enum Stage {
    /** Its file cannot be read or prepared, or cannot be drawn or written as asked. */
    LOADING,
    /** The model or the method fails on it. */
    EXPLAINING,
    /** A map cannot be resized, drawn or written. */
    WRITING
  }

  /**
   * A map to be careful with.
   *
   * @param sample the sample's name
   * @param classIndex the explained class
   * @param status why
   */
  public record Warning(String sample, int classIndex, MapStatus status) {}
}

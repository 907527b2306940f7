package org.aucmedi.xai.manifest;

import com.google.common.collect.Streams;
import java.nio.file.Path;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Where the record of a run is: {@code manifest.json} and {@code samples.jsonl} in its output
 * folder, for one shard of a run {@code manifest-3-of-16.json} and {@code samples-3-of-16.jsonl}.
 *
 * @param folder the output folder
 * @param shard which part of the run, such as "3/16"; null for all of it
 */
public record RunFiles(Path folder, @Nullable String shard) {

  private static final Pattern NAME =
      Pattern.compile("(manifest|samples)(?:-(\\d+)-of-(\\d+))?\\.jsonl?");

  /** Checks the components. */
  public RunFiles {
    Objects.requireNonNull(folder, "folder");
  }

  /** {@return the files of a whole run} */
  public static RunFiles of(Path folder) {
    return new RunFiles(folder, null);
  }

  /** {@return the file of the {@link Manifest}} */
  public Path manifest() {
    return folder.resolve("manifest" + part() + ".json");
  }

  /** {@return the file of the {@link SampleRecord}s} */
  public Path samples() {
    return folder.resolve("samples" + part() + ".jsonl");
  }

  /** {@return the file that a run locks while it writes} */
  public Path lock() {
    return folder.resolve(".aucmedi-xai" + part() + ".lock");
  }

  /**
   * {@return the run that a file belongs to by its name; null if to none}
   *
   * @param file any file
   */
  public static @Nullable RunFiles ofRecord(Path file) {
    Matcher found = NAME.matcher(String.valueOf(file.getFileName()));
    if (!found.matches()) {
      return null;
    }
    RunFiles files =
        new RunFiles(
            file.resolveSibling(""),
            found.group(2) == null ? null : found.group(2) + "/" + found.group(3));
    return file.getFileName().equals(files.manifest().getFileName())
            || file.getFileName().equals(files.samples().getFileName())
        ? files
        : null;
  }

  /**
   * {@return the run whose manifest a file is, by its name; null if it is none}
   *
   * @param file any file
   */
  public static @Nullable RunFiles ofManifest(Path file) {
    RunFiles files = ofRecord(file);
    return files != null && file.getFileName().equals(files.manifest().getFileName())
        ? files
        : null;
  }

  /**
   * {@return a path with / between its parts on every system, as records have it}
   *
   * @param relative a path that is not absolute
   */
  public static String slashed(Path relative) {
    return Streams.stream(relative).map(Path::toString).collect(Collectors.joining("/"));
  }

  private String part() {
    return shard == null ? "" : "-" + shard.replace("/", "-of-");
  }
}

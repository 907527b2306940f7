package org.aucmedi.xai.manifest;

import com.google.gson.annotations.SerializedName;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What became of one sample with one method: a line of {@code samples.jsonl}.
 *
 * @param sample the sample's name
 * @param file its file or folder, as found
 * @param bytes the size of that; 0 if it cannot be read
 * @param sha256 of the file in hexadecimal digits, see {@link Sha256}; null if it cannot be read
 * @param method the method's {@linkplain Manifest.Method#key() key}
 * @param status what became of it
 * @param shape the spatial axes of the image that the maps lie on, (H, W) or (D, H, W); null if it
 *     was not loaded
 * @param outputs the model's outputs, one per class; null if it was not explained
 * @param maps one per objective; of a sample that failed those that were written before
 * @param milliseconds of loading, explaining (its share of its batch) and writing
 * @param failure why it failed; null if it did not
 */
public record SampleRecord(
    String sample,
    String file,
    long bytes,
    @Nullable String sha256,
    String method,
    Status status,
    @Nullable List<Integer> shape,
    @Nullable List<Float> outputs,
    List<MapRecord> maps,
    double milliseconds,
    @Nullable Failure failure) {

  /** Copies the lists. */
  public SampleRecord {
    shape = shape == null ? null : List.copyOf(shape);
    outputs = outputs == null ? null : List.copyOf(outputs);
    maps = List.copyOf(maps);
  }

  /**
   * {@return the same with other maps}
   *
   * @param others the maps
   */
  public SampleRecord withMaps(List<MapRecord> others) {
    return new SampleRecord(
        sample, file, bytes, sha256, method, status, shape, outputs, others, milliseconds, failure);
  }

  /** What became of a sample. */
  public enum Status {
    /** It has its maps. */
    @SerializedName("explained")
    EXPLAINED,
    /** The target selects nothing to explain of it. */
    @SerializedName("unexplained")
    UNEXPLAINED,
    /** It could not be explained. */
    @SerializedName("failed")
    FAILED
  }

  /**
   * A map.
   *
   * @param label what it explains, for instance the class
   * @param score the model's output for that
   * @param status what to know before trusting it, the name of a {@code MapStatus}
   * @param diagnostics numbers that help to judge it, by name
   * @param rawMin the raw value that the map's 0 stands for; of a raw map its smallest value
   * @param rawMax the raw value that the map's 1 stands for; of a raw map its largest value
   * @param files what was written, relative to the output folder with / between folders
   */
  public record MapRecord(
      String label,
      float score,
      String status,
      Map<String, Double> diagnostics,
      float rawMin,
      float rawMax,
      List<String> files) {

    /** Copies the map and the list, in their order. */
    public MapRecord {
      diagnostics = Collections.unmodifiableMap(new LinkedHashMap<>(diagnostics));
      files = List.copyOf(files);
    }

    /**
     * {@return the same with other files}
     *
     * @param others relative to the output folder with / between folders
     */
    public MapRecord withFiles(List<String> others) {
      return new MapRecord(label, score, status, diagnostics, rawMin, rawMax, others);
    }
  }

  /**
   * Why a sample failed.
   *
   * @param stage "loading", "explaining" or "writing"
   * @param reason what went wrong, and what to do
   */
  public record Failure(String stage, String reason) {}
}

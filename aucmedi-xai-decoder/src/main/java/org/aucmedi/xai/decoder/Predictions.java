package org.aucmedi.xai.decoder;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableList;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.aucmedi.xai.error.XAIException;

/**
 * What a model predicts of a set of images, as AUCMEDI keeps it in a CSV file: a column {@code
 * SAMPLE} and one per class, a row per image.
 *
 * <p>AUCMEDI names an image without its extension: image {@code a.png} has the row {@code a}. A row
 * of the whole name is understood as well, and takes precedence.
 *
 * <pre>{@code
 * Predictions predictions = Predictions.read(Path.of("preds.csv"));
 * decoder.optPredictions(predictions.rows(generator.samples()));
 * }</pre>
 */
public final class Predictions {

  private final String source;
  private final ImmutableList<String> classNames;
  private final Map<String, float[]> rows;

  /**
   * Constructs predictions.
   *
   * @param source what a message calls them, for instance the file
   * @param rows by sample, in their order, each as long as there are classes
   */
  Predictions(String source, List<String> classNames, Map<String, float[]> rows) {
    this.source = source;
    this.classNames = ImmutableList.copyOf(classNames);
    this.rows = rows;
  }

  /**
   * Makes predictions of a model's outputs; the columns are named "0", "1" and so on.
   *
   * @param outputs by sample, in their order, one value per class
   * @return the predictions
   * @throws IllegalArgumentException if two samples have different numbers of classes
   */
  public static Predictions of(Map<String, float[]> outputs) {
    int classes = outputs.values().stream().mapToInt(row -> row.length).findFirst().orElse(0);
    return of(IntStream.range(0, classes).mapToObj(String::valueOf).toList(), outputs);
  }

  /**
   * Makes predictions of a model's outputs.
   *
   * @param classNames the classes, each once
   * @param outputs by sample, in their order, one value per class
   * @return the predictions
   * @throws IllegalArgumentException if a sample has another number of values, or a class is named
   *     twice
   */
  public static Predictions of(List<String> classNames, Map<String, float[]> outputs) {
    checkArgument(
        new HashSet<>(classNames).size() == classNames.size(),
        "a class is named twice in %s",
        classNames);
    Map<String, float[]> rows = new LinkedHashMap<>();
    outputs.forEach(
        (sample, row) -> {
          checkArgument(
              row.length == classNames.size(),
              "sample '%s' has %s outputs for the classes %s; give one for each",
              sample,
              row.length,
              classNames);
          rows.put(sample, row.clone());
        });
    return new Predictions("the predictions", classNames, rows);
  }

  /**
   * Reads a CSV file, AUCMEDI's or one that {@link #write} has written.
   *
   * @param csv the file: a header with {@code SAMPLE} and the names of the classes, in any order
   * @return the predictions, in the order of the file
   * @throws XAIException if it cannot be read or is not such a file; the message gives the line
   */
  public static Predictions read(Path csv) {
    return PredictionsCsv.read(csv);
  }

  /**
   * Writes the CSV file that AUCMEDI writes: rows sorted by sample, columns in the order of the
   * classes. Samples are named without their extension, except where two would share a name. The
   * file appears whole or not at all; one that is there is replaced.
   *
   * @param csv the file
   * @throws XAIException if it cannot be written
   */
  public void write(Path csv) {
    PredictionsCsv.write(this, csv);
  }

  /** {@return the classes, in the order of the columns} */
  public List<String> classNames() {
    return classNames;
  }

  /** {@return the samples, as they are named here, in their order} */
  public List<String> samples() {
    return List.copyOf(rows.keySet());
  }

  /**
   * Puts the columns into the order of a model's classes.
   *
   * @param names the names of the model's classes
   * @return the same predictions in that order
   * @throws XAIException if the columns are not these classes
   */
  public Predictions inOrderOf(List<String> names) {
    if (!new HashSet<>(names).equals(new HashSet<>(classNames))) {
      throw new XAIException(
          source
              + " has the classes "
              + classNames
              + ", the model has "
              + names
              + "; take the predictions of this model");
    }
    int[] columns = names.stream().mapToInt(classNames::indexOf).toArray();
    Map<String, float[]> ordered = new LinkedHashMap<>();
    rows.forEach(
        (sample, row) -> {
          float[] moved = new float[columns.length];
          for (int c = 0; c < columns.length; c++) {
            moved[c] = row[columns[c]];
          }
          ordered.put(sample, moved);
        });
    return new Predictions(source, names, ordered);
  }

  /**
   * Finds the rows of samples.
   *
   * @param samples names with extension
   * @return one row per sample, in their order, one column per class, as {@link
   *     XAIDecoder.Builder#optPredictions} takes them
   * @throws XAIException if a sample has no row, or two have the same
   */
  public float[][] rows(List<String> samples) {
    Map<String, String> owners = new HashMap<>();
    return samples.stream()
        .map(
            sample -> {
              String key = key(sample);
              String other = owners.putIfAbsent(key, sample);
              if (other != null) {
                throw new XAIException(
                    source
                        + " has one row, '"
                        + key
                        + "', for two images, "
                        + other
                        + " and "
                        + sample
                        + "; name the rows with the extensions");
              }
              return rows.get(key).clone();
            })
        .toArray(float[][]::new);
  }

  private String key(String sample) {
    return Stream.of(sample, withoutExtension(sample), withoutCompressedExtension(sample))
        .filter(rows::containsKey)
        .findFirst()
        .orElseThrow(
            () ->
                new XAIException(
                    source
                        + " has no row for the image "
                        + sample
                        + " among its "
                        + rows.size()
                        + (rows.isEmpty() ? "" : ", which begin with '" + samples().get(0) + "'")
                        + "; give the predictions of these images, or explain only images that"
                        + " have one"));
  }

  /** A name as AUCMEDI has it. */
  static String withoutExtension(String sample) {
    int dot = sample.lastIndexOf('.');
    return dot > sample.lastIndexOf('/') + 1 ? sample.substring(0, dot) : sample;
  }

  private static String withoutCompressedExtension(String sample) {
    return sample.endsWith(".nii.gz") ? withoutExtension(withoutExtension(sample)) : sample;
  }

  /** Returns the row of a sample, not a copy. */
  float[] row(String sample) {
    return Objects.requireNonNull(rows.get(sample));
  }
}

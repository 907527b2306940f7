package org.aucmedi.xai.decoder;

import com.google.common.collect.ImmutableMap;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import com.google.gson.JsonPrimitive;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.aucmedi.xai.error.XAIException;
import org.aucmedi.xai.imaging.FileErrors;
import org.aucmedi.xai.imaging.ImageLoader;
import org.jspecify.annotations.Nullable;

/**
 * The samples of a data set, as AUCMEDI's {@code input_interface} finds them: named in a CSV or
 * JSON file, or lying in a folder.
 *
 * <p>Names are texts: "001" stays "001". A name that is no file gets the extension of the image
 * that it stands for, each its own, so that formats may be mixed. {@link #files()} goes to {@link
 * DataGenerator.Builder#addSample(String, Path)}.
 */
public final class InputInterface {

  private static final String SAMPLE = "SAMPLE";
  private static final String CLASS = "CLASS";
  private static final String LEGEND = "legend";
  private static final long MOST_BYTES = 256_000_000;

  private final ImmutableMap<String, Path> files;
  private final List<String> classNames;
  private final float @Nullable [][] labels;
  private final List<String> leftOut;

  InputInterface(
      Map<String, Path> files,
      List<String> classNames,
      float @Nullable [][] labels,
      List<String> leftOut) {
    this.files = ImmutableMap.copyOf(files);
    this.classNames = List.copyOf(classNames);
    this.labels = labels;
    this.leftOut = List.copyOf(leftOut);
  }

  /** {@return the files by the names of the samples, with extension, in order} */
  public Map<String, Path> files() {
    return files;
  }

  /** {@return the names of the samples, with extension, in order} */
  public List<String> samples() {
    return files.keySet().asList();
  }

  /** {@return the names of the classes; empty if the classes are not known} */
  public List<String> classNames() {
    return classNames;
  }

  /**
   * {@return the classes of the samples, one-hot: 1 for each class that a sample has, else 0; row i
   * belongs to sample i, column c to class c. Null if the classes are not known}
   */
  public float @Nullable [][] labels() {
    return labels == null
        ? null
        : Arrays.stream(labels).map(float[]::clone).toArray(float[][]::new);
  }

  /** {@return the names of what lies in the folder and is no image, sorted} */
  public List<String> leftOut() {
    return leftOut;
  }

  /**
   * Lists the images of a folder, without their classes: AUCMEDI's interface "directory" for
   * inference.
   *
   * @param folder the folder, whose subfolders are not searched
   * @return the images in alphabetical order
   * @throws XAIException if the folder cannot be read, or has no image
   */
  public static InputInterface directory(Path folder) {
    Listing listing = new Listing(folder);
    listing.add(folder, "");
    return listing.end(List.of(), null);
  }

  /**
   * Lists the images of subfolders, each of which is a class: AUCMEDI's interface "directory" for
   * training. A subfolder without images is left out, so that it is no class.
   *
   * @param folder the folder
   * @return the images, named {@code class/file.ext}, by class in alphabetical order
   * @throws XAIException if a folder cannot be read, or there is no image
   */
  public static InputInterface classDirectories(Path folder) {
    Listing listing = new Listing(folder);
    List<String> classes = new ArrayList<>();
    List<Integer> sizes = new ArrayList<>();
    for (Path entry : entries(folder)) {
      String name = entry.getFileName().toString();
      int before = listing.found.size();
      if (Files.isDirectory(entry) && !name.startsWith(".")) {
        listing.add(entry, name + "/");
      }
      if (listing.found.size() > before) {
        classes.add(name);
        sizes.add(listing.found.size() - before);
      } else {
        listing.leftOut.add(name);
      }
    }
    float[][] labels = new float[listing.found.size()][classes.size()];
    for (int c = 0, row = 0; c < classes.size(); c++) {
      for (int n = 0; n < sizes.get(c); n++) {
        labels[row++][c] = 1;
      }
    }
    return listing.end(classes, labels);
  }

  /** The images of a folder. */
  private static final class Listing {

    private final Path root;
    private final Map<String, Path> found = new LinkedHashMap<>();
    private final List<String> leftOut = new ArrayList<>();

    Listing(Path root) {
      this.root = root;
    }

    void add(Path folder, String prefix) {
      for (Path entry : entries(folder)) {
        String name = entry.getFileName().toString();
        if (Files.isRegularFile(entry) && !name.startsWith(".") && ImageLoader.isSupported(entry)) {
          found.put(prefix + name, entry);
        } else {
          leftOut.add(prefix + name);
        }
      }
    }

    InputInterface end(List<String> classes, float @Nullable [][] labels) {
      if (found.isEmpty()) {
        throw new XAIException(
            "there is no image in "
                + root
                + (leftOut.isEmpty() ? "" : ", only " + leftOut)
                + "; give a folder of "
                + String.join(", ", ImageLoader.extensions()));
      }
      return new InputInterface(found, classes, labels, leftOut);
    }
  }

  static List<Path> entries(Path folder) {
    try (Stream<Path> list = Files.list(folder)) {
      return list.sorted().toList();
    } catch (IOException e) {
      throw new XAIException("cannot read the folder " + folder + ": " + FileErrors.reason(e), e);
    } catch (UncheckedIOException e) {
      throw new XAIException(
          "cannot read the folder " + folder + ": " + FileErrors.reason(e.getCause()), e);
    }
  }

  /**
   * Reads a CSV file with AUCMEDI's columns: SAMPLE, and CLASS with the name of the class, or else
   * one column per class with 0 and 1. Without such columns the classes are not known.
   *
   * @param folder where the images are
   * @param csv the file
   * @return the samples in the order of the file
   * @throws XAIException if the file cannot be read or is no such file, or an image is missing
   */
  public static InputInterface csv(Path folder, Path csv) {
    return csv(folder, csv, SAMPLE, CLASS, null);
  }

  /**
   * Reads a CSV file.
   *
   * @param folder where the images are
   * @param csv the file
   * @param sampleColumn the column of names, AUCMEDI's {@code col_sample}
   * @param classColumn the column with the name of the class, AUCMEDI's {@code col_class}; where
   *     the file has none, the classes are columns of 0 and 1
   * @param classColumns those columns, AUCMEDI's {@code ohe_range}; null for all other columns
   * @return the samples in the order of the file
   * @throws XAIException if the file cannot be read or is no such file, or an image is missing
   */
  public static InputInterface csv(
      Path folder,
      Path csv,
      String sampleColumn,
      String classColumn,
      @Nullable List<String> classColumns) {
    try (BufferedReader text = Files.newBufferedReader(csv)) {
      CsvReader reader = new CsvReader(text);
      List<String> header = reader.record();
      int sample = header == null ? -1 : header.indexOf(sampleColumn);
      if (header == null || sample < 0) {
        throw new XAIException(
            csv
                + " has no column "
                + sampleColumn
                + (header == null ? "" : ", only " + header)
                + "; name the column of the samples so, as AUCMEDI does");
      }
      int single = classColumns == null ? header.indexOf(classColumn) : -1;
      List<String> hot =
          single >= 0
              ? List.of()
              : classColumns == null
                  ? header.stream().filter(column -> !column.equals(sampleColumn)).toList()
                  : classColumns;
      SampleTable table = new SampleTable(folder, csv);
      for (List<String> fields = reader.record(); fields != null; fields = reader.record()) {
        String where = csv + ", line " + reader.line() + ", ";
        if (fields.size() != header.size()) {
          throw new XAIException(
              where
                  + "has "
                  + fields.size()
                  + " values where the header has "
                  + header.size()
                  + "; correct it");
        }
        if (single >= 0) {
          table.add(where, fields.get(sample), fields.get(single));
        } else {
          List<String> values = new ArrayList<>();
          for (String column : hot) {
            int at = header.indexOf(column);
            if (at < 0) {
              throw new XAIException(
                  csv + " has no column " + column + ", only " + header + "; correct its name");
            }
            values.add(fields.get(at));
          }
          table.add(where, fields.get(sample), values);
        }
      }
      return table.end(single >= 0 ? null : hot);
    } catch (CharacterCodingException e) {
      throw new XAIException(csv + " is not text in UTF-8; export it as CSV", e);
    } catch (IOException e) {
      throw new XAIException("cannot read " + csv + ": " + FileErrors.reason(e), e);
    }
  }

  /**
   * Reads a JSON file of AUCMEDI's: an object with a member for each sample, which is the name of
   * its class or a list of 0 and 1, and a member "legend" with the names of the classes of such
   * lists; without it they are "0", "1" and so on.
   *
   * @param folder where the images are
   * @param json the file
   * @return the samples in the order of the file
   * @throws XAIException if the file cannot be read or is no such file, or an image is missing
   */
  public static InputInterface json(Path folder, Path json) {
    JsonObject content = object(json);
    SampleTable table = new SampleTable(folder, json);
    List<String> legend = null;
    for (Map.Entry<String, JsonElement> member : content.entrySet()) {
      String where = json + ", '" + member.getKey() + "', ";
      JsonElement value = member.getValue();
      if (member.getKey().equals(LEGEND) && value.isJsonArray()) {
        legend = texts(where, value);
      } else if (value.isJsonArray()) {
        table.add(where, member.getKey(), texts(where, value));
      } else {
        table.add(where, member.getKey(), text(where, value));
      }
    }
    return table.end(legend);
  }

  private static JsonObject object(Path json) {
    try {
      if (Files.size(json) > MOST_BYTES) {
        throw new XAIException(json + " is too large for a list of samples");
      }
      JsonElement parsed = JsonParser.parseString(Files.readString(json));
      if (parsed.isJsonObject()) {
        return parsed.getAsJsonObject();
      }
    } catch (JsonParseException e) {
      throw new XAIException(json + " is no JSON file; write {\"sample\": \"class\"}", e);
    } catch (CharacterCodingException e) {
      throw new XAIException(json + " is not text in UTF-8", e);
    } catch (IOException e) {
      throw new XAIException("cannot read " + json + ": " + FileErrors.reason(e), e);
    }
    throw new XAIException(json + " holds no object; write {\"sample\": \"class\"}");
  }

  private static String text(String where, JsonElement value) {
    if (value instanceof JsonPrimitive primitive) {
      return primitive.getAsString();
    }
    throw new XAIException(
        where + "is neither the name of a class nor a list of 0 and 1; correct it");
  }

  private static List<String> texts(String where, JsonElement array) {
    List<String> texts = new ArrayList<>();
    array.getAsJsonArray().forEach(element -> texts.add(text(where, element)));
    return texts;
  }
}

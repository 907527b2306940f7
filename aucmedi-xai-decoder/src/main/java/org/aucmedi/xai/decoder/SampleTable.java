package org.aucmedi.xai.decoder;

import com.google.common.base.Ascii;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.aucmedi.xai.error.XAIException;
import org.aucmedi.xai.imaging.ImageLoader;
import org.jspecify.annotations.Nullable;

/** Samples with the name of their class, or one number per class. */
final class SampleTable {

  private final Path folder;
  private final Path source;
  private final Map<String, Path> found = new LinkedHashMap<>();
  private final List<String> classes = new ArrayList<>();
  private final List<float[]> rows = new ArrayList<>();
  private final Map<Path, List<String>> listings = new LinkedHashMap<>();

  SampleTable(Path folder, Path source) {
    this.folder = folder;
    this.source = source;
  }

  void add(String where, String sample, String className) {
    addFile(where, sample);
    classes.add(className);
  }

  void add(String where, String sample, List<String> values) {
    addFile(where, sample);
    float[] row = new float[values.size()];
    for (int c = 0; c < row.length; c++) {
      row[c] =
          switch (values.get(c)) {
            case "0", "0.0", "False", "false" -> 0;
            case "1", "1.0", "True", "true" -> 1;
            default ->
                throw new XAIException(
                    where
                        + "has '"
                        + values.get(c)
                        + "' for a class, which is neither 0 nor 1; correct it, or name the"
                        + " classes in a column CLASS");
          };
    }
    if (!rows.isEmpty() && rows.get(0).length != row.length) {
      throw new XAIException(
          where + "has " + row.length + " classes, others have " + rows.get(0).length);
    }
    rows.add(row);
  }

  private void addFile(String where, String sample) {
    String name = fileName(where, sample);
    Path file = folder.resolve(name);
    if (found.putIfAbsent(name, file) != null) {
      throw new XAIException(where + "names the sample '" + sample + "' once more; remove one");
    }
  }

  /** The name of a file that is there: as given, or with the extension of an image. */
  private String fileName(String where, String sample) {
    Path file;
    try {
      file = folder.resolve(sample);
    } catch (InvalidPathException e) {
      throw new XAIException(where + "names no file: '" + sample + "'", e);
    }
    if (!sample.isEmpty() && Files.isRegularFile(file)) {
      return sample;
    }
    Path parent = file.getParent();
    String stem = sample.isEmpty() ? "" : String.valueOf(file.getFileName());
    List<String> beside =
        parent == null || stem.isEmpty()
            ? List.of()
            : listings.computeIfAbsent(parent, SampleTable::names).stream()
                .filter(name -> isImageOf(name, stem))
                .toList();
    if (beside.size() == 1) {
      return sample + beside.get(0).substring(stem.length());
    }
    throw new XAIException(
        where
            + (beside.isEmpty()
                ? "names the sample '"
                    + sample
                    + "', and there is no such image in "
                    + folder
                    + "; correct the name or the folder"
                : "names the sample '"
                    + sample
                    + "', which may be any of "
                    + beside
                    + "; name it with its extension"));
  }

  private static boolean isImageOf(String name, String stem) {
    return name.startsWith(stem + ".")
        && ImageLoader.extensions().contains(Ascii.toLowerCase(name.substring(stem.length() + 1)));
  }

  private static List<String> names(Path folder) {
    return Files.isDirectory(folder)
        ? InputInterface.entries(folder).stream()
            .map(entry -> entry.getFileName().toString())
            .toList()
        : List.of();
  }

  InputInterface end(@Nullable List<String> names) {
    if (found.isEmpty()) {
      throw new XAIException(source + " names no sample");
    }
    if (!classes.isEmpty() && !rows.isEmpty()) {
      throw new XAIException(
          source + " gives some samples the name of a class and some a list; use one of them");
    }
    if (!classes.isEmpty()) {
      List<String> sorted = List.copyOf(new TreeSet<>(classes));
      float[][] labels = new float[classes.size()][sorted.size()];
      for (int row = 0; row < labels.length; row++) {
        labels[row][sorted.indexOf(classes.get(row))] = 1;
      }
      return new InputInterface(found, sorted, labels, List.of());
    }
    int columns = rows.get(0).length;
    List<String> own = names == null ? numbered(columns) : names;
    if (own.size() != columns || new HashSet<>(own).size() != columns) {
      throw new XAIException(
          source + " names the classes " + own + " for lists of " + columns + "; correct it");
    }
    return new InputInterface(
        found, own, columns == 0 ? null : rows.toArray(float[][]::new), List.of());
  }

  private static List<String> numbered(int count) {
    List<String> names = new ArrayList<>();
    for (int c = 0; c < count; c++) {
      names.add(String.valueOf(c));
    }
    return names;
  }
}

package org.aucmedi.xai.engine.mxnet;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.aucmedi.xai.error.XAIException;

/**
 * The two files of a symbol model: {@code NAME-symbol.json} and {@code NAME-0000.params}, where the
 * number counts epochs.
 *
 * @param symbol the graph
 * @param params the weights
 */
record SymbolFiles(Path symbol, Path params) {

  private static final String SYMBOL = "-symbol.json";
  private static final String PARAMS = ".params";
  private static final Pattern EPOCH = Pattern.compile("(.+)-\\d{4}\\.params");

  /** Returns whether a path looks like a symbol model. */
  static boolean areAt(Path path) {
    return Files.isDirectory(path)
        ? Files.isReadable(path) && !list(path, SYMBOL).isEmpty()
        : name(path).endsWith(SYMBOL) || name(path).endsWith(PARAMS);
  }

  /**
   * Finds both files, given one of them or their folder.
   *
   * @param path a file or folder that exists
   * @return the files
   * @throws IllegalArgumentException if the path is ambiguous or not a symbol model
   * @throws XAIException if one of the two is missing
   */
  static SymbolFiles at(Path path) {
    if (Files.isDirectory(path)) {
      return withParams(only(path, SYMBOL));
    }
    if (name(path).endsWith(SYMBOL)) {
      return withParams(path);
    }
    if (!name(path).endsWith(PARAMS)) {
      throw new IllegalArgumentException(
          path
              + " is not an MXNet symbol model; specify NAME-symbol.json, NAME-0000.params or the"
              + " folder that contains both");
    }
    Matcher epoch = EPOCH.matcher(name(path));
    String prefix =
        epoch.matches()
            ? epoch.group(1)
            : name(path).substring(0, name(path).length() - PARAMS.length());
    Path symbol = path.resolveSibling(prefix + SYMBOL);
    if (!Files.isRegularFile(symbol)) {
      throw new XAIException(
          "there is no " + symbol + " for the weights " + path + "; put it beside them");
    }
    return new SymbolFiles(symbol, path);
  }

  private static SymbolFiles withParams(Path symbol) {
    String prefix = name(symbol).substring(0, name(symbol).length() - SYMBOL.length());
    List<Path> found =
        list(symbol.toAbsolutePath().getParent(), PARAMS).stream()
            .filter(
                file -> {
                  Matcher epoch = EPOCH.matcher(name(file));
                  return name(file).equals(prefix + PARAMS)
                      || (epoch.matches() && epoch.group(1).equals(prefix));
                })
            .toList();
    if (found.isEmpty()) {
      throw new XAIException(
          "there is no "
              + prefix
              + "-0000.params beside "
              + symbol
              + "; a symbol needs the weights that were saved with it");
    }
    if (found.size() > 1) {
      throw new IllegalArgumentException(
          "there are several files of weights for " + symbol + "; specify one: " + found);
    }
    return new SymbolFiles(symbol, found.get(0));
  }

  private static Path only(Path folder, String ending) {
    List<Path> found = list(folder, ending);
    if (found.isEmpty()) {
      throw new IllegalArgumentException(
          "the folder "
              + folder
              + " contains no file NAME"
              + ending
              + "; specify the model's folder");
    }
    if (found.size() > 1) {
      throw new IllegalArgumentException(
          "the folder "
              + folder
              + " contains several models; specify one of their files: "
              + found);
    }
    return found.get(0);
  }

  private static List<Path> list(Path folder, String ending) {
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .filter(file -> name(file).endsWith(ending) && Files.isRegularFile(file))
          .sorted()
          .toList();
    } catch (IOException e) {
      throw new XAIException("cannot list the folder " + folder + "; make it readable", e);
    }
  }

  private static String name(Path path) {
    return String.valueOf(path.getFileName());
  }
}

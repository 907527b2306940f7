package org.aucmedi.xai.cli;

import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import org.aucmedi.xai.XAIMethodRegistry;
import org.aucmedi.xai.model.ExplainableModelProvider;
import org.aucmedi.xai.model.Services;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.OptionSpec;

/** The fixed values that an option has, for completion and suggestions. */
final class Choices {

  /** A word of a label that stands for itself, such as png in png|gif|C,W. */
  private static final Pattern WORD = Pattern.compile("[a-z0-9][a-z0-9.-]*");

  private Choices() {}

  /**
   * Lists the values.
   *
   * @param argument an option
   * @return its values as they are written; empty if it has none that are fixed
   */
  static List<String> of(ArgSpec argument) {
    if (argument instanceof OptionSpec option) {
      switch (option.longestName()) {
        case "--method" -> {
          XAIMethodRegistry registry = new XAIMethodRegistry();
          return registry.providers().stream()
              .map(provider -> registry.keysOf(provider).get(0))
              .toList();
        }
        case "--engine" -> {
          return Services.load(ExplainableModelProvider.class).stream()
              .map(ExplainableModelProvider::engineName)
              .sorted()
              .distinct()
              .toList();
        }
        case "--standardize" -> {
          return List.of(
              "tf", "rescale", "torch", "caffe", "z-score", "minmax", "grayscale", "none");
        }
        default -> {}
      }
    }
    String label = argument.paramLabel();
    return label.indexOf('|') < 0
        ? List.of()
        : Arrays.stream(label.split("\\|"))
            .map(word -> word.replaceFirst("\\[.*", ""))
            .filter(word -> WORD.matcher(word).matches())
            .toList();
  }
}

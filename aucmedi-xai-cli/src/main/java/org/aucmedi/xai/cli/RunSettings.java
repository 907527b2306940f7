package org.aucmedi.xai.cli;

import com.google.common.collect.ImmutableSet;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.aucmedi.xai.manifest.Sha256;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/** The options in effect that change what a run's results are. */
final class RunSettings {

  /** What may differ between the runs that make one set of results. */
  private static final Set<String> FREE =
      ImmutableSet.of(
          "help",
          "version",
          "debug",
          "model",
          "images",
          "samples",
          "output",
          "batch-size",
          "device",
          "resume",
          "overwrite",
          "shard",
          "json",
          "quiet",
          "verbose",
          "config",
          "save-config",
          "dry-run",
          "report",
          "viewer");

  private RunSettings() {}

  /**
   * Returns the settings of a command line by name, defaults included; a file is told by its
   * SHA-256.
   */
  static Map<String, String> of(CommandSpec command) {
    Map<String, String> settings = new LinkedHashMap<>();
    for (OptionSpec option : command.options()) {
      String name = option.longestName().replaceFirst("^-+", "");
      if (!FREE.contains(name)) {
        String value = value(command, option);
        if (value != null) {
          settings.put(name, value);
        }
      }
    }
    return settings;
  }

  private static @Nullable String value(CommandSpec command, OptionSpec option) {
    if (!command.commandLine().getParseResult().hasMatchedOption(option)) {
      String standard = option.defaultValue();
      return standard == null || standard.equals("false") ? null : lower(option, standard);
    }
    if (option.typeInfo().isBoolean()) {
      Object value = option.getValue();
      return Boolean.TRUE.equals(value) ? "true" : null;
    }
    List<String> values = new ArrayList<>(option.originalStringValues());
    if (option.typeInfo().isMap()) {
      values.sort(null);
    }
    if (Path.class.equals(option.type())) {
      return values.stream().map(RunSettings::content).collect(Collectors.joining(","));
    }
    return lower(option, String.join(",", values));
  }

  /** Choices are the same in any case of their letters; names of layers and outputs are not. */
  private static String lower(OptionSpec option, String value) {
    return option.longestName().matches("--(method|profile|format|colormap|map-on|standardize)")
        ? value.toLowerCase(Locale.ROOT)
        : value;
  }

  private static String content(String file) {
    try {
      return "sha256:" + Sha256.of(Path.of(file)).digits();
    } catch (IOException e) {
      return file;
    }
  }

  /**
   * Returns what differs, for a message.
   *
   * @return such as "--format (npy then, png now)"; empty if nothing differs
   */
  static String differences(Map<String, String> then, Map<String, String> now) {
    Set<String> names = new TreeSet<>(then.keySet());
    names.addAll(now.keySet());
    return names.stream()
        .filter(name -> !Objects.equals(then.get(name), now.get(name)))
        .map(
            name ->
                "--"
                    + name
                    + " ("
                    + then.getOrDefault(name, "not given")
                    + " then, "
                    + now.getOrDefault(name, "not given")
                    + " now)")
        .collect(Collectors.joining(", "));
  }
}

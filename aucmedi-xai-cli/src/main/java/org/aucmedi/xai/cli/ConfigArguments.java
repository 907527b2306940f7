package org.aucmedi.xai.cli;

import com.google.common.collect.ImmutableSet;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.aucmedi.xai.error.Suggestion;
import org.aucmedi.xai.error.XAIException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/** A command line with the options of the file that its {@code --config} names. */
final class ConfigArguments {

  /** What belongs to one call of the program, and so to no file. */
  private static final ImmutableSet<String> OF_ONE_CALL =
      ImmutableSet.of(
          ConfigOptions.CONFIG,
          ConfigOptions.SAVE_CONFIG,
          "--dry-run",
          "--debug",
          "--help",
          "--version",
          "--overwrite",
          "--resume");

  private final CommandSpec command;
  private final Path file;
  private final List<String> given;
  private final Map<String, String> origins = new HashMap<>();

  private ConfigArguments(CommandSpec command, Path file, List<String> given) {
    this.command = command;
    this.file = file;
    this.given = given;
  }

  /**
   * Adds the options of a configuration after those of the command line, which win.
   *
   * @param root the root command
   * @param arguments the command line
   * @param origins receives for each option that comes from the file where it stands
   * @return the arguments, the same if there is no {@code --config}
   * @throws XAIException if the file cannot be read or has what the command does not know
   */
  static String[] expand(CommandLine root, String[] arguments, Map<String, String> origins) {
    for (int i = 0; i < arguments.length; i++) {
      CommandLine command = root.getSubcommands().get(arguments[i]);
      if (command != null) {
        CommandSpec spec = command.getCommandSpec();
        List<String> given = Arrays.asList(arguments).subList(i + 1, arguments.length);
        Path file = spec.findOption(ConfigOptions.CONFIG) == null ? null : config(given);
        if (file == null) {
          break;
        }
        ConfigArguments read = new ConfigArguments(spec, file, given);
        List<String> all = new ArrayList<>(Arrays.asList(arguments));
        all.addAll(read.arguments());
        origins.putAll(read.origins);
        return all.toArray(String[]::new);
      }
    }
    return arguments;
  }

  /** Whether an option is kept in a file. */
  static boolean isKept(OptionSpec option) {
    return !OF_ONE_CALL.contains(option.longestName());
  }

  /** Whether the values of an option are paths. */
  static boolean isPath(OptionSpec option) {
    return option.type() == Path.class
        || Arrays.asList(option.auxiliaryTypes()).contains(Path.class);
  }

  /** Whether an option is there or not, without a value. */
  static boolean isSwitch(OptionSpec option) {
    return option.arity().max() == 0;
  }

  /** The file that is named, or null; what is no path is left to picocli to refuse. */
  private static @Nullable Path config(List<String> given) {
    for (int i = 0; i < given.size(); i++) {
      String argument = given.get(i);
      try {
        if (argument.startsWith(ConfigOptions.CONFIG + "=")) {
          return Path.of(argument.substring(ConfigOptions.CONFIG.length() + 1));
        }
        if (argument.equals(ConfigOptions.CONFIG) && i + 1 < given.size()) {
          return Path.of(given.get(i + 1));
        }
      } catch (InvalidPathException e) {
        return null;
      }
    }
    return null;
  }

  private List<String> arguments() {
    Set<String> names = namesGiven();
    Set<String> keys = keysGiven();
    Map<String, Integer> lines = new HashMap<>();
    List<String> arguments = new ArrayList<>();
    for (ConfigFile.Entry entry : ConfigFile.read(file)) {
      OptionSpec option = option(entry);
      String name = option.longestName();
      Integer before = lines.putIfAbsent(name, entry.line());
      if (before != null && !option.isMultiValue()) {
        throw problem(entry, "'" + entry.name() + "' is given in line " + before + " already");
      }
      String value = value(option, entry);
      boolean overruled =
          option.typeInfo().isMap() ? keys.contains(name + " " + key(value)) : names.contains(name);
      if (overruled || (isSwitch(option) && value.equals("false"))) {
        continue;
      }
      origins.put(name, file + ", line " + entry.line());
      arguments.add(isSwitch(option) ? name : name + "=" + value);
    }
    return arguments;
  }

  private OptionSpec option(ConfigFile.Entry entry) {
    OptionSpec option = command.findOption("--" + entry.name());
    if (option != null && !OF_ONE_CALL.contains(option.longestName())) {
      return option;
    }
    if (option != null) {
      throw problem(entry, "'" + entry.name() + "' belongs on the command line, not in a file");
    }
    List<String> known =
        command.options().stream()
            .filter(ConfigArguments::isKept)
            .map(other -> other.longestName().replaceFirst("^-+", ""))
            .toList();
    throw problem(
        entry,
        "'"
            + command.name()
            + "' has no option '"
            + entry.name()
            + "'; "
            + Suggestion.of(entry.name(), known)
                .map(name -> "did you mean '" + name + "'?")
                .orElse("see '" + command.qualifiedName() + " --help'"));
  }

  private String value(OptionSpec option, ConfigFile.Entry entry) {
    if (isSwitch(option) && !entry.value().matches("true|false")) {
      throw problem(
          entry, "'" + entry.name() + "' must be true or false, got '" + entry.value() + "'");
    }
    if (!isPath(option)) {
      return entry.value();
    }
    try {
      return file.resolveSibling(entry.value()).toString();
    } catch (InvalidPathException e) {
      throw problem(entry, "'" + entry.value() + "' is no file name here (" + e.getReason() + ")");
    }
  }

  private XAIException problem(ConfigFile.Entry entry, String what) {
    return new XAIException(file + ", line " + entry.line() + ": " + what);
  }

  private Set<String> namesGiven() {
    Set<String> names = new HashSet<>();
    for (String argument : given) {
      int equals = argument.indexOf('=');
      OptionSpec option = command.findOption(equals < 0 ? argument : argument.substring(0, equals));
      if (option != null) {
        names.add(option.longestName());
      }
    }
    return names;
  }

  /** The keys of options such as {@code --option steps=100}, after the option's name. */
  private Set<String> keysGiven() {
    Set<String> keys = new HashSet<>();
    for (OptionSpec option : command.options()) {
      if (option.typeInfo().isMap()) {
        String name = option.longestName();
        for (int i = 0; i < given.size(); i++) {
          if (given.get(i).startsWith(name + "=")) {
            keys.add(name + " " + key(given.get(i).substring(name.length() + 1)));
          } else if (given.get(i).equals(name) && i + 1 < given.size()) {
            keys.add(name + " " + key(given.get(i + 1)));
          }
        }
      }
    }
    return keys;
  }

  private static String key(String pair) {
    int equals = pair.indexOf('=');
    return equals < 0 ? pair : pair.substring(0, equals);
  }
}

package org.aucmedi.xai.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.aucmedi.xai.error.XAIException;
import org.aucmedi.xai.imaging.AtomicFiles;
import org.aucmedi.xai.imaging.FileErrors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;

/** The configuration that {@code --save-config} asks for. */
final class SavedConfig {

  private final Path file;
  private final ParseResult parsed;

  private SavedConfig(Path file, ParseResult parsed) {
    this.file = file;
    this.parsed = parsed;
  }

  /**
   * Returns what a command line asks to be kept, or null.
   *
   * @param parsed of the command itself
   * @throws ParameterException if the file is there already
   */
  static @Nullable SavedConfig of(ParseResult parsed) {
    Path file = parsed.matchedOptionValue(ConfigOptions.SAVE_CONFIG, (Path) null);
    if (file == null) {
      return null;
    }
    if (Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
      throw new ParameterException(
          parsed.commandSpec().commandLine(),
          file + " is there already; give another file to --save-config, or move this one away");
    }
    return new SavedConfig(file, parsed);
  }

  /**
   * Writes the file.
   *
   * @throws XAIException if it cannot be written
   */
  void write() {
    byte[] text = text().getBytes(StandardCharsets.UTF_8);
    try {
      Path parent = file.toAbsolutePath().getParent();
      if (parent != null) {
        Files.createDirectories(parent);
      }
      AtomicFiles.write(file, out -> out.write(text));
    } catch (IOException e) {
      throw new XAIException(
          "cannot write the configuration " + file + ": " + FileErrors.reason(e), e);
    }
  }

  private String text() {
    CommandSpec command = parsed.commandSpec();
    StringBuilder text =
        new StringBuilder("# Options of '" + command.qualifiedName() + "', for --config.\n");
    text.append("# What begins with # has its default; paths are relative to this file.\n");
    for (Map.Entry<HelpLayout.Group, List<OptionSpec>> group :
        HelpLayout.groups(command).entrySet()) {
      List<OptionSpec> kept = group.getValue().stream().filter(ConfigArguments::isKept).toList();
      if (!kept.isEmpty()) {
        text.append("\n# ").append(group.getKey().title()).append('\n');
        kept.forEach(option -> append(text, option));
      }
    }
    return text.toString();
  }

  private void append(StringBuilder text, OptionSpec option) {
    String name = option.longestName().replaceFirst("^-+", "");
    if (!parsed.hasMatchedOption(option)) {
      text.append("# ").append(name).append(" = ").append(standIn(option)).append('\n');
      return;
    }
    if (ConfigArguments.isSwitch(option)) {
      boolean on = Boolean.TRUE.equals(option.getValue());
      text.append(name).append(" = ").append(on).append('\n');
      return;
    }
    for (String value : parsed.matchedOption(option.longestName()).originalStringValues()) {
      String kept = ConfigArguments.isPath(option) ? fromHere(value) : value;
      text.append(name).append(" = ").append(ConfigFile.quoted(kept)).append('\n');
    }
  }

  /** What stands for the value of an option that is not given. */
  private static String standIn(OptionSpec option) {
    if (ConfigArguments.isSwitch(option)) {
      return "false";
    }
    return option.defaultValue() == null ? option.paramLabel() : option.defaultValue();
  }

  /** A path below the folder of this file from there, any other from the root. */
  private String fromHere(String value) {
    Path folder = file.toAbsolutePath().normalize().getParent();
    Path path = Path.of(value).toAbsolutePath();
    return folder != null && path.startsWith(folder) && !value.contains("..")
        ? folder.relativize(path).toString()
        : path.toString();
  }
}

package org.aucmedi.xai.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.aucmedi.xai.error.XAIException;
import org.aucmedi.xai.imaging.FileErrors;

/**
 * The text of a configuration: UTF-8, a line {@code name = value} for each option, its name as on
 * the command line without the dashes. An option that may be repeated has a line for each value, a
 * switch is true or false. Empty lines and those that begin with {@code #} say nothing.
 *
 * <p>A value is the rest of its line without the white space around it, just as it stands. Only one
 * in double quotes may begin or end with white space, and has escapes: {@code \n \r \t \" \\}.
 */
final class ConfigFile {

  /** More is no configuration. */
  private static final long MAX_BYTES = 1_000_000;

  private ConfigFile() {}

  /**
   * One line.
   *
   * @param line its number, from 1
   * @param name the option without dashes
   * @param value its value
   */
  record Entry(int line, String name, String value) {}

  /**
   * Reads a file.
   *
   * @throws XAIException if it cannot be read, or a line is not of this form
   */
  static List<Entry> read(Path file) {
    String text;
    try {
      if (Files.size(file) > MAX_BYTES) {
        throw new XAIException(
            file + " has more than " + MAX_BYTES + " bytes, so it is no configuration");
      }
      text = Files.readString(file, StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new XAIException(
          "cannot read the configuration " + file + ": " + FileErrors.reason(e), e);
    }
    List<Entry> entries = new ArrayList<>();
    int number = 0;
    for (String raw : text.lines().toList()) {
      number++;
      String line = (number == 1 && raw.startsWith("\ufeff") ? raw.substring(1) : raw).strip();
      if (line.isEmpty() || line.startsWith("#")) {
        continue;
      }
      int equals = line.indexOf('=');
      if (equals <= 0) {
        throw new XAIException(
            file
                + ", line "
                + number
                + ": '"
                + line
                + "' is no option; write 'name = value', or # before a remark");
      }
      entries.add(
          new Entry(
              number,
              line.substring(0, equals).strip(),
              unquoted(file, number, line.substring(equals + 1).strip())));
    }
    return entries;
  }

  /** Writes a value so that it is read as it was. */
  static String quoted(String value) {
    boolean plain =
        value.equals(value.strip())
            && !value.startsWith("\"")
            && value.chars().noneMatch(c -> c == '\n' || c == '\r' || Character.isISOControl(c));
    if (plain) {
      return value;
    }
    return "\""
        + value
            .replace("\\", "\\\\")
            .replace("\"", "\\\"")
            .replace("\n", "\\n")
            .replace("\r", "\\r")
            .replace("\t", "\\t")
        + "\"";
  }

  private static String unquoted(Path file, int line, String value) {
    if (!value.startsWith("\"")) {
      return value;
    }
    StringBuilder text = new StringBuilder();
    for (int i = 1; i < value.length(); i++) {
      char c = value.charAt(i);
      if (c == '"' && i == value.length() - 1) {
        return text.toString();
      }
      int escape = c == '\\' && i + 1 < value.length() ? "nrt\"\\".indexOf(value.charAt(++i)) : -1;
      if (c == '"' || (c == '\\' && escape < 0)) {
        break;
      }
      text.append(c == '\\' ? "\n\r\t\"\\".charAt(escape) : c);
    }
    throw new XAIException(
        file
            + ", line "
            + line
            + ": "
            + value
            + " is no text in double quotes; end it with one, and write \\\" and \\\\ for those in"
            + " it");
  }
}

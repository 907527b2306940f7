package org.aucmedi.xai.server;

import com.google.common.base.Splitter;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The parameters of a request, each once. */
final class Query {

  /** What the names of a method's options begin with. */
  static final String OPTION = "option.";

  private final Map<String, String> values;

  private Query(Map<String, String> values) {
    this.values = values;
  }

  /** Reads the part of a URL after the question mark. */
  static Query parse(@Nullable String raw) {
    Map<String, String> values = new LinkedHashMap<>();
    for (String part : Splitter.on('&').omitEmptyStrings().split(raw == null ? "" : raw)) {
      int equals = part.indexOf('=');
      String name = decoded(equals < 0 ? part : part.substring(0, equals));
      String value = equals < 0 ? "" : decoded(part.substring(equals + 1));
      if (values.putIfAbsent(name, value) != null) {
        throw new HttpError(
            HttpError.BAD_REQUEST, "the parameter '" + name + "' is there twice; give it once");
      }
    }
    return new Query(values);
  }

  private static String decoded(String text) {
    try {
      return URLDecoder.decode(text, StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      throw new HttpError(
          HttpError.BAD_REQUEST,
          "'" + text + "' is not well encoded; write %25 for a percent sign");
    }
  }

  Map<String, String> values() {
    return values;
  }

  /** Refuses parameters other than these, the token and, if they are known, options. */
  void checkNames(Collection<String> known) {
    for (String name : values.keySet()) {
      boolean option = name.startsWith(OPTION) && known.contains(OPTION);
      if (!known.contains(name) && !name.equals("token") && !option) {
        throw new HttpError(
            HttpError.BAD_REQUEST,
            "unknown parameter '"
                + name
                + "'; "
                + (known.isEmpty()
                    ? "there are none"
                    : "known are "
                        + known.stream()
                            .map(each -> each.equals(OPTION) ? "option.NAME" : each)
                            .collect(Collectors.joining(", "))));
      }
    }
  }

  @Nullable String get(String name) {
    return values.get(name);
  }

  String get(String name, String otherwise) {
    return values.getOrDefault(name, otherwise);
  }

  boolean flag(String name, boolean otherwise) {
    String text = values.get(name);
    if (text == null) {
      return otherwise;
    }
    if (!text.equalsIgnoreCase("true") && !text.equalsIgnoreCase("false")) {
      throw invalid(name, "'" + text + "' is neither true nor false");
    }
    return Boolean.parseBoolean(text);
  }

  /** Reads a value, whose refusal becomes the answer. */
  <T> @Nullable T read(String name, Function<String, T> reader) {
    String text = values.get(name);
    if (text == null) {
      return null;
    }
    try {
      return reader.apply(text);
    } catch (NumberFormatException e) {
      throw invalid(name, "'" + text + "' is no number");
    } catch (IllegalArgumentException e) {
      throw invalid(name, String.valueOf(e.getMessage()));
    }
  }

  /** Reads a constant of an enum, in any case. */
  <E extends Enum<E>> @Nullable E constant(String name, Class<E> type) {
    String text = values.get(name);
    if (text == null) {
      return null;
    }
    return Arrays.stream(type.getEnumConstants())
        .filter(each -> each.name().equalsIgnoreCase(text))
        .findFirst()
        .orElseThrow(
            () ->
                invalid(
                    name,
                    "'"
                        + text
                        + "' is none of "
                        + Arrays.stream(type.getEnumConstants())
                            .map(each -> each.name().toLowerCase(Locale.ROOT))
                            .collect(Collectors.joining(", "))));
  }

  /** The options of a method, by name. */
  Map<String, String> options() {
    Map<String, String> options = new LinkedHashMap<>();
    values.forEach(
        (name, value) -> {
          if (name.startsWith(OPTION)) {
            options.put(name.substring(OPTION.length()), value);
          }
        });
    return options;
  }

  static HttpError invalid(String name, String reason) {
    return new HttpError(HttpError.BAD_REQUEST, name + ": " + reason);
  }
}

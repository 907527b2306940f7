package org.aucmedi.xai;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.Arrays;
import java.util.Locale;
import java.util.Objects;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;

/**
 * A parameter of a method: a name, what it means, what is allowed, and a default for each profile.
 *
 * @param <T> the type of its values
 */
public final class MethodOption<T> {

  private final String name;
  private final String description;
  private final String allowed;
  private final Function<String, T> parser;
  private final UnaryOperator<T> checker;
  private final T aucmedi;
  private final T paper;

  private MethodOption(
      String name,
      String description,
      String allowed,
      Function<String, T> parser,
      UnaryOperator<T> checker,
      T aucmedi,
      T paper) {
    this.name = Objects.requireNonNull(name, "name");
    this.description = Objects.requireNonNull(description, "description");
    this.allowed = Objects.requireNonNull(allowed, "allowed");
    this.parser = Objects.requireNonNull(parser, "parser");
    this.checker = Objects.requireNonNull(checker, "checker");
    this.aucmedi = Objects.requireNonNull(aucmedi, "aucmedi");
    this.paper = Objects.requireNonNull(paper, "paper");
  }

  /**
   * Makes an option of any type.
   *
   * @param name the name, lower-case words joined by minus
   * @param description what it means, with its unit
   * @param allowed the allowed values, in words
   * @param parser reads and checks the text form of a value, or throws IllegalArgumentException; it
   *     must take what {@code toString} of a value gives
   * @param aucmedi the default of {@link Profile#AUCMEDI}
   * @param paper the default of {@link Profile#PAPER}
   * @param <T> the type
   * @return the option
   */
  public static <T> MethodOption<T> of(
      String name,
      String description,
      String allowed,
      Function<String, T> parser,
      T aucmedi,
      T paper) {
    return of(
        name, description, allowed, parser, value -> parser.apply(textOf(value)), aucmedi, paper);
  }

  /**
   * Makes an option some of whose values have no text form.
   *
   * @param name the name, lower-case words joined by minus
   * @param description what it means, with its unit
   * @param allowed the values that can be written, in words
   * @param parser reads and checks the text form of a value, or throws IllegalArgumentException
   * @param checker returns a value that did not come as text, or throws IllegalArgumentException
   * @param aucmedi the default of {@link Profile#AUCMEDI}
   * @param paper the default of {@link Profile#PAPER}
   * @param <T> the type
   * @return the option
   */
  public static <T> MethodOption<T> of(
      String name,
      String description,
      String allowed,
      Function<String, T> parser,
      UnaryOperator<T> checker,
      T aucmedi,
      T paper) {
    return new MethodOption<>(name, description, allowed, parser, checker, aucmedi, paper);
  }

  /**
   * Makes an option whose values are integers.
   *
   * @param name the name
   * @param description what it means
   * @param min the smallest allowed value
   * @param max the largest allowed value
   * @param aucmedi the default of {@link Profile#AUCMEDI}
   * @param paper the default of {@link Profile#PAPER}
   * @return the option
   */
  public static MethodOption<Integer> ofInt(
      String name, String description, int min, int max, int aucmedi, int paper) {
    return of(
        name,
        description,
        "an integer from " + min + " to " + max,
        text -> {
          int value = Integer.parseInt(text);
          checkArgument(value >= min && value <= max);
          return value;
        },
        aucmedi,
        paper);
  }

  /**
   * Makes an option whose values are real numbers.
   *
   * @param name the name
   * @param description what it means
   * @param min the smallest allowed value
   * @param max the largest allowed value
   * @param aucmedi the default of {@link Profile#AUCMEDI}
   * @param paper the default of {@link Profile#PAPER}
   * @return the option
   */
  public static MethodOption<Double> ofDouble(
      String name, String description, double min, double max, double aucmedi, double paper) {
    return of(
        name,
        description,
        "a number from " + min + " to " + max,
        text -> {
          double value = Double.parseDouble(text);
          checkArgument(value >= min && value <= max);
          return value;
        },
        aucmedi,
        paper);
  }

  /**
   * Makes an option whose values are the constants of an enum, written in lower case.
   *
   * @param name the name
   * @param description what it means
   * @param type the enum
   * @param aucmedi the default of {@link Profile#AUCMEDI}
   * @param paper the default of {@link Profile#PAPER}
   * @param <E> the enum
   * @return the option
   */
  public static <E extends Enum<E>> MethodOption<E> ofEnum(
      String name, String description, Class<E> type, E aucmedi, E paper) {
    String allowed =
        Arrays.stream(type.getEnumConstants())
            .map(MethodOption::textOf)
            .collect(Collectors.joining(" or "));
    return of(
        name,
        description,
        allowed,
        text -> Enum.valueOf(type, text.toUpperCase(Locale.ROOT).replace('-', '_')),
        aucmedi,
        paper);
  }

  /**
   * Makes a switch.
   *
   * @param name the name
   * @param description what it means
   * @param aucmedi the default of {@link Profile#AUCMEDI}
   * @param paper the default of {@link Profile#PAPER}
   * @return the option
   */
  public static MethodOption<Boolean> ofBoolean(
      String name, String description, boolean aucmedi, boolean paper) {
    return of(
        name,
        description,
        "true or false",
        text -> {
          checkArgument(text.matches("(?i)true|false"));
          return Boolean.valueOf(text);
        },
        aucmedi,
        paper);
  }

  /**
   * Returns the name.
   *
   * @return lower-case words joined by minus
   */
  public String name() {
    return name;
  }

  /**
   * Returns what the option means.
   *
   * @return one sentence or less
   */
  public String description() {
    return description;
  }

  /**
   * Returns the allowed values.
   *
   * @return the values, in words
   */
  public String allowed() {
    return allowed;
  }

  /**
   * Returns the default.
   *
   * @param profile the profile
   * @return the profile's default
   */
  public T defaultOf(Profile profile) {
    return profile == Profile.PAPER ? paper : aucmedi;
  }

  /**
   * Reads a value.
   *
   * @param text its text form; case does not matter for words
   * @return the value
   * @throws IllegalArgumentException if it is not allowed, naming the option and what is
   */
  public T parse(String text) {
    try {
      return parser.apply(text.strip());
    } catch (IllegalArgumentException e) {
      throw notAllowed(text, e);
    }
  }

  /**
   * Checks a value that did not come as text.
   *
   * @param value the value
   * @return the value
   * @throws IllegalArgumentException if it is not allowed
   */
  T check(T value) {
    try {
      return checker.apply(value);
    } catch (IllegalArgumentException e) {
      throw notAllowed(textOf(value), e);
    }
  }

  private IllegalArgumentException notAllowed(String text, IllegalArgumentException cause) {
    return new IllegalArgumentException(
        "option " + name + " must be " + allowed + ", got '" + text + "'", cause);
  }

  /**
   * Writes a value as {@link #parse} reads it.
   *
   * @param value the value
   * @return its text form; constants of enums in lower case
   */
  public static String textOf(Object value) {
    return value instanceof Enum<?> constant
        ? constant.name().toLowerCase(Locale.ROOT).replace('_', '-')
        : value.toString();
  }

  @Override
  public String toString() {
    return name;
  }
}

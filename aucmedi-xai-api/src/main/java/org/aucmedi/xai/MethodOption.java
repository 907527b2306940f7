package org.aucmedi.xai;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;

/**
 * A parameter of a method: its name, meaning, allowed values, and a default for each profile.
 *
 * <pre>{@code
 * static final MethodOption<Integer> STEPS =
 *     MethodOption.ofInt("steps", "number of steps on the path").range(1, 100_000).defaults(50);
 * }</pre>
 *
 * <p>Two options of the same name and type are equal: a value set with one can be read with the
 * other, once the reading method has validated it against its own option.
 *
 * @param <T> the type of its values
 */
public final class MethodOption<T> {

  private final String name;
  private final Class<T> type;
  private final String description;
  private final String allowed;
  private final double least;
  private final double most;
  private final Function<String, T> parser;
  private final UnaryOperator<T> checker;
  private final T aucmedi;
  private final T paper;

  private MethodOption(Builder<T> builder, T aucmedi, T paper) {
    this.name = builder.name;
    this.type = builder.type;
    this.description = builder.description;
    this.allowed = builder.allowed;
    this.least = builder.min;
    this.most = builder.max;
    this.parser = builder::parse;
    this.checker = builder.checker;
    this.aucmedi = Objects.requireNonNull(aucmedi, "aucmedi");
    this.paper = Objects.requireNonNull(paper, "paper");
  }

  /**
   * Starts an option of any type.
   *
   * @param name the name, lower-case words joined by hyphens
   * @param description what it means, with its unit
   * @param type the type of its values
   * @param allowed the allowed values, in words
   * @param parser reads and checks the text form of a value, or throws IllegalArgumentException; it
   *     must accept the {@code toString} of every value, unless {@link Builder#check} is set
   * @param <T> the type
   * @return a builder
   */
  public static <T> Builder<T> of(
      String name, String description, Class<T> type, String allowed, Function<String, T> parser) {
    return new Builder<>(name, description, type, allowed, parser);
  }

  /**
   * Starts an option whose values are integers.
   *
   * @param name the name
   * @param description what it means
   * @return a builder
   */
  public static NumberBuilder<Integer> ofInt(String name, String description) {
    return new NumberBuilder<>(name, description, Integer.class, "an integer", Integer::valueOf);
  }

  /**
   * Starts an option whose values are real numbers.
   *
   * @param name the name
   * @param description what it means
   * @return a builder
   */
  public static NumberBuilder<Double> ofDouble(String name, String description) {
    return new NumberBuilder<>(name, description, Double.class, "a number", Double::valueOf);
  }

  /**
   * Starts an option whose values are the constants of an enum, written in lower case.
   *
   * @param name the name
   * @param description what it means
   * @param type the enum
   * @param <E> the enum
   * @return a builder
   */
  public static <E extends Enum<E>> Builder<E> ofEnum(
      String name, String description, Class<E> type) {
    String allowed =
        Arrays.stream(type.getEnumConstants())
            .map(MethodOption::textOf)
            .collect(Collectors.joining(" or "));
    return of(
        name,
        description,
        type,
        allowed,
        text -> Enum.valueOf(type, text.toUpperCase(Locale.ROOT).replace('-', '_')));
  }

  /**
   * Starts a boolean option.
   *
   * @param name the name
   * @param description what it means
   * @return a builder
   */
  public static Builder<Boolean> ofBoolean(String name, String description) {
    return of(
        name,
        description,
        Boolean.class,
        "true or false",
        text -> {
          checkArgument(text.matches("(?i)true|false"));
          return Boolean.valueOf(text);
        });
  }

  /** {@return the name, lower-case words joined by hyphens} */
  public String name() {
    return name;
  }

  /** {@return what the option means, one sentence or less} */
  public String description() {
    return description;
  }

  /** {@return the type of the values} */
  public Class<T> type() {
    return type;
  }

  /** {@return the smallest allowed number; negative infinity if there is none} */
  public double least() {
    return least;
  }

  /** {@return the largest allowed number; infinity if there is none} */
  public double most() {
    return most;
  }

  /** {@return the allowed values, in words} */
  public String allowed() {
    return allowed;
  }

  /**
   * {@return the default of a profile}
   *
   * @param profile the profile
   */
  public T defaultOf(Profile profile) {
    return profile == Profile.PAPER ? paper : aucmedi;
  }

  /**
   * Parses a value.
   *
   * @param text its text form; words are case-insensitive
   * @return the value
   * @throws IllegalArgumentException if it is not allowed; the message names the option and the
   *     allowed values
   */
  public T parse(String text) {
    try {
      return parser.apply(text.strip());
    } catch (IllegalArgumentException e) {
      throw notAllowed(text, e);
    }
  }

  /**
   * Checks a value that was not given as text.
   *
   * @param value the value
   * @return the value
   * @throws IllegalArgumentException if it is not allowed
   */
  T check(Object value) {
    try {
      return checker.apply(type.cast(value));
    } catch (IllegalArgumentException | ClassCastException e) {
      throw notAllowed(textOf(value), e);
    }
  }

  private IllegalArgumentException notAllowed(String text, RuntimeException cause) {
    return new IllegalArgumentException(
        "option " + name + " must be " + allowed + ", got '" + text + "'", cause);
  }

  /**
   * Formats a value so that {@link #parse} can read it.
   *
   * @param value the value
   * @return its text form; enum constants in lower case
   */
  public static String textOf(Object value) {
    return value instanceof Enum<?> constant
        ? constant.name().toLowerCase(Locale.ROOT).replace('_', '-')
        : value.toString();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof MethodOption<?> that && name.equals(that.name) && type == that.type;
  }

  @Override
  public int hashCode() {
    return Objects.hash(name, type);
  }

  @Override
  public String toString() {
    return name;
  }

  /**
   * Builds an option.
   *
   * @param <T> the type of its values
   */
  public static sealed class Builder<T> permits NumberBuilder {

    private final String name;
    private final String description;
    private final Class<T> type;
    private String allowed;
    private final Function<String, T> parser;
    private UnaryOperator<T> checker = value -> parse(textOf(value));
    private final Map<String, T> aliases = new HashMap<>();
    double min = Double.NEGATIVE_INFINITY;
    double max = Double.POSITIVE_INFINITY;

    private Builder(
        String name,
        String description,
        Class<T> type,
        String allowed,
        Function<String, T> parser) {
      this.name = Objects.requireNonNull(name, "name");
      this.description = Objects.requireNonNull(description, "description");
      this.type = Objects.requireNonNull(type, "type");
      this.allowed = Objects.requireNonNull(allowed, "allowed");
      this.parser = Objects.requireNonNull(parser, "parser");
    }

    T parse(String text) {
      T known = aliases.get(text.toLowerCase(Locale.ROOT));
      return known == null ? parser.apply(text) : known;
    }

    /**
     * Adds a second name for a value, for instance a former one.
     *
     * @param text the name, lower case
     * @param value the value
     * @return this builder
     */
    public Builder<T> alias(String text, T value) {
      aliases.put(text, value);
      return this;
    }

    /**
     * Sets how to check values that were not given as text, if some have no text form.
     *
     * @param check returns the value, or throws IllegalArgumentException
     * @return this builder
     */
    public Builder<T> check(UnaryOperator<T> check) {
      checker = Objects.requireNonNull(check, "check");
      return this;
    }

    /**
     * Builds an option with the same default in both profiles.
     *
     * @param both the default
     * @return the option
     */
    public MethodOption<T> defaults(T both) {
      return defaults(both, both);
    }

    /**
     * Builds an option with a default for each profile.
     *
     * @param aucmedi the default of {@link Profile#AUCMEDI}
     * @param paper the default of {@link Profile#PAPER}
     * @return the option
     */
    public MethodOption<T> defaults(T aucmedi, T paper) {
      return new MethodOption<>(this, aucmedi, paper);
    }
  }

  /**
   * Builds an option whose values are numbers.
   *
   * @param <T> the type of its values
   */
  public static final class NumberBuilder<T extends Number> extends Builder<T> {

    private NumberBuilder(
        String name, String description, Class<T> type, String kind, Function<String, T> parser) {
      super(name, description, type, kind, parser);
      check(this::checkRange);
    }

    private T checkRange(T value) {
      double number = value.doubleValue();
      checkArgument(Double.isFinite(number) && number >= min && number <= max);
      return value;
    }

    /**
     * Sets the allowed range; by default every finite number is allowed.
     *
     * @param least the smallest allowed value
     * @param most the largest allowed value
     * @return this builder
     */
    public NumberBuilder<T> range(T least, T most) {
      min = least.doubleValue();
      max = most.doubleValue();
      super.allowed += " from " + least + " to " + most;
      return this;
    }

    @Override
    T parse(String text) {
      return checkRange(super.parse(text));
    }
  }
}

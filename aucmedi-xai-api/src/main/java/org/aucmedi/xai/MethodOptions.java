package org.aucmedi.xai;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableMap;
import com.google.common.collect.Maps;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.aucmedi.xai.error.Suggestion;

/**
 * The parameters of a method: a profile, and the options that differ from its defaults.
 *
 * <pre>{@code
 * MethodOptions.of(Profile.PAPER).with(IntegratedGradients.STEPS, 100)
 * }</pre>
 *
 * <p>Immutable.
 */
public final class MethodOptions {

  private final Profile profile;
  private final ImmutableMap<MethodOption<?>, Object> values;

  private MethodOptions(Profile profile, Map<MethodOption<?>, Object> values) {
    this.profile = profile;
    this.values = ImmutableMap.copyOf(values);
  }

  /**
   * {@return the defaults of a profile}
   *
   * @param profile the profile
   */
  public static MethodOptions of(Profile profile) {
    return new MethodOptions(profile, Map.of());
  }

  /**
   * Sets an option.
   *
   * @param option the option
   * @param value the value
   * @param <T> the type of the value
   * @return a copy with the new value
   * @throws IllegalArgumentException if the value is not allowed
   */
  public <T> MethodOptions with(MethodOption<T> option, T value) {
    Map<MethodOption<?>, Object> changed = new HashMap<>(values);
    changed.put(option, option.check(value));
    return new MethodOptions(profile, changed);
  }

  /**
   * Changes the source of the defaults.
   *
   * @param changed the profile
   * @return a copy with the defaults of that profile
   */
  public MethodOptions withProfile(Profile changed) {
    return new MethodOptions(changed, values);
  }

  /**
   * Parses options.
   *
   * @param profile the profile
   * @param known the options of the method
   * @param texts the values in text form, by name; case-insensitive
   * @return the options
   * @throws IllegalArgumentException if a name is unknown or a value is not allowed; the message
   *     lists what is
   */
  public static MethodOptions parse(
      Profile profile, Collection<? extends MethodOption<?>> known, Map<String, String> texts) {
    Map<MethodOption<?>, Object> values = new HashMap<>();
    texts.forEach(
        (name, text) -> {
          MethodOption<?> option =
              known.stream()
                  .filter(candidate -> candidate.name().equals(name.toLowerCase(Locale.ROOT)))
                  .findFirst()
                  .orElseThrow(() -> unknown(name, known));
          values.put(option, option.parse(text));
        });
    return new MethodOptions(profile, values);
  }

  private static IllegalArgumentException unknown(
      String name, Collection<? extends MethodOption<?>> known) {
    return new IllegalArgumentException(
        "unknown option '"
            + name
            + "'; "
            + (known.isEmpty()
                ? "the method has none"
                : Suggestion.question(name, known.stream().map(MethodOption::name).toList())
                    + "the method has "
                    + known.stream()
                        .map(option -> option.name() + " (" + option.allowed() + ")")
                        .collect(Collectors.joining(", "))));
  }

  /**
   * Checks these options against those of a method.
   *
   * @param known the options of the method
   * @return these options
   * @throws IllegalArgumentException if an option is unknown to the method or a value is not
   *     allowed; the message lists what is
   */
  public MethodOptions checkKnown(List<? extends MethodOption<?>> known) {
    values.forEach(
        (option, value) -> {
          int index = known.indexOf(option);
          checkArgument(index >= 0, "%s", unknown(option.name(), known).getMessage());
          known.get(index).check(value);
        });
    return this;
  }

  /**
   * Keeps the options that another method also has, for a method composed of others.
   *
   * @param known the options of the other method
   * @return the profile and the matching options
   */
  public MethodOptions only(List<? extends MethodOption<?>> known) {
    return new MethodOptions(profile, Maps.filterKeys(values, known::contains));
  }

  /**
   * {@return the value of an option: the one that was set, or the profile's default}
   *
   * @param option the option
   * @param <T> its type
   */
  @SuppressWarnings("unchecked") // with() and parse() only put a T there
  public <T> T get(MethodOption<T> option) {
    return (T) values.getOrDefault(option, option.defaultOf(profile));
  }

  /** {@return the profile} */
  public Profile profile() {
    return profile;
  }

  /**
   * Lists the values in effect: those that were set, and the profile's defaults for all others.
   *
   * @param known the options of the method
   * @return the values in text form by name, in the order of the options
   */
  public Map<String, String> inEffect(List<? extends MethodOption<?>> known) {
    ImmutableMap.Builder<String, String> texts = ImmutableMap.builder();
    known.forEach(option -> texts.put(option.name(), MethodOption.textOf(get(option))));
    return texts.buildOrThrow();
  }

  /** Returns the profile and the options that differ from it, as written on the command line. */
  @Override
  public String toString() {
    return profile.name().toLowerCase(Locale.ROOT)
        + values.entrySet().stream()
            .sorted(Comparator.comparing(entry -> entry.getKey().name()))
            .map(entry -> " " + entry.getKey().name() + "=" + MethodOption.textOf(entry.getValue()))
            .collect(Collectors.joining());
  }
}

package org.aucmedi.xai;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.aucmedi.xai.error.Suggestion;
import org.aucmedi.xai.model.ExplainableModel;
import org.aucmedi.xai.model.Services;
import org.jspecify.annotations.Nullable;

/**
 * Finds a method by its key. Keys are case-insensitive, so every key of AUCMEDI's {@code xai_dict}
 * works as spelt there.
 *
 * <p>A registry starts with the methods that {@link java.util.ServiceLoader} finds; add your own
 * with {@link #register(String, XAIMethodFactory)}. Registering a key twice is an error, never an
 * override. Not thread-safe while methods are being registered.
 */
public final class XAIMethodRegistry {

  private static final Pattern KEY = Pattern.compile("[a-z][a-z0-9+_-]*");

  private final Map<String, XAIMethodProvider<?>> byKey = new LinkedHashMap<>();

  /** Constructs a registry with every method on the classpath. */
  public XAIMethodRegistry() {
    this(
        Services.load(XAIMethodCatalog.class).stream()
            .flatMap(catalog -> catalog.methods().stream())
            .toList());
  }

  XAIMethodRegistry(List<XAIMethodProvider<?>> providers) {
    providers.forEach(this::register);
  }

  /**
   * Registers a method of your own that has no options.
   *
   * @param key the key: letters, digits, plus, minus and underscore, starting with a letter
   * @param factory constructs the method, given model, layer and profile
   * @throws IllegalArgumentException if the key is malformed or taken
   */
  public void register(String key, XAIMethodFactory<?> factory) {
    checkKey(key);
    register(new XAIMethodProvider<>(MethodDescription.of(key, key).usingLayer(), factory));
  }

  /**
   * Registers a method under all its keys, or under none of them if one is taken.
   *
   * @param provider the method
   * @throws IllegalArgumentException if a key is malformed or taken
   */
  public void register(XAIMethodProvider<?> provider) {
    Set<String> keys = new LinkedHashSet<>();
    for (String key : provider.description().keys()) {
      String folded = fold(key);
      checkKey(key);
      checkArgument(
          !byKey.containsKey(folded),
          "method key '%s' of %s is taken by %s; choose another",
          key,
          provider,
          byKey.getOrDefault(folded, provider));
      keys.add(folded);
    }
    keys.forEach(key -> byKey.put(key, provider));
  }

  /**
   * Finds a method.
   *
   * @param key one of its keys, in any case
   * @return the method's provider
   * @throws IllegalArgumentException if there is none; the message lists all keys
   */
  public XAIMethodProvider<?> get(String key) {
    XAIMethodProvider<?> provider = byKey.get(fold(key));
    if (provider == null) {
      throw new IllegalArgumentException(
          "unknown method '"
              + key
              + "'; "
              + (byKey.isEmpty()
                  ? "there are no methods on the classpath; add aucmedi-xai-methods"
                  : Suggestion.question(key, byKey.keySet())
                      + "available: "
                      + providers().stream()
                          .map(this::describe)
                          .collect(Collectors.joining(", "))));
    }
    return provider;
  }

  /**
   * Constructs a method with AUCMEDI's defaults.
   *
   * @param key one of its keys, in any case
   * @param model the model to explain
   * @param layerName the layer to use, or null for the method's default
   * @return the method
   * @throws IllegalArgumentException if there is no such method
   */
  public XAIMethodBase create(String key, ExplainableModel model, @Nullable String layerName) {
    return create(key, model, layerName, MethodOptions.of(Profile.AUCMEDI));
  }

  /**
   * Constructs a method.
   *
   * @param key one of its keys, in any case
   * @param model the model to explain
   * @param layerName the layer to use, or null for the method's default
   * @param options the profile and the options that are set
   * @return the method
   * @throws IllegalArgumentException if there is no such method, or an option is unknown to it
   */
  public XAIMethodBase create(
      String key, ExplainableModel model, @Nullable String layerName, MethodOptions options) {
    return get(key).create(model, layerName, options);
  }

  /**
   * Lists the registered methods.
   *
   * @return each method once, in the order of registration
   */
  public List<XAIMethodProvider<?>> providers() {
    return ImmutableList.copyOf(new LinkedHashSet<>(byKey.values()));
  }

  /**
   * Lists the keys of a registered method, without those that differ only in case.
   *
   * @param provider a registered method
   * @return the keys in lower case, the preferred one first
   */
  public List<String> keysOf(XAIMethodProvider<?> provider) {
    return byKey.entrySet().stream()
        .filter(entry -> entry.getValue().equals(provider))
        .map(Map.Entry::getKey)
        .toList();
  }

  private String describe(XAIMethodProvider<?> provider) {
    List<String> keys = keysOf(provider);
    String aliases = String.join(", ", keys.subList(1, keys.size()));
    return aliases.isEmpty() ? keys.get(0) : keys.get(0) + " (" + aliases + ")";
  }

  private static void checkKey(String key) {
    checkArgument(
        KEY.matcher(fold(key)).matches(),
        "method key '%s' is malformed: use letters, digits, +, - and _, starting with a letter",
        key);
  }

  private static String fold(String key) {
    return key.toLowerCase(Locale.ROOT);
  }
}

package org.aucmedi.xai;

import com.google.common.collect.ImmutableMap;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * How a map was computed, so that it can be reproduced.
 *
 * @param method the method's name, for instance "Grad-CAM"
 * @param profile the source of the option defaults, or null if the method has none
 * @param options the value of every option in text form, by name, including defaults and random
 *     seeds
 * @param layer the layer that was used, or null if the method uses none
 * @param model the model's description of itself
 * @param engine DJL's name of the engine and its version
 * @param version the version of this library, or "unknown" if its classes are not packaged in a jar
 */
public record Provenance(
    String method,
    @Nullable Profile profile,
    Map<String, String> options,
    @Nullable String layer,
    String model,
    String engine,
    String version) {

  /** Copies the options, in their order. */
  public Provenance {
    options = ImmutableMap.copyOf(options);
  }

  Provenance withLayer(@Nullable String used) {
    return used == null
        ? this
        : new Provenance(method, profile, options, used, model, engine, version);
  }

  /** Returns one line, for instance "Grad-CAM (aucmedi, relu=false) of conv_last, ...". */
  @Override
  public String toString() {
    String set =
        options.entrySet().stream()
            .map(option -> ", " + option.getKey() + "=" + option.getValue())
            .collect(Collectors.joining());
    return method
        + (profile == null ? "" : " (" + MethodOption.textOf(profile) + set + ")")
        + (layer == null ? "" : " at layer " + layer)
        + ", "
        + model
        + ", "
        + engine
        + ", AUCMEDI-XAI "
        + version;
  }
}

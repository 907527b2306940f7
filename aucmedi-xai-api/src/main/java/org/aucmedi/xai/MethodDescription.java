package org.aucmedi.xai;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import java.util.List;
import java.util.Set;
import org.aucmedi.xai.model.Capability;

/**
 * What is known about a method before it is constructed.
 *
 * <pre>{@code
 * MethodDescription.of("Grad-CAM", "gradcam", "GradCAM", "gc")
 *     .requiring(Capability.LAYERS, Capability.LAYER_GRADIENTS)
 *     .usingLayer()
 *     .withOptions(RELU, LayerChoice.OPTION, Score.OPTION)
 * }</pre>
 *
 * @param name the method's name in the literature
 * @param keys its keys in a registry, the preferred one first; case-insensitive
 * @param requires the capabilities it needs besides predictions
 * @param usesLayer whether a layer name changes the map; if not, layer names are accepted and
 *     ignored
 * @param options its parameters, with distinct names
 */
public record MethodDescription(
    String name,
    List<String> keys,
    Set<Capability> requires,
    boolean usesLayer,
    List<MethodOption<?>> options) {

  /** Copies the parts and checks the names of the options. */
  public MethodDescription {
    checkArgument(!name.isBlank(), "a method needs a name");
    keys = ImmutableList.copyOf(keys);
    checkArgument(!keys.isEmpty(), "%s has no key", name);
    requires = ImmutableSet.copyOf(requires);
    options = ImmutableList.copyOf(options);
    checkArgument(
        options.stream().map(MethodOption::name).distinct().count() == options.size(),
        "%s has two options of the same name: %s",
        name,
        options);
  }

  /**
   * Describes a method that needs only predictions and has no options.
   *
   * @param name the method's name in the literature
   * @param keys its keys in a registry, the preferred one first; case-insensitive
   * @return the description
   */
  public static MethodDescription of(String name, String... keys) {
    return new MethodDescription(name, List.of(keys), Set.of(), false, List.of());
  }

  /**
   * Sets the capabilities that the method needs.
   *
   * @param capabilities the capabilities, besides predictions
   * @return the changed description
   */
  public MethodDescription requiring(Capability... capabilities) {
    return new MethodDescription(name, keys, ImmutableSet.copyOf(capabilities), usesLayer, options);
  }

  /** {@return the description of a method that uses a layer} */
  public MethodDescription usingLayer() {
    return new MethodDescription(name, keys, requires, true, options);
  }

  /**
   * Sets the parameters.
   *
   * @param parameters the method's options
   * @return the changed description
   */
  public MethodDescription withOptions(MethodOption<?>... parameters) {
    return withOptions(ImmutableList.copyOf(parameters));
  }

  /**
   * Sets the parameters.
   *
   * @param parameters the method's options
   * @return the changed description
   */
  public MethodDescription withOptions(List<MethodOption<?>> parameters) {
    return new MethodDescription(name, keys, requires, usesLayer, parameters);
  }
}

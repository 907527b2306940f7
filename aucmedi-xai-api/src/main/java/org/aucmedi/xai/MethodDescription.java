package org.aucmedi.xai;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import java.util.List;
import java.util.Set;
import org.aucmedi.xai.model.Capability;

/**
 * What there is to know of a method before it is constructed.
 *
 * <pre>{@code
 * MethodDescription.of("Grad-CAM", "gradcam", "GradCAM", "gc")
 *     .requiring(Capability.LAYERS, Capability.LAYER_GRADIENTS)
 *     .usingLayer()
 *     .withOptions(RELU, LayerChoice.OPTION, Score.OPTION)
 * }</pre>
 *
 * @param name the method's name in the literature
 * @param keys find it in a registry, the preferred one first; case does not matter
 * @param requires what it needs of a model, besides predictions
 * @param usesLayer whether a layer name changes the map; where not, one is accepted and ignored
 * @param options its parameters, each name once
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
        "%s has two options of one name: %s",
        name,
        options);
  }

  /**
   * Describes a method that needs predictions alone and has no options.
   *
   * @param name the method's name in the literature
   * @param keys find it in a registry, the preferred one first
   * @return the description
   */
  public static MethodDescription of(String name, String... keys) {
    return new MethodDescription(name, List.of(keys), Set.of(), false, List.of());
  }

  /**
   * Sets what the method needs of a model.
   *
   * @param capabilities what it needs
   * @return the changed description
   */
  public MethodDescription requiring(Capability... capabilities) {
    return new MethodDescription(name, keys, ImmutableSet.copyOf(capabilities), usesLayer, options);
  }

  /** {@return the description of a method that looks at a layer} */
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

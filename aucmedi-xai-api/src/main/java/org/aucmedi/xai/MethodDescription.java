package org.aucmedi.xai;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.aucmedi.xai.array.Spacing;
import org.aucmedi.xai.model.Capability;
import org.jspecify.annotations.Nullable;

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
 * @param readsAttention whether it reads the attention weights of a transformer, so that it works
 *     on models only whose weights are outputs of layers; a pass tells
 * @param options its parameters, with distinct names
 * @param cost its passes; null for one forward pass of an image, and one backward pass per map if
 *     it needs gradients
 */
public record MethodDescription(
    String name,
    List<String> keys,
    Set<Capability> requires,
    boolean usesLayer,
    boolean readsAttention,
    List<MethodOption<?>> options,
    @Nullable MethodCost cost) {

  private static final ImmutableSet<Capability> GRADIENTS =
      ImmutableSet.of(
          Capability.INPUT_GRADIENTS, Capability.LAYER_GRADIENTS, Capability.GUIDED_GRADIENTS);

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
    return new MethodDescription(name, List.of(keys), Set.of(), false, false, List.of(), null);
  }

  /**
   * Sets the capabilities that the method needs.
   *
   * @param capabilities the capabilities, besides predictions
   * @return the changed description
   */
  public MethodDescription requiring(Capability... capabilities) {
    return new MethodDescription(
        name, keys, ImmutableSet.copyOf(capabilities), usesLayer, readsAttention, options, cost);
  }

  /** {@return the description of a method that uses a layer} */
  public MethodDescription usingLayer() {
    return new MethodDescription(name, keys, requires, true, readsAttention, options, cost);
  }

  /** {@return the description of a method that reads attention weights, from layers} */
  public MethodDescription readingAttention() {
    return new MethodDescription(name, keys, requires, true, true, options, cost);
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
    return new MethodDescription(name, keys, requires, usesLayer, readsAttention, parameters, cost);
  }

  /**
   * Sets how many passes the method takes.
   *
   * @param passes counts them
   * @return the changed description
   */
  public MethodDescription costing(MethodCost passes) {
    return new MethodDescription(name, keys, requires, usesLayer, readsAttention, options, passes);
  }

  /**
   * {@return what the method needs besides predictions, in words: its capabilities in their order,
   * and the attention weights it reads}
   */
  public List<String> needs() {
    return Stream.concat(
            requires.stream().sorted().map(Capability::description),
            readsAttention ? Stream.of("visible attention weights") : Stream.empty())
        .toList();
  }

  /**
   * Counts the passes of an image.
   *
   * @param values the method's options
   * @param sizes the spatial sizes that the model gets, two or three
   * @param maps how many maps of the image are asked for
   * @return the passes
   */
  public MethodCost.Passes passes(MethodOptions values, int[] sizes, int maps) {
    return passes(values, sizes, null, maps);
  }

  /**
   * Counts the passes of an image whose pixels may have a size.
   *
   * @param values the method's options
   * @param sizes the spatial sizes that the model gets, two or three
   * @param spacing the distances of its pixels, or null if they are not known
   * @param maps how many maps of the image are asked for
   * @return the passes
   * @throws IllegalArgumentException if an option is in millimetres and the spacing is not known
   */
  public MethodCost.Passes passes(
      MethodOptions values, int[] sizes, @Nullable Spacing spacing, int maps) {
    return cost == null
        ? new MethodCost.Passes(1, requires.stream().anyMatch(GRADIENTS::contains) ? maps : 0)
        : cost.of(values, sizes, spacing, maps);
  }
}

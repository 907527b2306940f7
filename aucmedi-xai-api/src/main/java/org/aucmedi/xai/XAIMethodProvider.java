package org.aucmedi.xai;

import java.util.Objects;
import org.aucmedi.xai.model.ExplainableModel;
import org.jspecify.annotations.Nullable;

/**
 * Describes a method and constructs it.
 *
 * <pre>{@code
 * registry.register(
 *     new XAIMethodProvider<>(
 *         MethodDescription.of("My method", "mine").withOptions(MyMethod.SIZE), MyMethod::new));
 * }</pre>
 *
 * @param description describes the method
 * @param factory constructs it
 * @param <M> the method
 */
public record XAIMethodProvider<M extends XAIMethodBase>(
    MethodDescription description, XAIMethodFactory<M> factory) {

  /** Checks the parts. */
  public XAIMethodProvider {
    Objects.requireNonNull(description, "description");
    Objects.requireNonNull(factory, "factory");
  }

  /**
   * Constructs the method.
   *
   * @param model the model to explain
   * @param layerName the layer to use, or null for the method's default
   * @param options the profile and the options that are set
   * @return the method
   * @throws IllegalArgumentException if an option is unknown to the method or its value is not
   *     allowed; the message lists what is
   */
  public M create(ExplainableModel model, @Nullable String layerName, MethodOptions options) {
    return factory.create(model, layerName, options.checkKnown(description.options()));
  }

  /** {@return a builder with AUCMEDI's defaults} */
  public MethodBuilder<M> builder() {
    return new MethodBuilder<>(this::create);
  }

  @Override
  public String toString() {
    return description.name();
  }
}

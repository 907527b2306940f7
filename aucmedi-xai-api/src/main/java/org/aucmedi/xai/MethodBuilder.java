package org.aucmedi.xai;

import ai.djl.Model;
import java.util.Objects;
import org.aucmedi.xai.model.ExplainableModel;
import org.jspecify.annotations.Nullable;

/**
 * Builds a method for one or more models.
 *
 * <pre>{@code
 * GradCam method = GradCam.builder().optProfile(Profile.PAPER).optLayer("conv5").build(model);
 * }</pre>
 *
 * @param <M> the method
 */
public final class MethodBuilder<M extends XAIMethodBase> {

  private final XAIMethodFactory<M> factory;
  private MethodOptions options = MethodOptions.of(Profile.AUCMEDI);
  private @Nullable String layerName;

  /**
   * Starts with AUCMEDI's defaults and the method's default layer.
   *
   * @param factory constructs the method
   */
  public MethodBuilder(XAIMethodFactory<M> factory) {
    this.factory = Objects.requireNonNull(factory, "factory");
  }

  /**
   * Sets the source of the defaults.
   *
   * @param profile the profile; AUCMEDI's by default
   * @return this builder
   */
  public MethodBuilder<M> optProfile(Profile profile) {
    options = options.withProfile(profile);
    return this;
  }

  /**
   * Sets the layer to use.
   *
   * @param name the layer's name, or null for the method's default
   * @return this builder
   */
  public MethodBuilder<M> optLayer(@Nullable String name) {
    layerName = name;
    return this;
  }

  /**
   * Sets an option.
   *
   * @param option one of the method's options
   * @param value the value
   * @param <T> the type of the value
   * @return this builder
   * @throws IllegalArgumentException if the value is not allowed
   */
  public <T> MethodBuilder<M> opt(MethodOption<T> option, T value) {
    options = options.with(option, value);
    return this;
  }

  /**
   * Builds the method.
   *
   * @param model the model to explain
   * @return the method
   * @throws IllegalArgumentException if an option that is set is not one of the method's
   */
  public M build(ExplainableModel model) {
    return factory.create(model, layerName, options);
  }

  /**
   * Builds the method for a DJL model. All methods built for it share one explainable model, which
   * closes with the DJL model.
   *
   * @param model a loaded DJL model
   * @return the method
   * @throws IllegalArgumentException if no engine module on the classpath accepts the model, or an
   *     option that is set is not one of the method's
   */
  public M build(Model model) {
    return build(SharedModels.of(model));
  }
}

package org.aucmedi.xai.methods;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import java.util.List;
import java.util.Set;
import org.aucmedi.xai.AucmediMethod;
import org.aucmedi.xai.MethodOption;
import org.aucmedi.xai.MethodOptions;
import org.aucmedi.xai.Profile;
import org.aucmedi.xai.XAIMethodBase;
import org.aucmedi.xai.model.Capability;
import org.aucmedi.xai.model.ExplainableModel;
import org.aucmedi.xai.spi.XAIMethodProvider;
import org.jspecify.annotations.Nullable;

/** Registers one of AUCMEDI's methods under its keys. */
public abstract class AucmediProvider implements XAIMethodProvider {

  private final AucmediMethod method;
  private final ImmutableSet<Capability> requires;
  private final boolean usesLayer;
  private final ImmutableList<MethodOption<?>> options;
  private final Constructor constructor;

  /** Constructs the method. */
  @FunctionalInterface
  protected interface Constructor {
    /**
     * Constructs the method.
     *
     * @param model the model to explain
     * @param layerName the layer, or null
     * @param options the parameters
     * @return the method
     */
    XAIMethodBase create(ExplainableModel model, @Nullable String layerName, MethodOptions options);
  }

  /**
   * Describes a method.
   *
   * @param method gives name and keys
   * @param requires what it needs of a model
   * @param usesLayer whether a layer name changes the map
   * @param options its parameters
   * @param constructor constructs it
   */
  protected AucmediProvider(
      AucmediMethod method,
      Set<Capability> requires,
      boolean usesLayer,
      List<MethodOption<?>> options,
      Constructor constructor) {
    this.method = method;
    this.requires = ImmutableSet.copyOf(requires);
    this.usesLayer = usesLayer;
    this.options = ImmutableList.copyOf(options);
    this.constructor = constructor;
  }

  @Override
  public final String name() {
    return method.title();
  }

  @Override
  public final List<String> keys() {
    return method.keys();
  }

  @Override
  public final Set<Capability> requires() {
    return requires;
  }

  @Override
  public final boolean usesLayer() {
    return usesLayer;
  }

  @Override
  public final List<MethodOption<?>> options() {
    return options;
  }

  @Override
  public final XAIMethodBase create(ExplainableModel model, @Nullable String layerName) {
    return create(model, layerName, MethodOptions.of(Profile.AUCMEDI));
  }

  @Override
  public final XAIMethodBase create(
      ExplainableModel model, @Nullable String layerName, MethodOptions values) {
    return constructor.create(model, layerName, values.checkKnown(options));
  }
}

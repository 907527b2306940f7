package org.aucmedi.xai.model;

import java.util.Collection;
import java.util.Collections;
import java.util.EnumSet;
import java.util.Set;

/**
 * A kind of model that an engine module supports, known without a model file.
 *
 * @param name the name of the kind within its engine, for instance "TorchScript"
 * @param capabilities what a complete model of this kind can do; a model whose file lacks parts may
 *     do less, see {@link org.aucmedi.xai.model.ExplainableModel#capabilities()}
 */
public record ModelKind(String name, Set<Capability> capabilities) {

  /** Copies the capabilities. */
  public ModelKind {
    EnumSet<Capability> copy = EnumSet.of(Capability.PREDICTION);
    copy.addAll(capabilities);
    capabilities = Collections.unmodifiableSet(copy);
  }

  /**
   * Creates a kind of model with all capabilities.
   *
   * @param name the name of the kind
   * @return the kind
   */
  public static ModelKind ofAll(String name) {
    return new ModelKind(name, EnumSet.allOf(Capability.class));
  }

  /**
   * Creates a kind of model with all capabilities except {@link Capability#PROPAGATION}, which
   * needs a rule for each operation.
   *
   * @param name the name of the kind
   * @return the kind
   */
  public static ModelKind ofGradients(String name) {
    return new ModelKind(name, EnumSet.complementOf(EnumSet.of(Capability.PROPAGATION)));
  }

  /**
   * {@return whether models of this kind provide everything that a method needs}
   *
   * @param required what the method {@linkplain org.aucmedi.xai.MethodDescription#requires()
   *     requires}
   */
  public boolean offers(Collection<Capability> required) {
    return capabilities.containsAll(required);
  }
}

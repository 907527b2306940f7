package org.aucmedi.xai.model;

import java.util.Collection;
import java.util.Collections;
import java.util.EnumSet;
import java.util.Set;

/**
 * A kind of model that an engine makes explainable, known without a model file.
 *
 * @param name what the kind is called among those of its engine, for instance "TorchScript"
 * @param capabilities what a whole model of this kind can do; one whose file has parts missing may
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
   * Makes a kind of model that can do everything.
   *
   * @param name what the kind is called
   * @return the kind
   */
  public static ModelKind ofAll(String name) {
    return new ModelKind(name, EnumSet.allOf(Capability.class));
  }

  /**
   * {@return whether models of this kind provide everything that a method needs}
   *
   * @param required what the method {@linkplain XAIMethodProvider#requires() requires}
   */
  public boolean offers(Collection<Capability> required) {
    return capabilities.containsAll(required);
  }
}

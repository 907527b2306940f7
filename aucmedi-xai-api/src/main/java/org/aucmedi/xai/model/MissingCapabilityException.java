package org.aucmedi.xai.model;

import java.util.List;

/** Thrown when a model lacks a capability that a method needs, for instance gradients. */
public final class MissingCapabilityException extends UnsupportedModelException {

  private static final long serialVersionUID = 1L;

  /** The missing capability, so that callers can choose another method. */
  private final Capability capability;

  /**
   * Constructs an exception.
   *
   * @param model the model
   * @param capability what it lacks
   */
  public MissingCapabilityException(ExplainableModel model, Capability capability) {
    this(model, capability, remedy(model, capability));
  }

  /**
   * Constructs an exception that lists suitable methods.
   *
   * @param model the model
   * @param capability what it lacks
   * @param methods the keys of the methods that the model supports
   */
  public MissingCapabilityException(
      ExplainableModel model, Capability capability, List<String> methods) {
    this(
        model,
        capability,
        (methods.isEmpty() ? "" : "; supported methods: " + String.join(", ", methods))
            + "; or use the network in another format");
  }

  private MissingCapabilityException(ExplainableModel model, Capability capability, String remedy) {
    super(
        model
            + " does not provide "
            + capability.description()
            + "; it provides: "
            + model.capabilities().stream()
                .sorted()
                .map(Capability::description)
                .reduce((a, b) -> a + ", " + b)
                .orElse("nothing")
            + remedy);
    this.capability = capability;
  }

  private static String remedy(ExplainableModel model, Capability capability) {
    boolean replaceable =
        capability == Capability.INPUT_GRADIENTS
            || capability == Capability.LAYER_GRADIENTS
            || capability == Capability.GUIDED_GRADIENTS
            || capability == Capability.PREDICTION_FROM_LAYER
            || capability == Capability.PROPAGATION;
    if (!replaceable || model.capabilities().contains(Capability.INPUT_GRADIENTS)) {
      return "";
    }
    return model.capabilities().contains(Capability.LAYER_ACTIVATIONS)
        ? "; choose a perturbation method, such as occlusion, or one that needs only activations"
        : "; choose a perturbation method, such as occlusion";
  }

  /** {@return the missing capability} */
  public Capability capability() {
    return capability;
  }
}

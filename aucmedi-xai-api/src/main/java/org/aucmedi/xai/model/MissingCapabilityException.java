package org.aucmedi.xai.model;

import java.util.List;

/** Thrown when a model cannot do what a method needs, for instance give gradients. */
public final class MissingCapabilityException extends UnsupportedModelException {

  private static final long serialVersionUID = 1L;

  /** What was asked for; kept so that a caller can choose another way. */
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
   * Constructs an exception for a caller who knows the methods there are.
   *
   * @param model the model
   * @param capability what it lacks
   * @param methods the keys of the methods that the model gives all they need
   */
  public MissingCapabilityException(
      ExplainableModel model, Capability capability, List<String> methods) {
    this(
        model,
        capability,
        (methods.isEmpty()
                ? ""
                : "; choose a method that it can carry: " + String.join(", ", methods))
            + "; or take the network in another format");
  }

  private MissingCapabilityException(ExplainableModel model, Capability capability, String remedy) {
    super(
        model
            + " gives no "
            + capability.description()
            + "; it offers: "
            + model.capabilities().stream()
                .sorted()
                .map(Capability::description)
                .reduce((a, b) -> a + ", " + b)
                .orElse("nothing")
            + remedy);
    this.capability = capability;
  }

  private static String remedy(ExplainableModel model, Capability capability) {
    boolean gradients =
        capability == Capability.INPUT_GRADIENTS
            || capability == Capability.LAYER_GRADIENTS
            || capability == Capability.GUIDED_GRADIENTS;
    if (!gradients || model.capabilities().contains(Capability.INPUT_GRADIENTS)) {
      return "";
    }
    return model.capabilities().contains(Capability.LAYER_ACTIVATIONS)
        ? "; choose a method that covers parts of the image, such as occlusion, or one that looks at"
            + " activations alone"
        : "; choose a method that covers parts of the image, such as occlusion";
  }

  /** {@return the missing capability} */
  public Capability capability() {
    return capability;
  }
}

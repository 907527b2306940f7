package org.aucmedi.xai.methods.gradient;

import ai.djl.ndarray.NDArray;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.aucmedi.xai.MethodBuilder;
import org.aucmedi.xai.MethodDescription;
import org.aucmedi.xai.MethodOption;
import org.aucmedi.xai.MethodOptions;
import org.aucmedi.xai.Score;
import org.aucmedi.xai.TargetGradient;
import org.aucmedi.xai.XAIMethodProvider;
import org.aucmedi.xai.model.Capability;
import org.aucmedi.xai.model.ExplainableModel;
import org.aucmedi.xai.model.GuidedGradients;
import org.aucmedi.xai.model.ReluRule;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Guided backpropagation: the gradient with respect to the input, where every ReLU lets only
 * positive gradients through.
 *
 * <p>At a ReLU {@code y = max(x, 0)} an arriving gradient {@code dy} becomes
 *
 * <pre>{@code
 * dx = dy * [dy > 0] * [x > 0]     (rule GUIDED)
 * dx = dy * [dy > 0]               (rule DECONVNET)
 * }</pre>
 *
 * which applies to every ReLU and ReLU6, as a layer or as a function; other nonlinearities keep
 * their derivative. What arrives at the image is reduced over channels and scaled as in {@link
 * SaliencyMap}. Where there is no ReLU the result is the plain gradient, and a warning says so
 * once; their number is the diagnostic {@link #RELUS}.
 *
 * <p>The maps are sharp, but say more about edges in the image than about the class: they hardly
 * change when the upper layers' weights are randomised (J. Adebayo et al., <a
 * href="https://arxiv.org/abs/1810.03292">Sanity Checks for Saliency Maps</a>, 2018).
 *
 * <p>Cost: one forward pass for a batch, and one backward pass per class.
 *
 * <p>Papers: J. Springenberg et al., <a href="https://arxiv.org/abs/1412.6806">Striving for
 * Simplicity: The All Convolutional Net</a>, 2014; M. Zeiler, R. Fergus, <a
 * href="https://arxiv.org/abs/1311.2901">Visualizing and Understanding Convolutional Networks</a>,
 * 2013.
 */
public final class GuidedBackpropagation extends InputGradientMethod {

  /** The diagnostic that holds how many ReLUs had their gradients changed; 0 for a plain map. */
  public static final String RELUS = "relus";

  /** How gradients pass a ReLU. */
  public static final MethodOption<ReluRule> RULE =
      MethodOption.ofEnum("rule", "how gradients pass a ReLU", ReluRule.class)
          .defaults(ReluRule.GUIDED);

  private static final MethodDescription DESCRIPTION =
      MethodDescription.of(
              "Guided backpropagation", "guidedbackprop", "GuidedBackpropagation", "gb")
          .requiring(Capability.GUIDED_GRADIENTS)
          .withOptions(CHANNELS, RULE, Score.OPTION);

  /** Describes and constructs the method. */
  public static final XAIMethodProvider<GuidedBackpropagation> PROVIDER =
      new XAIMethodProvider<>(DESCRIPTION, GuidedBackpropagation::new);

  private static final Logger logger = LoggerFactory.getLogger(GuidedBackpropagation.class);

  /** How many ReLUs the last pass met, so that it is said once and not for every batch. */
  private final AtomicInteger known = new AtomicInteger(-1);

  /**
   * Constructs the method.
   *
   * @param model the model to explain
   * @param layerName ignored
   * @param options the profile and the options that are set
   * @throws IllegalArgumentException if the method does not have an option that is set
   */
  public GuidedBackpropagation(
      ExplainableModel model, @Nullable String layerName, MethodOptions options) {
    super(DESCRIPTION, model, layerName, options);
  }

  /** {@return a builder with AUCMEDI's defaults} */
  public static MethodBuilder<GuidedBackpropagation> builder() {
    return PROVIDER.builder();
  }

  @Override
  Gradients gradients(NDArray batch, TargetGradient scores) {
    GuidedGradients guided = model().guidedGradients(batch, scores, options().get(RULE));
    if (known.getAndSet(guided.relus()) != guided.relus()) {
      report(guided.relus());
    }
    return new Gradients(guided.gradients(), List.of(new Finding(RELUS, guided.relus())));
  }

  private void report(int rectifiers) {
    if (rectifiers == 0) {
      logger.warn(
          "{} has no ReLU or ReLU6, so guided backpropagation gives its plain saliency map",
          model());
    } else {
      logger.debug("guided backpropagation replaced {} ReLUs of {}", rectifiers, model());
    }
  }
}

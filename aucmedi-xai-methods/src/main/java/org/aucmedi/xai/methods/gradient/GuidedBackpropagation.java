package org.aucmedi.xai.methods.gradient;

import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import java.util.concurrent.atomic.AtomicInteger;
import org.aucmedi.xai.AucmediMethod;
import org.aucmedi.xai.MethodOption;
import org.aucmedi.xai.MethodOptions;
import org.aucmedi.xai.Profile;
import org.aucmedi.xai.Score;
import org.aucmedi.xai.methods.AucmediProvider;
import org.aucmedi.xai.model.Capability;
import org.aucmedi.xai.model.ExplainableModel;
import org.aucmedi.xai.model.GuidedGradients;
import org.aucmedi.xai.model.OutputGradient;
import org.aucmedi.xai.model.RectifierRule;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Guided backpropagation: the gradient with respect to the input, where every rectifier lets only
 * positive gradients through.
 *
 * <p>At a rectifier {@code y = max(x, 0)} an arriving gradient {@code dy} becomes
 *
 * <pre>{@code
 * dx = dy * [dy > 0] * [x > 0]     (rule GUIDED)
 * dx = dy * [dy > 0]               (rule DECONVNET)
 * }</pre>
 *
 * which applies to every ReLU and ReLU6, as a layer or as a function; other nonlinearities keep
 * their derivative. What arrives at the image is reduced over channels and scaled as in {@link
 * SaliencyMap}. Where there is no rectifier the result is the plain gradient, and a warning says so
 * once.
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

  /** How the gradients of a pixel's channels become one value. */
  public static final MethodOption<ChannelReduction> CHANNELS = CHANNELS_OPTION;

  /** How gradients pass a rectifier. */
  public static final MethodOption<RectifierRule> RULE =
      MethodOption.ofEnum(
          "rule",
          "how gradients pass a rectifier",
          RectifierRule.class,
          RectifierRule.GUIDED,
          RectifierRule.GUIDED);

  private static final ImmutableList<MethodOption<?>> OPTIONS =
      ImmutableList.of(CHANNELS, RULE, Score.OPTION);

  private static final Logger logger = LoggerFactory.getLogger(GuidedBackpropagation.class);

  /**
   * How many rectifiers the last pass replaced, so that it is said once and not for every batch.
   */
  private final AtomicInteger known = new AtomicInteger(-1);

  /**
   * Constructs the method as AUCMEDI computes it.
   *
   * @param model a loaded DJL model
   */
  public GuidedBackpropagation(Model model) {
    this(explainable(model));
  }

  /**
   * Constructs the method as AUCMEDI computes it.
   *
   * @param model the model to explain
   */
  public GuidedBackpropagation(ExplainableModel model) {
    this(model, null, MethodOptions.of(Profile.AUCMEDI));
  }

  /**
   * Constructs the method.
   *
   * @param model the model to explain
   * @param layerName ignored; accepted since every method is constructed alike
   * @param options the parameters
   */
  public GuidedBackpropagation(
      ExplainableModel model, @Nullable String layerName, MethodOptions options) {
    super(model, layerName, options.checkKnown(OPTIONS));
  }

  @Override
  NDList gradients(NDArray batch, OutputGradient scores) {
    GuidedGradients guided = model().guidedGradients(batch, scores, options().get(RULE));
    if (known.getAndSet(guided.rectifiers()) != guided.rectifiers()) {
      report(guided.rectifiers());
    }
    return guided.gradients();
  }

  private void report(int rectifiers) {
    if (rectifiers == 0) {
      logger.warn(
          "{} has no ReLU or ReLU6, so guided backpropagation gives its plain saliency map",
          model());
    } else {
      logger.debug("guided backpropagation replaced {} rectifiers of {}", rectifiers, model());
    }
  }

  /** Registers the method under AUCMEDI's keys. */
  public static final class Provider extends AucmediProvider {

    /** Constructs the provider; ServiceLoader calls this. */
    public Provider() {
      super(
          AucmediMethod.GUIDED_BACKPROPAGATION,
          ImmutableSet.of(Capability.GUIDED_GRADIENTS),
          false,
          OPTIONS,
          GuidedBackpropagation::new);
    }
  }
}

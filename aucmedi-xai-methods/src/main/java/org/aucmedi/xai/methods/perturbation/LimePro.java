package org.aucmedi.xai.methods.perturbation;

import ai.djl.Model;
import com.google.common.collect.ImmutableSet;
import org.aucmedi.xai.AucmediMethod;
import org.aucmedi.xai.MethodOptions;
import org.aucmedi.xai.Profile;
import org.aucmedi.xai.methods.AucmediProvider;
import org.aucmedi.xai.model.ExplainableModel;
import org.jspecify.annotations.Nullable;

/** The superpixels that speak for the class; {@link Lime} has the formula. */
public final class LimePro extends Lime {

  /**
   * Constructs the method as AUCMEDI computes it.
   *
   * @param model a loaded DJL model
   */
  public LimePro(Model model) {
    this(explainable(model));
  }

  /**
   * Constructs the method as AUCMEDI computes it.
   *
   * @param model the model to explain
   */
  public LimePro(ExplainableModel model) {
    this(model, null, MethodOptions.of(Profile.AUCMEDI));
  }

  /**
   * Constructs the method.
   *
   * @param model the model to explain
   * @param layerName ignored; accepted since every method is constructed alike
   * @param options the parameters
   */
  public LimePro(ExplainableModel model, @Nullable String layerName, MethodOptions options) {
    this(model, layerName, options, Progress.NONE);
  }

  /**
   * Constructs the method with a listener.
   *
   * @param model the model to explain
   * @param layerName ignored; accepted since every method is constructed alike
   * @param options the parameters
   * @param progress is told after every pass
   */
  public LimePro(
      ExplainableModel model,
      @Nullable String layerName,
      MethodOptions options,
      Progress progress) {
    super(model, layerName, options, progress);
  }

  @Override
  int sign() {
    return 1;
  }

  /** Registers the method under AUCMEDI's keys. */
  public static final class Provider extends AucmediProvider {

    /** Constructs the provider; ServiceLoader calls this. */
    public Provider() {
      super(AucmediMethod.LIME_PRO, ImmutableSet.of(), false, OPTIONS, LimePro::new);
    }
  }
}

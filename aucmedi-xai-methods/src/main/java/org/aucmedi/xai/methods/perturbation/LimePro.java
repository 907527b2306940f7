package org.aucmedi.xai.methods.perturbation;

import org.aucmedi.xai.MethodBuilder;
import org.aucmedi.xai.MethodDescription;
import org.aucmedi.xai.MethodOptions;
import org.aucmedi.xai.XAIMethodProvider;
import org.aucmedi.xai.model.ExplainableModel;
import org.jspecify.annotations.Nullable;

/** The superpixels that are evidence for the class; {@link Lime} has the formula. */
public final class LimePro extends Lime {

  private static final MethodDescription DESCRIPTION =
      MethodDescription.of("LIME pro", "LimePro", "lp").withOptions(OPTIONS).costing(Lime::cost);

  /** Describes and constructs the method. */
  public static final XAIMethodProvider<LimePro> PROVIDER =
      new XAIMethodProvider<>(DESCRIPTION, LimePro::new);

  /**
   * Constructs the method.
   *
   * @param model the model to explain
   * @param layerName ignored
   * @param options the profile and the options that are set
   * @throws IllegalArgumentException if the method does not have an option that is set
   */
  public LimePro(ExplainableModel model, @Nullable String layerName, MethodOptions options) {
    super(DESCRIPTION, model, layerName, options);
  }

  /** {@return a builder with AUCMEDI's defaults} */
  public static MethodBuilder<LimePro> builder() {
    return PROVIDER.builder();
  }

  @Override
  int sign() {
    return 1;
  }
}

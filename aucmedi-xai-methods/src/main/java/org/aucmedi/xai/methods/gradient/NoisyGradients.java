package org.aucmedi.xai.methods.gradient;

import ai.djl.ndarray.NDArray;
import org.aucmedi.xai.AttributionMethod;
import org.aucmedi.xai.ChannelReduction;
import org.aucmedi.xai.MethodCost;
import org.aucmedi.xai.MethodDescription;
import org.aucmedi.xai.MethodOption;
import org.aucmedi.xai.MethodOptions;
import org.aucmedi.xai.Score;
import org.aucmedi.xai.XAIMethodProvider;
import org.aucmedi.xai.array.BatchAxes;
import org.aucmedi.xai.methods.ImageNoise;
import org.aucmedi.xai.model.Capability;
import org.aucmedi.xai.model.ExplainableModel;
import org.jspecify.annotations.Nullable;

/** A statistic of what another gradient method attributes to noisy copies of the image. */
abstract class NoisyGradients extends SampledGradients {

  /** A method that is applied to noisy copies. */
  public enum Inner {
    /** {@link SaliencyMap}: the gradient. */
    SALIENCY,
    /** {@link GradientXInput}. */
    GRADIENTXINPUT,
    /** {@link GuidedBackpropagation}. */
    GUIDEDBACKPROP,
    /** {@link IntegratedGradients}. */
    INTEGRATEDGRADIENTS;

    private XAIMethodProvider<? extends AttributionMethod> provider() {
      return switch (this) {
        case SALIENCY -> SaliencyMap.PROVIDER;
        case GRADIENTXINPUT -> GradientXInput.PROVIDER;
        case GUIDEDBACKPROP -> GuidedBackpropagation.PROVIDER;
        case INTEGRATEDGRADIENTS -> IntegratedGradients.PROVIDER;
      };
    }

    private AttributionMethod create(ExplainableModel model, MethodOptions all) {
      return provider().create(model, null, options(all));
    }

    private MethodOptions options(MethodOptions all) {
      return all.only(provider().description().options());
    }
  }

  /** How many noisy copies. */
  public static final MethodOption<Integer> SAMPLES =
      MethodOption.ofInt("samples", "number of noisy copies of the image")
          .range(2, 1_000_000)
          .defaults(50);

  /** How strong the noise is. */
  public static final MethodOption<Double> NOISE =
      MethodOption.ofDouble(
              "noise", "standard deviation of the noise, relative to the range of the image")
          .range(0.0, 10.0)
          .defaults(0.15);

  /** What is applied to the noisy copies. */
  public static final MethodOption<Inner> OF =
      MethodOption.ofEnum("of", "the method that is applied to the copies", Inner.class)
          .defaults(Inner.SALIENCY);

  /** How the values of a pixel's channels become one. */
  public static final MethodOption<ChannelReduction> CHANNELS = InputGradientMethod.CHANNELS;

  private final AttributionMethod inner;

  NoisyGradients(
      MethodDescription description,
      ExplainableModel model,
      @Nullable String layerName,
      MethodOptions options,
      Statistic statistic) {
    super(description, model, layerName, options, statistic);
    this.inner = options.get(OF).create(model, options);
  }

  static MethodDescription describe(String name, String... keys) {
    return MethodDescription.of(name, keys)
        .requiring(Capability.INPUT_GRADIENTS)
        .withOptions(
            SAMPLES,
            NOISE,
            OF,
            CHANNELS,
            Score.OPTION,
            RELIABILITY,
            SEED,
            BATCH_SIZE,
            IntegratedGradients.STEPS,
            IntegratedGradients.BASELINE)
        .costing(NoisyGradients::cost);
  }

  /** The image, and the passes of the other method for each copy. */
  private static MethodCost.Passes cost(MethodOptions options, int[] sizes, int maps) {
    Inner of = options.get(OF);
    MethodCost.Passes one = of.provider().description().passes(of.options(options), sizes, maps);
    long samples = options.get(SAMPLES);
    return new MethodCost.Passes(1 + samples * one.forward(), samples * one.backward());
  }

  @Override
  AttributionMethod inner() {
    return inner;
  }

  @Override
  int samples() {
    return options().get(SAMPLES);
  }

  @Override
  Copies copies(float[] image, BatchAxes axes, NDArray batch) {
    ImageNoise noise = ImageNoise.relative(image, options().get(NOISE));
    return (index, random, copy) -> noise.write(random, copy);
  }

  @Override
  protected final ChannelReduction channelReduction() {
    return options().get(CHANNELS);
  }
}

package org.aucmedi.xai.methods.cam;

import ai.djl.ndarray.NDArray;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.aucmedi.xai.Attribution;
import org.aucmedi.xai.AttributionMethod;
import org.aucmedi.xai.Heatmap;
import org.aucmedi.xai.MapStatus;
import org.aucmedi.xai.MethodBuilder;
import org.aucmedi.xai.MethodCost;
import org.aucmedi.xai.MethodDescription;
import org.aucmedi.xai.MethodOption;
import org.aucmedi.xai.MethodOptions;
import org.aucmedi.xai.Progress;
import org.aucmedi.xai.Score;
import org.aucmedi.xai.Target;
import org.aucmedi.xai.XAIMethodProvider;
import org.aucmedi.xai.array.BatchAxes;
import org.aucmedi.xai.methods.gradient.GuidedBackpropagation;
import org.aucmedi.xai.model.Capability;
import org.aucmedi.xai.model.ExplainableModel;
import org.jspecify.annotations.Nullable;

/**
 * Guided Grad-CAM: guided backpropagation multiplied by Grad-CAM, which makes the map both sharp
 * and class-specific.
 *
 * <p>With the guided map G, the Grad-CAM map L interpolated linearly to the image's size, and mm(M)
 * = (M - min M) / (max M - min M + eps),
 *
 * <pre>{@code
 * M[i] = mm(G)[i] * mm(L)[i]     (product NORMALIZED, AUCMEDI's)
 * M[i] = G[i] * L[i]             (product RAW, the paper's, with L's ReLU on)
 * }</pre>
 *
 * and the heatmap is {@code mm(M)}. It has the shape of the model's input. In three dimensions the
 * interpolation mirrors at the border, as AUCMEDI's does.
 *
 * <p>Options: {@link #PRODUCT}, and those of {@link GradCam} and {@link GuidedBackpropagation}.
 *
 * <p>Cost: that of both methods.
 *
 * <p>Paper: R. Selvaraju et al., <a href="https://arxiv.org/abs/1610.02391">Grad-CAM: Visual
 * Explanations from Deep Networks via Gradient-based Localization</a>, 2016, section 3.2.
 */
public final class GuidedGradCam extends AttributionMethod {

  /** What is multiplied. */
  public enum Product {
    /** The heatmaps of both methods. */
    NORMALIZED,
    /** The raw maps of both methods. */
    RAW
  }

  /** What is multiplied. */
  public static final MethodOption<Product> PRODUCT =
      MethodOption.ofEnum("product", "which maps are multiplied", Product.class)
          .defaults(Product.NORMALIZED, Product.RAW);

  /** Describes and constructs the method. */
  public static final XAIMethodProvider<GuidedGradCam> PROVIDER =
      new XAIMethodProvider<>(
          MethodDescription.of("Guided Grad-CAM", "GuidedGradCAM", "ggc")
              .requiring(Capability.LAYERS, Capability.LAYER_GRADIENTS, Capability.GUIDED_GRADIENTS)
              .usingLayer()
              .withOptions(
                  PRODUCT,
                  GradCam.RELU,
                  LayerChoice.OPTION,
                  LayerFusion.OPTION,
                  Tokens.OPTION,
                  GuidedBackpropagation.CHANNELS,
                  GuidedBackpropagation.RULE,
                  Score.OPTION)
              .costing((options, sizes, maps) -> new MethodCost.Passes(2, 2L * maps)),
          GuidedGradCam::new);

  private final GradCam cam;
  private final GuidedBackpropagation guided;

  /**
   * Constructs the method.
   *
   * @param model the model to explain
   * @param layerName the layer of the Grad-CAM part, or null to choose by {@link
   *     LayerChoice#OPTION}
   * @param options the profile and the options that are set; channels and rule are those of the
   *     guided part
   * @throws IllegalArgumentException if the method does not have an option that is set
   */
  public GuidedGradCam(ExplainableModel model, @Nullable String layerName, MethodOptions options) {
    super(PROVIDER.description(), model, layerName, options);
    cam =
        GradCam.PROVIDER.create(
            model, layerName, options.only(GradCam.PROVIDER.description().options()));
    guided =
        GuidedBackpropagation.PROVIDER.create(
            model, null, options.only(GuidedBackpropagation.PROVIDER.description().options()));
  }

  /** {@return a builder with AUCMEDI's defaults} */
  public static MethodBuilder<GuidedGradCam> builder() {
    return PROVIDER.builder();
  }

  @Override
  protected List<List<Attribution>> attribute(NDArray batch, Target target, Progress progress) {
    return attribute(batch, target, DEFAULT_EPS, progress);
  }

  @Override
  protected List<List<Attribution>> attribute(
      NDArray batch, Target target, float eps, Progress progress) {
    // First the part that may find that the layer will not do.
    List<List<Heatmap>> coarse = part(cam, batch, target, eps, progress);
    // What was chosen from the outputs of the first pass is explained in the second.
    Target same =
        Target.ofObjectives(
            coarse.stream().map(own -> own.stream().map(Heatmap::objective).toList()).toList());
    List<List<Heatmap>> sharp = part(guided, batch, same, eps, progress);
    List<List<Attribution>> products = new ArrayList<>();
    for (int n = 0; n < sharp.size(); n++) {
      List<Attribution> own = new ArrayList<>();
      for (int k = 0; k < sharp.get(n).size(); k++) {
        own.add(product(sharp.get(n).get(k), coarse.get(n).get(k)));
      }
      products.add(own);
    }
    return products;
  }

  private static Attribution product(Heatmap sharp, Heatmap coarse) {
    float[] product = sharp.values();
    float[] large = coarse.resizedTo(sharp.shape()).values();
    for (int i = 0; i < product.length; i++) {
      product[i] *= large[i];
    }
    Attribution made =
        Attribution.of(sharp.objective(), sharp.outputs(), BatchAxes.ofMap(sharp.shape()), product)
            .withStatus(worst(sharp.status(), coarse.status()))
            .withLayer(Objects.requireNonNull(coarse.provenance().layer()));
    for (Map.Entry<String, Double> found : sharp.diagnostics().entrySet()) {
      made = made.withDiagnostic(found.getKey(), found.getValue());
    }
    return made;
  }

  private List<List<Heatmap>> part(
      AttributionMethod method, NDArray batch, Target target, float eps, Progress progress) {
    return options().get(PRODUCT) == Product.NORMALIZED
        ? method.explain(batch, target, eps, progress)
        : method.explainRaw(batch, target, progress);
  }

  /** What is wrong with either part is wrong with the product, unless it shows there by itself. */
  private static MapStatus worst(MapStatus sharp, MapStatus coarse) {
    return Stream.of(MapStatus.NON_FINITE, MapStatus.ZERO_GRADIENT)
        .filter(status -> sharp == status || coarse == status)
        .findFirst()
        .orElse(MapStatus.OK);
  }
}

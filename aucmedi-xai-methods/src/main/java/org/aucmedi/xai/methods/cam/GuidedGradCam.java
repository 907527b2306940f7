package org.aucmedi.xai.methods.cam;

import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import java.util.Arrays;
import java.util.stream.Stream;
import org.aucmedi.xai.AttributionMethod;
import org.aucmedi.xai.AucmediMethod;
import org.aucmedi.xai.Heatmaps;
import org.aucmedi.xai.MapStatus;
import org.aucmedi.xai.MethodOption;
import org.aucmedi.xai.MethodOptions;
import org.aucmedi.xai.Profile;
import org.aucmedi.xai.RawMaps;
import org.aucmedi.xai.Score;
import org.aucmedi.xai.Target;
import org.aucmedi.xai.array.LinearInterpolation;
import org.aucmedi.xai.array.LinearInterpolation.BorderMode;
import org.aucmedi.xai.methods.AucmediProvider;
import org.aucmedi.xai.methods.gradient.ChannelReduction;
import org.aucmedi.xai.methods.gradient.GuidedBackpropagation;
import org.aucmedi.xai.model.Capability;
import org.aucmedi.xai.model.ExplainableModel;
import org.jspecify.annotations.Nullable;

/**
 * Guided Grad-CAM: guided backpropagation where Grad-CAM is bright, so that the map is both sharp
 * and specific to the class.
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
      MethodOption.ofEnum(
          "product", "which maps are multiplied", Product.class, Product.NORMALIZED, Product.RAW);

  private static final ImmutableList<MethodOption<?>> GUIDED_OPTIONS =
      ImmutableList.of(GuidedBackpropagation.CHANNELS, GuidedBackpropagation.RULE, Score.OPTION);

  private static final ImmutableList<MethodOption<?>> OPTIONS =
      ImmutableList.<MethodOption<?>>builder()
          .add(PRODUCT, GradCam.RELU, LayerChoice.OPTION)
          .addAll(GUIDED_OPTIONS)
          .build();

  private final GradCam cam;
  private final GuidedBackpropagation guided;

  /**
   * Constructs the method as AUCMEDI computes it.
   *
   * @param model a loaded DJL model
   * @param layerName the layer of the Grad-CAM part, or null for the last one with spatial axes
   */
  public GuidedGradCam(Model model, @Nullable String layerName) {
    this(explainable(model), layerName);
  }

  /**
   * Constructs the method as AUCMEDI computes it.
   *
   * @param model the model to explain
   * @param layerName the layer of the Grad-CAM part, or null for the last one with spatial axes
   */
  public GuidedGradCam(ExplainableModel model, @Nullable String layerName) {
    this(model, layerName, MethodOptions.of(Profile.AUCMEDI));
  }

  /**
   * Constructs the method.
   *
   * @param model the model to explain
   * @param layerName the layer of the Grad-CAM part, or null to choose by {@link
   *     LayerChoice#OPTION}
   * @param options the parameters; {@link ChannelReduction} and rule are those of the guided part
   */
  public GuidedGradCam(ExplainableModel model, @Nullable String layerName, MethodOptions options) {
    super(model, layerName, options.checkKnown(OPTIONS));
    this.cam = new GradCam(model, layerName, options.only(ClassActivationMap.CAM_OPTIONS));
    this.guided = new GuidedBackpropagation(model, null, options.only(GUIDED_OPTIONS));
  }

  @Override
  protected RawMaps attribute(NDArray batch, Target target) {
    return attribute(batch, target, DEFAULT_EPS);
  }

  @Override
  protected RawMaps attribute(NDArray batch, Target target, float eps) {
    // First the part that may find that the layer will not do.
    Heatmaps coarse = part(cam, batch, target, eps);
    try (NDArray small = coarse.maps()) {
      Heatmaps sharp = part(guided, batch, target, eps);
      try (NDArray large = sharp.maps()) {
        RawMaps raw = product(large, small);
        for (int n = 0; n < raw.shape().get(0); n++) {
          for (int k = 0; k < raw.shape().get(1); k++) {
            raw.mark(n, k, worst(sharp.status(n, k), coarse.status(n, k)));
          }
        }
        return raw;
      }
    }
  }

  private static RawMaps product(NDArray sharp, NDArray coarse) {
    int[] from = sizes(coarse);
    int[] to = sizes(sharp);
    Shape shape = sharp.getShape();
    RawMaps raw = new RawMaps((int) shape.get(0), (int) shape.get(1), shape.slice(2));
    float[] guidedValues = sharp.toFloatArray();
    float[] camValues = coarse.toFloatArray();
    int camSize = Arrays.stream(from).reduce(1, Math::multiplyExact);
    for (int map = 0; map < shape.get(0) * shape.get(1); map++) {
      float[] small = Arrays.copyOfRange(camValues, map * camSize, (map + 1) * camSize);
      float[] large = LinearInterpolation.resize(small, from, to, 1, BorderMode.ofRank(to.length));
      int offset = map * raw.size();
      for (int i = 0; i < raw.size(); i++) {
        raw.values()[offset + i] = guidedValues[offset + i] * large[i];
      }
    }
    return raw;
  }

  private static int[] sizes(NDArray maps) {
    return Arrays.stream(maps.getShape().slice(2).getShape()).mapToInt(Math::toIntExact).toArray();
  }

  private Heatmaps part(AttributionMethod method, NDArray batch, Target target, float eps) {
    return options().get(PRODUCT) == Product.NORMALIZED
        ? method.explain(batch, target, eps)
        : method.explainRaw(batch, target);
  }

  /** What is wrong with either part is wrong with the product, unless it shows there by itself. */
  private static MapStatus worst(MapStatus sharp, MapStatus coarse) {
    return Stream.of(MapStatus.NON_FINITE, MapStatus.ZERO_GRADIENT)
        .filter(status -> sharp == status || coarse == status)
        .findFirst()
        .orElse(MapStatus.OK);
  }

  /** Registers the method under AUCMEDI's keys. */
  public static final class Provider extends AucmediProvider {

    /** Constructs the provider; ServiceLoader calls this. */
    public Provider() {
      super(
          AucmediMethod.GUIDED_GRAD_CAM,
          ImmutableSet.of(
              Capability.LAYERS, Capability.LAYER_GRADIENTS, Capability.GUIDED_GRADIENTS),
          true,
          OPTIONS,
          GuidedGradCam::new);
    }
  }
}

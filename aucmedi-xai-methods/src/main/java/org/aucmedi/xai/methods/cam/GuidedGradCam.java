package org.aucmedi.xai.methods.cam;

import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import java.util.Arrays;
import org.aucmedi.xai.AttributionMethod;
import org.aucmedi.xai.AucmediMethod;
import org.aucmedi.xai.Heatmaps;
import org.aucmedi.xai.LinearResize;
import org.aucmedi.xai.LinearResize.BorderMode;
import org.aucmedi.xai.MapStatus;
import org.aucmedi.xai.MethodOption;
import org.aucmedi.xai.MethodOptions;
import org.aucmedi.xai.Profile;
import org.aucmedi.xai.RawMaps;
import org.aucmedi.xai.Score;
import org.aucmedi.xai.Target;
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

  private static final ImmutableList<MethodOption<?>> OPTIONS =
      ImmutableList.of(
          PRODUCT,
          GradCam.RELU,
          LayerChoice.OPTION,
          GuidedBackpropagation.CHANNELS,
          GuidedBackpropagation.RULE,
          Score.OPTION);

  private final GradCam cam;
  private final GuidedBackpropagation guided;

  /**
   * Constructs the method as AUCMEDI computes it.
   *
   * @param model a loaded DJL model
   * @param layerName the layer of the Grad-CAM part, or null for the last one with spatial axes
   */
  public GuidedGradCam(Model model, @Nullable String layerName) {
    this(ExplainableModel.of(model), layerName);
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
    super(model, layerName, options);
    this.cam = new GradCam(model, layerName, options);
    this.guided = new GuidedBackpropagation(model, null, options);
  }

  @Override
  protected RawMaps attribute(NDArray batch, Target target) {
    boolean normalized = options().get(PRODUCT) == Product.NORMALIZED;
    try (Part sharp = Part.of(guided, batch, target, normalized);
        Part coarse = Part.of(cam, batch, target, normalized)) {
      int[] from = sizes(coarse.maps);
      int[] to = sizes(sharp.maps);
      Shape shape = sharp.maps.getShape();
      RawMaps raw =
          new RawMaps((int) shape.get(0), (int) shape.get(1), sharp.maps.getShape().slice(2));
      float[] guidedValues = sharp.maps.toFloatArray();
      float[] camValues = coarse.maps.toFloatArray();
      int camSize = Arrays.stream(from).reduce(1, Math::multiplyExact);
      for (int n = 0; n < shape.get(0); n++) {
        for (int k = 0; k < shape.get(1); k++) {
          int map = n * (int) shape.get(1) + k;
          float[] small = Arrays.copyOfRange(camValues, map * camSize, (map + 1) * camSize);
          float[] large = LinearResize.resize(small, from, to, 1, BorderMode.ofRank(to.length));
          int offset = raw.offset(n, k);
          for (int i = 0; i < raw.size(); i++) {
            raw.values()[offset + i] = guidedValues[offset + i] * large[i];
          }
          raw.mark(
              n, k, sharp.status(n, k) != MapStatus.OK ? sharp.status(n, k) : coarse.status(n, k));
        }
      }
      return raw;
    }
  }

  private static int[] sizes(NDArray maps) {
    return Arrays.stream(maps.getShape().slice(2).getShape()).mapToInt(Math::toIntExact).toArray();
  }

  /** The maps of one of the two methods. */
  private record Part(NDArray maps, @Nullable Heatmaps heatmaps) implements AutoCloseable {

    static Part of(AttributionMethod method, NDArray batch, Target target, boolean normalized) {
      if (!normalized) {
        return new Part(method.computeRawHeatmaps(batch, target), null);
      }
      Heatmaps heatmaps = method.explain(batch, target, DEFAULT_EPS);
      return new Part(heatmaps.maps(), heatmaps);
    }

    MapStatus status(int image, int map) {
      return heatmaps == null ? MapStatus.OK : heatmaps.status(image, map);
    }

    @Override
    public void close() {
      maps.close();
    }
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

package org.aucmedi.xai.methods.cam;

import java.util.List;
import java.util.Optional;
import org.aucmedi.xai.MethodOption;
import org.aucmedi.xai.XAIException;
import org.aucmedi.xai.methods.ImageAxes;
import org.aucmedi.xai.model.ChannelLayout;
import org.aucmedi.xai.model.Layer;
import org.aucmedi.xai.model.LayerKind;

/**
 * Which layer a class activation map looks at where the user names none.
 *
 * <p>Sources: AUCMEDI's {@code GradCAM.find_target_layer}; R. R. Selvaraju et al., <a
 * href="https://arxiv.org/abs/1610.02391">Grad-CAM: Visual Explanations from Deep Networks via
 * Gradient-based Localization</a>, 2017, section 3: the last convolutional layers "have the best
 * compromise between high-level semantics and detailed spatial information".
 */
public enum LayerChoice {
  /**
   * The last layer whose output has four axes or more, and more than one place. AUCMEDI's; often a
   * pooling. What a global pooling gives has its four axes in most formats, though not in Keras,
   * and a map of one place says nothing.
   */
  LAST_SPATIAL {
    @Override
    boolean accepts(Layer layer, ChannelLayout layout) {
      return layer.outputShape() != null
          && layer.outputShape().dimension() >= 4
          && new ImageAxes(layer.outputShape(), layout).positions() > 1;
    }
  },
  /** The last convolution whose output has more than one place. The paper's. */
  LAST_CONVOLUTION {
    @Override
    boolean accepts(Layer layer, ChannelLayout layout) {
      return layer.kind() == LayerKind.CONV && LAST_SPATIAL.accepts(layer, layout);
    }
  };

  /** The option that chooses between them. */
  public static final MethodOption<LayerChoice> OPTION =
      MethodOption.ofEnum(
          "layer-choice",
          "the layer to look at where none is named",
          LayerChoice.class,
          LAST_SPATIAL,
          LAST_CONVOLUTION);

  abstract boolean accepts(Layer layer, ChannelLayout layout);

  /**
   * Chooses a layer.
   *
   * @param layers the layers of a model that have run on a batch, in that order
   * @param layout where the model has its channels
   * @return the layer
   * @throws XAIException if none will do, listing what there is
   */
  public Layer choose(List<Layer> layers, ChannelLayout layout) {
    return find(layers, layout)
        .orElseThrow(
            () ->
                new XAIException(
                    "no layer will do for a class activation map by the rule "
                        + MethodOption.textOf(this)
                        + "; name one of "
                        + layers));
  }

  /**
   * Looks for a layer.
   *
   * @param layers the layers of a model that have run on a batch, in that order
   * @param layout where the model has its channels
   * @return the layer, if one will do
   */
  public Optional<Layer> find(List<Layer> layers, ChannelLayout layout) {
    return layers.stream().filter(layer -> accepts(layer, layout)).reduce((a, b) -> b);
  }
}

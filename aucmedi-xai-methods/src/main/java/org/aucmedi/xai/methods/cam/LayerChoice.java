package org.aucmedi.xai.methods.cam;

import ai.djl.ndarray.types.Shape;
import java.util.List;
import java.util.Optional;
import org.aucmedi.xai.MethodOption;
import org.aucmedi.xai.model.ChannelLayout;
import org.aucmedi.xai.model.Layer;
import org.aucmedi.xai.model.LayerKind;
import org.aucmedi.xai.model.UnsupportedModelException;

/**
 * Selects the layer of a class activation map if the user does not name one.
 *
 * <p>Only a layer that can be laid out on the image is ever looked at, be it chosen or named. It
 * has as many axes as the input. A convolution or a pooling has its channels where the model has
 * them. Of another layer's output (N, a, ..., z) either a or z is the number of channels: what is
 * left must be no longer than the image along any axis, and have its aspect ratio but for rounding;
 * of the two readings that which meets more of this is right, and at a tie the model's own. So the
 * channels-last layers of a channels-first transformer are found: for an input of (1, 3, 96, 96) an
 * output of (1, 3, 3, 768) is 3 x 3 positions with 768 channels. Refused are an output that meets
 * nothing of this, and at a tie one in a model that has layers of both kinds.
 *
 * <p>A layer of tokens, (N, tokens, features), is looked at if it is named and its {@link Tokens}
 * make a grid; it is never chosen. The last ones of a vision transformer say nothing: the class is
 * read from the class token, so the gradients of all others are zero there. Name one before the
 * last attention, such as the normalisation that its block begins with.
 *
 * <p>Sources: AUCMEDI's {@code GradCAM.find_target_layer}; R. R. Selvaraju et al., <a
 * href="https://arxiv.org/abs/1610.02391">Grad-CAM: Visual Explanations from Deep Networks via
 * Gradient-based Localization</a>, 2017, section 3: the last convolutional layers "have the best
 * compromise between high-level semantics and detailed spatial information".
 */
public enum LayerChoice {
  /**
   * The last layer on the image that has more than one position. AUCMEDI's; often a pooling layer.
   * Layers with a single spatial position, such as global pooling, are skipped.
   */
  LAST_SPATIAL {
    @Override
    boolean accepts(Layer layer, LayerAxes axes) {
      return axes.hasPositions(layer);
    }
  },
  /** The last convolution whose output has more than one position. The paper's. */
  LAST_CONVOLUTION {
    @Override
    boolean accepts(Layer layer, LayerAxes axes) {
      return layer.kind() == LayerKind.CONV && axes.hasPositions(layer);
    }
  };

  /** The option that selects the rule. */
  public static final MethodOption<LayerChoice> OPTION =
      MethodOption.ofEnum(
              "layer-choice", "rule that selects the layer if none is named", LayerChoice.class)
          .defaults(LAST_SPATIAL, LAST_CONVOLUTION);

  /** A choice is early if at least this many layers with positions come after it, */
  private static final int MANY = 10;

  /** and so many times more than up to it. */
  private static final int TIMES = 3;

  abstract boolean accepts(Layer layer, LayerAxes axes);

  /**
   * Chooses a layer.
   *
   * @param layers the layers of a model that have run on a batch, in that order
   * @param layout where the model has its channels
   * @param batch the shape of the batch
   * @return the layer
   * @throws UnsupportedModelException if none is suitable, listing the layers
   */
  public Layer choose(List<Layer> layers, ChannelLayout layout, Shape batch) {
    LayerAxes axes = new LayerAxes(layers, layout, batch, Tokens.AUTO);
    return find(layers, axes).orElseThrow(() -> refusal(layers, axes));
  }

  /**
   * Looks for a layer.
   *
   * @param layers the layers of a model that have run on a batch, in that order
   * @param layout where the model has its channels
   * @param batch the shape of the batch
   * @return the layer, if one is suitable
   */
  public Optional<Layer> find(List<Layer> layers, ChannelLayout layout, Shape batch) {
    return find(layers, new LayerAxes(layers, layout, batch, Tokens.AUTO));
  }

  private Optional<Layer> find(List<Layer> layers, LayerAxes axes) {
    return layers.stream().filter(layer -> accepts(layer, axes)).reduce((a, b) -> b);
  }

  /**
   * Says why to doubt the layer that {@link #find} returns: that it lies at the beginning of the
   * network, as the patch embedding of a transformer does. A map of it shows what the network
   * starts from, not what it decides by.
   *
   * @param layers the layers of a model that have run on a batch, in that order
   * @param layout where the model has its channels
   * @param batch the shape of the batch
   * @return a sentence and what to do, or nothing
   */
  public Optional<String> doubt(List<Layer> layers, ChannelLayout layout, Shape batch) {
    LayerAxes axes = new LayerAxes(layers, layout, batch, Tokens.AUTO);
    return find(layers, axes)
        .filter(chosen -> isEarly(chosen, layers, axes))
        .map(
            chosen ->
                "layer '"
                    + chosen.name()
                    + "', the choice of "
                    + MethodOption.textOf(this)
                    + ", lies at the beginning of the network, as a transformer's patch embedding"
                    + " does; "
                    + later(chosen, layers, axes)
                        .map(layer -> "name a later layer, such as " + layer.name())
                        .orElse(
                            "name a layer of tokens before the last attention, or "
                                + LayerAxes.REMEDY));
  }

  private static boolean isEarly(Layer chosen, List<Layer> layers, LayerAxes axes) {
    int end = layers.indexOf(chosen) + 1;
    long before = layers.subList(0, end).stream().filter(axes::hasPositionsOrTokens).count();
    long after =
        layers.subList(end, layers.size()).stream().filter(axes::hasPositionsOrTokens).count();
    return after >= Math.max(MANY, TIMES * before);
  }

  /** The last layer on the image, if that lies not so early. */
  private static Optional<Layer> later(Layer chosen, List<Layer> layers, LayerAxes axes) {
    return LAST_SPATIAL
        .find(layers, axes)
        .filter(last -> !last.equals(chosen) && !isEarly(last, layers, axes));
  }

  private UnsupportedModelException refusal(List<Layer> layers, LayerAxes axes) {
    if (layers.isEmpty()) {
      return new UnsupportedModelException(
          "the model has no layers to choose from; " + LayerAxes.REMEDY);
    }
    List<Layer> fitting = axes.withPositions();
    return new UnsupportedModelException(
        "no layer is suitable for a class activation map under the rule "
            + MethodOption.textOf(this)
            + "; "
            + (fitting.isEmpty()
                ? "none of the layers has positions on the image ("
                    + LayerAxes.names(layers)
                    + "): "
                    + LayerAxes.REMEDY
                : "name one of " + LayerAxes.names(fitting)));
  }
}

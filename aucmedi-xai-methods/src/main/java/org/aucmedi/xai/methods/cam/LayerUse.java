package org.aucmedi.xai.methods.cam;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.aucmedi.xai.Profile;
import org.aucmedi.xai.model.ExplainableModel;
import org.aucmedi.xai.model.Layer;
import org.jspecify.annotations.Nullable;

/**
 * What class activation maps make of a layer.
 *
 * @param layer the layer
 * @param usable whether its output has more than one position on the image, or may be tokens
 * @param choiceOf the profiles under which it is looked at where no layer is named
 */
public record LayerUse(Layer layer, boolean usable, List<Profile> choiceOf) {

  /** Copies the list. */
  public LayerUse {
    choiceOf = List.copyOf(choiceOf);
  }

  /**
   * Lists the layers of a model, from one pass on zeros.
   *
   * @param model a model with layers
   * @param image the shape of one image as the model takes it, without the batch
   * @return its layers, in the order in which they finish
   * @throws org.aucmedi.xai.model.MissingCapabilityException if the model shows no layers
   */
  public static List<LayerUse> of(ExplainableModel model, Shape image) {
    try (NDManager manager = model.newManager()) {
      Shape batch = new Shape(1).addAll(image);
      List<Layer> layers = model.layers(manager.zeros(batch));
      LayerAxes axes = new LayerAxes(layers, model.channelLayout(), batch, Tokens.AUTO);
      return layers.stream()
          .map(
              layer ->
                  new LayerUse(
                      layer,
                      axes.hasPositionsOrTokens(layer),
                      Arrays.stream(Profile.values())
                          .filter(profile -> isChoice(profile, layer, layers, model, batch))
                          .toList()))
          .toList();
    }
  }

  private static boolean isChoice(
      Profile profile, Layer layer, List<Layer> layers, ExplainableModel model, Shape batch) {
    Optional<Layer> found =
        LayerChoice.OPTION.defaultOf(profile).find(layers, model.channelLayout(), batch);
    return found.filter(chosen -> chosen.name().equals(layer.name())).isPresent();
  }

  /**
   * Returns one image of the shape that a model declares.
   *
   * @param model the model
   * @return the shape without the batch, or null if a size besides the batch's is open
   */
  public static @Nullable Shape declaredImage(ExplainableModel model) {
    Shape batch = model.inputShape();
    if (batch == null || batch.dimension() < 2) {
      return null;
    }
    Shape image = batch.slice(1);
    return Arrays.stream(image.getShape()).allMatch(size -> size > 0) ? image : null;
  }
}

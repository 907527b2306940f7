package org.aucmedi.xai.methods.attention;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import com.google.common.base.Splitter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.aucmedi.xai.model.ExplainableModel;
import org.aucmedi.xai.model.Layer;
import org.aucmedi.xai.model.LayerKind;
import org.aucmedi.xai.model.UnsupportedModelException;
import org.jspecify.annotations.Nullable;

/**
 * Finds the layers of a model that give attention weights; {@link AttentionMethod} has the rule.
 */
final class AttentionLayers {

  /** How far the sum of a row of weights may be from 1. */
  static final double TOLERANCE = 1e-4;

  private static final String REMEDY =
      "use gradcam on a layer of tokens before the last attention (--layer NAME), or a perturbation"
          + " method such as occlusionsensitivity or rise";

  private static final Set<LayerKind> NEVER =
      Set.of(LayerKind.CONV, LayerKind.POOL, LayerKind.NORM, LayerKind.DENSE, LayerKind.ADD);

  private final ExplainableModel model;
  private final NDManager scope;
  private final NDArray image;
  private final List<Layer> layers;

  /**
   * Looks at the layers of a model.
   *
   * @param model the model
   * @param scope owns what is computed
   * @param image one image
   */
  AttentionLayers(ExplainableModel model, NDManager scope, NDArray image) {
    this.model = model;
    this.scope = scope;
    this.image = image;
    this.layers = model.layers(image);
  }

  /**
   * A layer and the weights that it gives for the image.
   *
   * @param name its name
   * @param tokens how many tokens attend to one another
   * @param values its output
   */
  record Weights(String name, int tokens, float[] values) {

    boolean areFinite() {
      for (float value : values) {
        if (!Float.isFinite(value)) {
          return false;
        }
      }
      return true;
    }
  }

  /**
   * Returns the layers with weights, in the order in which they run.
   *
   * @param named the layers to use, with commas between them, or null for one of each block
   * @throws UnsupportedModelException if there are none, or those named have no weights
   */
  List<Weights> find(@Nullable String named) {
    List<Weights> found = named == null ? ofBlocks() : named(named);
    Weights first = found.get(0);
    for (Weights other : found) {
      if (other.tokens() != first.tokens()) {
        throw new UnsupportedModelException(
            "the model attends over "
                + first.tokens()
                + " tokens in layer '"
                + first.name()
                + "' and over "
                + other.tokens()
                + " in layer '"
                + other.name()
                + "', so that its blocks cannot be multiplied; name layers of one kind, or "
                + REMEDY);
      }
    }
    return found;
  }

  private List<Weights> ofBlocks() {
    List<Weights> found = new ArrayList<>();
    boolean newBlock = true;
    for (Layer layer : layers) {
      newBlock |= givesTokens(layer);
      if (mayGiveWeights(layer)) {
        NDArray output = activations(layer.name());
        if (areWeights(output)) {
          Weights weights = new Weights(layer.name(), tokens(output), output.toFloatArray());
          // What comes right behind the softmax, a dropout, gives the same weights again.
          int last = found.size() - 1;
          if (!newBlock && Arrays.equals(found.get(last).values(), weights.values())) {
            found.set(last, weights);
          } else {
            found.add(weights);
          }
          newBlock = false;
        }
        output.close();
      }
    }
    if (found.isEmpty()) {
      throw none();
    }
    return found;
  }

  private List<Weights> named(String named) {
    boolean isOne =
        named.indexOf(',') < 0 || layers.stream().anyMatch(layer -> layer.name().equals(named));
    List<String> names =
        isOne
            ? List.of(named)
            : Splitter.on(',').trimResults().omitEmptyStrings().splitToList(named);
    List<String> order = layers.stream().map(Layer::name).toList();
    return names.stream().sorted(Comparator.comparing(order::indexOf)).map(this::required).toList();
  }

  private Weights required(String name) {
    try (NDArray output = activations(name)) {
      checkWeights(name, output, 1);
      return new Weights(name, tokens(output), output.toFloatArray());
    }
  }

  /** Refuses a layer whose output is not one matrix of weights for each head of each image. */
  static void checkWeights(String name, NDArray output, long images) {
    if (!areWeights(output) || output.getShape().get(0) != images) {
      throw new UnsupportedModelException(
          "layer '"
              + name
              + "' gives no attention weights: its output is "
              + output.getShape()
              + " for "
              + images
              + (images == 1 ? " image" : " images")
              + ", and should be (images, heads, tokens, tokens), not negative, with rows that add"
              + " up to 1; name another layer, or none to have them found");
    }
  }

  private NDArray activations(String name) {
    NDArray output = model.layerActivations(image, name);
    output.attach(scope);
    return output;
  }

  private boolean mayGiveWeights(Layer layer) {
    Shape shape = shapeOf(layer);
    return !NEVER.contains(layer.kind())
        && isSquare(shape)
        && shape.get(0) == 1
        && layers.stream()
            .anyMatch(
                other ->
                    givesTokens(other)
                        && shapeOf(other).get(1) == shape.get(shape.dimension() - 1));
  }

  private static boolean isSquare(Shape shape) {
    int rank = shape.dimension();
    return (rank == 3 || rank == 4)
        && shape.get(rank - 1) > 1
        && shape.get(rank - 1) == shape.get(rank - 2);
  }

  /** Tokens of the image, (1, tokens, features). */
  private static boolean givesTokens(Layer layer) {
    Shape shape = shapeOf(layer);
    return shape.dimension() == 3
        && shape.get(0) == 1
        && shape.get(1) > 1
        && shape.get(1) != shape.get(2);
  }

  private static Shape shapeOf(Layer layer) {
    return Objects.requireNonNullElseGet(layer.outputShape(), Shape::new);
  }

  private static int tokens(NDArray output) {
    return Math.toIntExact(output.getShape().get(output.getShape().dimension() - 1));
  }

  /** Whether rows are not negative and add up to 1. Values that are no numbers say nothing. */
  private static boolean areWeights(NDArray output) {
    if (!isSquare(output.getShape())) {
      return false;
    }
    int tokens = tokens(output);
    float[] values = output.toFloatArray();
    for (int row = 0; row < values.length; row += tokens) {
      double sum = 0;
      for (int i = row; i < row + tokens; i++) {
        if (values[i] < 0) {
          return false;
        }
        sum += values[i];
      }
      if (Math.abs(sum - 1) > TOLERANCE) {
        return false;
      }
    }
    return true;
  }

  private UnsupportedModelException none() {
    for (Layer layer : layers) {
      if (isOfWindows(layer)) {
        return new UnsupportedModelException(
            "the model attends within windows, as layer '"
                + layer.name()
                + "' shows, whose output is "
                + layer.outputShape()
                + " for one image, so that no weights span the image; "
                + REMEDY);
      }
    }
    return new UnsupportedModelException(
        layers.stream().anyMatch(AttentionLayers::givesTokens)
            ? "no layer of the model gives attention weights, (images, heads, tokens, tokens) with"
                + " rows that add up to 1: it is no transformer, or its file has them fused into"
                + " another operation; "
                + REMEDY
                + ", or save the model without fused attention"
            : "no layer of the model gives attention weights, since none gives tokens, as those of"
                + " a transformer do; use a method for every network, such as gradcam or"
                + " occlusionsensitivity");
  }

  private boolean isOfWindows(Layer layer) {
    Shape shape = shapeOf(layer);
    return isSquare(shape)
        && shape.get(0) > 1
        && !NEVER.contains(layer.kind())
        && layers.stream()
            .map(AttentionLayers::shapeOf)
            .anyMatch(
                other ->
                    other.dimension() == 3
                        && other.get(0) == shape.get(0)
                        && other.get(1) == shape.get(shape.dimension() - 1));
  }
}

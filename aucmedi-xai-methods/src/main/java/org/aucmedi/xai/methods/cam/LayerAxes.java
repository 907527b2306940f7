package org.aucmedi.xai.methods.cam;

import ai.djl.ndarray.types.Shape;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.aucmedi.xai.array.BatchAxes;
import org.aucmedi.xai.model.ChannelLayout;
import org.aucmedi.xai.model.Layer;
import org.aucmedi.xai.model.LayerKind;
import org.aucmedi.xai.model.UnsupportedModelException;

/**
 * How the outputs of a model's layers lie on its input, decided from shapes alone; {@link
 * LayerChoice} has the rule.
 */
final class LayerAxes {

  /** So many layers with as many tokens show that the model computes on tokens. */
  private static final int TOKEN_LAYERS = 3;

  /** The number of suitable layers that an error names. */
  private static final int LISTED = 5;

  /** What to do where no layer is suitable. */
  static final String REMEDY =
      "use a method that works on the input, such as saliency, integratedgradients or"
          + " occlusionsensitivity";

  private final List<Layer> layers;
  private final ChannelLayout layout;
  private final Shape input;
  private final int[] image;
  private final Set<Long> tokens;
  private final boolean mixed;
  private final Tokens grid;

  /**
   * Looks at the layers of a model.
   *
   * @param layers the layers that have run on the input
   * @param layout where the model has its channels
   * @param input the shape of the batch they have run on
   * @param grid how tokens lie on the image
   */
  LayerAxes(List<Layer> layers, ChannelLayout layout, Shape input, Tokens grid) {
    this.grid = grid;
    this.layers = layers;
    this.layout = layout;
    this.input = input;
    this.image = new BatchAxes(input, layout).spatialSizes();
    this.tokens =
        layers.stream()
            .filter(this::givesTokens)
            .collect(Collectors.groupingBy(this::tokensOf, Collectors.counting()))
            .entrySet()
            .stream()
            .filter(size -> size.getValue() >= TOKEN_LAYERS)
            .map(size -> size.getKey())
            .collect(Collectors.toSet());
    this.mixed =
        layers.stream().anyMatch(layer -> canBeOnImage(layer) && fit(layer, other()) > own(layer));
  }

  /** Returns where a layer has its channels, or nothing if it has no positions on the image. */
  Optional<ChannelLayout> layoutOf(Layer layer) {
    if (!canBeOnImage(layer)) {
      return Optional.empty();
    }
    if (isWindow(layer)) {
      return Optional.of(layout);
    }
    int own = own(layer);
    int turned = fit(layer, other());
    if (Math.max(own, turned) == 0 || (own == turned && mixed)) {
      return Optional.empty();
    }
    return Optional.of(turned > own ? other() : layout);
  }

  /** Returns whether a layer lies on the image and has more than one position. */
  boolean hasPositions(Layer layer) {
    return layoutOf(layer)
        .filter(found -> new BatchAxes(shapeOf(layer), found).positions() > 1)
        .isPresent();
  }

  /** Returns whether a layer's output may have positions, on the image or as tokens. */
  boolean hasPositionsOrTokens(Layer layer) {
    return hasPositions(layer) || givesTokens(layer);
  }

  /** Returns the layers with more than one position on the image. */
  List<Layer> withPositions() {
    return layers.stream().filter(this::hasPositions).toList();
  }

  /**
   * Returns how a named layer lies on the image: where its channels are, or as a grid of tokens.
   *
   * @throws UnsupportedModelException if it has no position on the image
   */
  Placement requirePlacement(Layer layer) {
    Optional<Placement> found =
        givesTokens(layer)
            ? grid.find(Math.toIntExact(tokensOf(layer)), image).map(Placement.OnGrid::new)
            : layoutOf(layer).map(Placement.OnImage::new);
    return found.orElseThrow(() -> refusal(layer));
  }

  private UnsupportedModelException refusal(Layer layer) {
    String reason =
        givesTokens(layer)
            ? (grid.grid().isEmpty()
                ? "' gives tokens that make no grid of patches on the image; say which (tokens=14x14,"
                    + " or the like): its output is "
                : "' gives tokens that do not hold a grid of "
                    + grid
                    + " patches on the image; give one size per axis and at most as many patches as"
                    + " tokens (tokens=14x14, or the like): its output is ")
            : isHeads(layer)
                ? "' gives tokens for each attention head, not positions on the image: its output is "
                : "' cannot be laid out on the image: its output is ";
    List<Layer> fitting = withPositions();
    int last = Math.max(0, fitting.size() - LISTED);
    return new UnsupportedModelException(
        "layer '"
            + layer.name()
            + reason
            + layer.outputShape()
            + ", the input "
            + input
            + "; "
            + (fitting.isEmpty()
                ? "no layer of the model can be, so "
                : "name a layer that can be, such as "
                    + names(fitting.subList(last, fitting.size()))
                    + ", or ")
            + REMEDY);
  }

  static String names(List<Layer> layers) {
    return layers.stream().map(Layer::name).collect(Collectors.joining(", "));
  }

  private ChannelLayout other() {
    return layout == ChannelLayout.CHANNELS_FIRST
        ? ChannelLayout.CHANNELS_LAST
        : ChannelLayout.CHANNELS_FIRST;
  }

  private static Shape shapeOf(Layer layer) {
    return Optional.ofNullable(layer.outputShape()).orElseGet(Shape::new);
  }

  private boolean canBeOnImage(Layer layer) {
    Shape shape = shapeOf(layer);
    return shape.dimension() == input.dimension()
        && shape.get(0) == input.get(0)
        && (isWindow(layer) || !isHeads(layer));
  }

  /** These slide over the image, so their layout is the model's. */
  private static boolean isWindow(Layer layer) {
    return layer.kind() == LayerKind.CONV || layer.kind() == LayerKind.POOL;
  }

  private boolean givesTokens(Layer layer) {
    Shape shape = shapeOf(layer);
    return shape.dimension() == 3 && shape.get(0) == input.get(0) && shape.get(1) > 1;
  }

  private long tokensOf(Layer layer) {
    return shapeOf(layer).get(1);
  }

  /** Queries, keys and attention weights have an axis of heads, so that they look like images. */
  private boolean isHeads(Layer layer) {
    Shape shape = shapeOf(layer);
    if (shape.dimension() != 4 || input.dimension() != 4) {
      return false;
    }
    long alike = Arrays.stream(shape.slice(1).getShape()).filter(tokens::contains).count();
    return alike > 1 || (alike == 1 && Math.max(fit(layer, layout), fit(layer, other())) < 2);
  }

  private int own(Layer layer) {
    return isWindow(layer) ? Integer.MAX_VALUE : fit(layer, layout);
  }

  /** Counts the evidence for a reading: no axis is longer than the image's; the aspect is its. */
  private int fit(Layer layer, ChannelLayout reading) {
    int[] sizes = new BatchAxes(shapeOf(layer), reading).spatialSizes();
    boolean within = true;
    double least = 0;
    double most = Double.POSITIVE_INFINITY;
    for (int a = 0; a < sizes.length; a++) {
      within &= sizes[a] <= image[a];
      // A step of f along an axis leaves more than image / f - 1 positions and fewer than + 1.
      least = Math.max(least, image[a] / (sizes[a] + 1.0));
      most = Math.min(most, sizes[a] == 1 ? most : image[a] / (sizes[a] - 1.0));
    }
    return (within ? 1 : 0) + (least < most ? 1 : 0);
  }
}

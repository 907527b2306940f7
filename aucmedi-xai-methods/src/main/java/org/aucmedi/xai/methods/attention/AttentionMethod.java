package org.aucmedi.xai.methods.attention;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.Arrays;
import java.util.List;
import org.aucmedi.xai.Attribution;
import org.aucmedi.xai.AttributionMethod;
import org.aucmedi.xai.MapStatus;
import org.aucmedi.xai.MethodCost;
import org.aucmedi.xai.MethodDescription;
import org.aucmedi.xai.MethodOptions;
import org.aucmedi.xai.Progress;
import org.aucmedi.xai.Score;
import org.aucmedi.xai.Target;
import org.aucmedi.xai.TargetGradient;
import org.aucmedi.xai.array.BatchAxes;
import org.aucmedi.xai.methods.cam.Tokens;
import org.aucmedi.xai.model.Capability;
import org.aucmedi.xai.model.ExplainableModel;
import org.aucmedi.xai.model.LayerGradients;
import org.aucmedi.xai.model.MissingCapabilityException;
import org.aucmedi.xai.model.UnsupportedModelException;
import org.jspecify.annotations.Nullable;

/**
 * A map made of the attention weights of a transformer's blocks. Each block b has a matrix {@code
 * M[b]}, (tokens, tokens), which says what a token takes over from each; a subclass makes it from
 * the block's weights A, (heads, tokens, tokens), and their gradients.
 *
 * <pre>{@code
 * R       = M[B] ... M[2] M[1]
 * L[i]    = sum over t of r[t] * R[t, i]     for the patches i
 * }</pre>
 *
 * r is 1 for the class token, or the mean of all patches, see {@link Readout}. The patches, the
 * last of the tokens, are laid out on the image by {@link Tokens}; the map has the shape of their
 * grid.
 *
 * <p>The layers that give attention weights are found in the model: their output is (images, heads,
 * tokens, tokens) or (images, tokens, tokens), never negative, each row adds up to 1 within 1e-4,
 * and other layers have as many tokens, (images, tokens, features). Where several give the same
 * weights one after another, such as a softmax and the dropout behind it, the last one counts,
 * since what follows reads that. Layers can be named instead, with commas between them, to leave
 * blocks out; they are used in the order in which they run. Weights that a file computes inside of
 * a layer, as fused attention does, cannot be seen, and weights within windows do not span the
 * image: both are refused.
 *
 * <p>Cost: a forward pass of a batch for the outputs, and one for each block; a method that
 * requires gradients adds a backward pass from the output to the block for each of them and each
 * class. The first time all layers of one image are listed, and each that may give weights is
 * looked at in a pass of its own.
 */
public abstract class AttentionMethod extends AttributionMethod {

  /** The number of blocks that costs are told for before a model is known. */
  static final int BLOCKS = 12;

  private final MethodDescription description;
  private final boolean usesGradients;
  private volatile @Nullable Seen seen;

  /**
   * What is known of a model.
   *
   * @param image the shape of its images
   * @param layers the layers with weights, from the input to the output
   * @param tokens how many tokens they have
   * @param grid how many patches there are along each axis of the image
   */
  private record Seen(Shape image, List<String> layers, int tokens, int[] grid) {

    int patches() {
      return Arrays.stream(grid).reduce(1, Math::multiplyExact);
    }
  }

  /**
   * Constructs a method.
   *
   * @param description describes the method
   * @param model the model to explain
   * @param layerName the layers with attention weights, with commas between them, or null to find
   *     them
   * @param options the profile and the options that are set
   */
  protected AttentionMethod(
      MethodDescription description,
      ExplainableModel model,
      @Nullable String layerName,
      MethodOptions options) {
    super(description, model, layerName, options);
    this.description = description;
    this.usesGradients = description.requires().contains(Capability.LAYER_GRADIENTS);
  }

  /**
   * Makes the matrix of a block.
   *
   * @param weights A, {@code [head][from][to]}
   * @param gradients dS/dA, likewise; empty if the method does not {@linkplain
   *     MethodDescription#requires require} {@link Capability#LAYER_GRADIENTS}
   * @return M, {@code [from][to]}
   */
  protected abstract double[][] matrix(float[][][] weights, float[][][] gradients);

  /** Counts passes for a transformer of {@link #BLOCKS} blocks. */
  static MethodCost cost(boolean gradients) {
    return (options, sizes, maps) ->
        new MethodCost.Passes(1 + BLOCKS, gradients ? (long) BLOCKS * maps : 0);
  }

  @Override
  protected final List<List<Attribution>> attribute(
      NDArray batch, Target target, Progress progress) {
    description.requires().stream()
        .filter(needed -> !model().capabilities().contains(needed))
        .sorted()
        .findFirst()
        .ifPresent(
            missing -> {
              throw new MissingCapabilityException(model(), missing);
            });
    TargetGradient asked = gradientOf(target, score());
    asked.of(model().outputs(batch));
    int most = asked.objectives().stream().mapToInt(List::size).max().orElse(0);
    if (most == 0) {
      return asked.objectives().stream().map(image -> List.<Attribution>of()).toList();
    }
    try (NDManager scope = batch.getManager().newSubManager()) {
      Seen known = see(scope, batch);
      Target same = Target.ofObjectives(asked.objectives());
      int images = Math.toIntExact(batch.getShape().get(0));
      Rows rows = new Rows(usesGradients ? most : 1, images, start(known));
      for (int b = known.layers.size() - 1; b >= 0; b--) {
        try (NDManager block = scope.newSubManager()) {
          takeBack(block, batch, known.layers.get(b), same, rows);
        }
        progress.update(known.layers.size() - b, known.layers.size());
      }
      return attributions(asked, known, rows);
    }
  }

  /** The score to explain. */
  private Score score() {
    return usesGradients ? options().get(Score.OPTION) : Score.OUTPUT;
  }

  private double[] start(Seen known) {
    return options().get(Readout.OPTION).shares(known.tokens, known.patches());
  }

  /** Rows of the product so far, {@code [map][image][token]}, and whether a gradient was not 0. */
  private static final class Rows {
    final double[][][] values;
    final boolean[][] reached;

    Rows(int maps, int images, double[] start) {
      values = new double[maps][images][];
      reached = new boolean[maps][images];
      for (double[][] ofMap : values) {
        Arrays.setAll(ofMap, n -> start);
      }
    }
  }

  /** Multiplies the rows by the matrices of a block. */
  private void takeBack(NDManager scope, NDArray batch, String layer, Target same, Rows rows) {
    NDArray weights;
    NDList gradients = new NDList();
    if (usesGradients) {
      LayerGradients found = model().layerGradients(batch, gradientOf(same, score()), layer);
      found.output().attach(scope);
      found.gradients().attach(scope);
      weights = found.activations();
      gradients = found.gradients();
    } else {
      weights = model().layerActivations(batch, layer);
    }
    weights.attach(scope);
    AttentionLayers.checkWeights(layer, weights, batch.getShape().get(0));
    float[][][][] heads = heads(weights);
    for (int k = 0; k < rows.values.length; k++) {
      float[][][][] slopes = usesGradients ? heads(gradients.get(k)) : new float[0][][][];
      for (int n = 0; n < heads.length; n++) {
        float[][][] own = usesGradients ? slopes[n] : new float[0][][];
        rows.values[k][n] = times(rows.values[k][n], matrix(heads[n], own));
        rows.reached[k][n] |= !allZero(own);
      }
    }
  }

  /** Sorts values by image, head, token and token attended to. */
  private static float[][][][] heads(NDArray array) {
    Shape shape = array.getShape();
    int images = Math.toIntExact(shape.get(0));
    int tokens = Math.toIntExact(shape.get(shape.dimension() - 1));
    float[] values = array.toFloatArray();
    int heads = values.length / (images * tokens * tokens);
    float[][][][] sorted = new float[images][heads][tokens][];
    int from = 0;
    for (float[][][] image : sorted) {
      for (float[][] head : image) {
        for (int p = 0; p < tokens; p++) {
          head[p] = Arrays.copyOfRange(values, from, from + tokens);
          from += tokens;
        }
      }
    }
    return sorted;
  }

  private static double[] times(double[] row, double[][] matrix) {
    double[] product = new double[row.length];
    for (int p = 0; p < row.length; p++) {
      for (int q = 0; q < row.length; q++) {
        product[q] += row[p] * matrix[p][q];
      }
    }
    return product;
  }

  private static boolean allZero(float[][][] gradients) {
    for (float[][] head : gradients) {
      for (float[] row : head) {
        for (float gradient : row) {
          if (gradient != 0) {
            return false;
          }
        }
      }
    }
    return true;
  }

  private List<List<Attribution>> attributions(TargetGradient asked, Seen known, Rows rows) {
    BatchAxes axes = BatchAxes.ofMap(known.grid);
    String layers = String.join(", ", known.layers);
    return asked.attributions(
        k -> {
          int own = Math.min(k, rows.values.length - 1);
          return (n, objective, outputs) -> {
            double[] row = rows.values[own][n];
            float[] map = new float[known.patches()];
            for (int i = 0; i < map.length; i++) {
              map[i] = (float) row[row.length - map.length + i];
            }
            Attribution made = Attribution.of(objective, outputs, axes, map).withLayer(layers);
            return usesGradients && !rows.reached[own][n]
                ? made.withStatus(MapStatus.ZERO_GRADIENT)
                : made;
          };
        });
  }

  /** Looks for the layers, once for images of a shape. */
  private Seen see(NDManager scope, NDArray batch) {
    Shape image = new Shape(1).addAll(batch.getShape().slice(1));
    Seen known = seen;
    if (known != null && known.image.equals(image)) {
      return known;
    }
    List<AttentionLayers.Weights> found =
        new AttentionLayers(model(), scope, image(scope, batch, firstFinite(batch)))
            .find(layerName());
    int tokens = found.get(0).tokens();
    Seen made =
        new Seen(
            image,
            found.stream().map(AttentionLayers.Weights::name).toList(),
            tokens,
            grid(tokens, batch.getShape()));
    // Values that are no numbers do not tell weights from anything else.
    if (found.stream().allMatch(AttentionLayers.Weights::areFinite)) {
      seen = made;
    }
    return made;
  }

  /** The first image without a value that is no number, or 0. */
  private static int firstFinite(NDArray batch) {
    float[] values = batch.toFloatArray();
    int images = Math.toIntExact(batch.getShape().get(0));
    int size = values.length / images;
    for (int n = 0; n < images; n++) {
      if (MapStatus.allFinite(Arrays.copyOfRange(values, n * size, (n + 1) * size))) {
        return n;
      }
    }
    return 0;
  }

  private int[] grid(int tokens, Shape batch) {
    Tokens given = options().get(Tokens.OPTION);
    int[] image = new BatchAxes(batch, model().channelLayout()).spatialSizes();
    return given
        .find(tokens, image)
        .orElseThrow(
            () ->
                new UnsupportedModelException(
                    "the model attends over "
                        + tokens
                        + " tokens, which "
                        + (given.grid().isEmpty()
                            ? "make no grid of patches"
                            : "do not hold a grid of " + given + " patches")
                        + " on the image; say which they make (tokens=14x14, or the like): the"
                        + " input is "
                        + batch));
  }
}

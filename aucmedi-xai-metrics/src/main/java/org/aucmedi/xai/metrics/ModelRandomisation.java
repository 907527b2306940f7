package org.aucmedi.xai.metrics;

import static com.google.common.base.Preconditions.checkArgument;

import ai.djl.nn.Block;
import com.google.common.collect.Lists;
import java.util.List;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.aucmedi.xai.model.ExplainableModel;
import org.aucmedi.xai.model.RandomisedCopies;

/**
 * Randomisation of a network, also called the model parameter randomisation test (J. Adebayo et
 * al., <a href="https://arxiv.org/abs/1810.03292">Sanity Checks for Saliency Maps</a>, 2018): a map
 * that explains what a network has learnt must change when its weights are randomised.
 *
 * <p>The layers with weights are randomised from the output to the input: {@link #cascade} adds one
 * after the other, {@link #independent} takes each alone. After each step the maps are compared
 * with those of the trained network by the {@linkplain RankCorrelation#ofMagnitudes rank
 * correlation of their magnitudes}. A value near 1 means that the map does not depend on the layers
 * randomised so far; lower is better. A layer's new weights are drawn from a normal distribution
 * with the mean and standard deviation of each of its arrays; running statistics of normalisations
 * are kept.
 *
 * <p>A network of DJL blocks is changed in place and restored; of a model file {@link
 * RandomisedCopies copies} are made.
 *
 * <p>Use the same target throughout: fix the classes beforehand, instead of letting each randomised
 * network predict them.
 *
 * <pre>{@code
 * Target predicted = Target.perImage(classes);
 * double[] alike = ModelRandomisation.cascade(model.getBlock(), 3, () -> maps(batch, predicted));
 * }</pre>
 */
public final class ModelRandomisation {

  private ModelRandomisation() {}

  /**
   * Measures how similar the maps stay while the network is randomised. For L layers it computes
   * the maps {@code 2 + draws * L} times. Do not use the network elsewhere meanwhile; its weights
   * are restored at the end, even after a failure.
   *
   * @param network the network, initialised; the maps must be computed from these same blocks
   * @param draws how many times to randomise each layer, at least 1; the result is the mean
   * @param maps computes the maps of the network in its current state, always for the same images
   *     in the same order, at least one
   * @return for 0, 1, ... L randomised layers the mean correlation with the trained network's maps,
   *     from -1 to 1
   * @throws IllegalArgumentException if there are no draws or no maps, or their number or size
   *     changes
   */
  public static double[] cascade(Block network, int draws, Supplier<List<float[]>> maps) {
    return randomise(network, draws, maps, RandomWeights::randomise);
  }

  /**
   * Measures how similar the maps stay while one layer is random at a time; as {@link
   * #cascade(Block, int, Supplier)}.
   *
   * @param network the network, initialised; the maps must be computed from these same blocks
   * @param draws how many times to randomise each layer, at least 1; the result is the mean
   * @param maps computes the maps of the network in its current state
   * @return the mean correlation with the trained network's maps, from -1 to 1: for no layer, and
   *     for each alone, the last one first
   * @throws IllegalArgumentException if there are no draws or no maps, or their number or size
   *     changes
   */
  public static double[] independent(Block network, int draws, Supplier<List<float[]>> maps) {
    return randomise(
        network, draws, maps, (weights, layer, seed) -> weights.randomiseOnly(layer - 1, seed));
  }

  /** Randomises a layer or the layers up to it, counted from 1 at the output. */
  @FunctionalInterface
  private interface Step {
    void randomise(RandomWeights weights, int layer, long seed);
  }

  private static double[] randomise(
      Block network, int draws, Supplier<List<float[]>> maps, Step step) {
    checkDraws(draws);
    RandomWeights weights = new RandomWeights(network);
    List<float[]> learnt = checkMaps(maps.get());
    double[] means = new double[weights.layers() + 1];
    means[0] = meanCorrelation(learnt, maps.get());
    try {
      for (int draw = 1; draw <= draws; draw++) {
        for (int layer = 1; layer < means.length; layer++) {
          step.randomise(weights, layer, draw);
          means[layer] += meanCorrelation(learnt, maps.get()) / draws;
        }
      }
    } finally {
      weights.restore();
    }
    return means;
  }

  /**
   * Measures how similar the maps stay while the layers of a model file are randomised, one more
   * each time.
   *
   * @param copies of the file
   * @param draws how many times to randomise each layer, at least 1; the result is the mean
   * @param maps computes the maps of a copy, always for the same images in the same order, at least
   *     one, and for the same classes
   * @return for 0, 1, ... L randomised layers, the last one first, the mean correlation with the
   *     maps of the file's own weights, from -1 to 1
   * @throws IllegalArgumentException if there are no draws or no maps, or their number or size
   *     changes
   */
  public static double[] cascade(
      RandomisedCopies copies, int draws, Function<ExplainableModel, List<float[]>> maps) {
    List<String> layers = Lists.reverse(copies.layers());
    return randomise(
        copies,
        draws,
        maps,
        IntStream.rangeClosed(0, layers.size()).mapToObj(n -> layers.subList(0, n)).toList());
  }

  /**
   * Measures how similar the maps stay while one layer of a model file is random at a time;
   * arguments as of {@link #cascade(RandomisedCopies, int, Function)}.
   *
   * @return the mean correlation with the maps of the file's own weights, from -1 to 1: for no
   *     layer, and for each alone, the last one first
   */
  public static double[] independent(
      RandomisedCopies copies, int draws, Function<ExplainableModel, List<float[]>> maps) {
    return randomise(
        copies,
        draws,
        maps,
        Stream.concat(
                Stream.of(List.<String>of()), Lists.reverse(copies.layers()).stream().map(List::of))
            .toList());
  }

  private static double[] randomise(
      RandomisedCopies copies,
      int draws,
      Function<ExplainableModel, List<float[]>> maps,
      List<List<String>> steps) {
    checkDraws(draws);
    List<float[]> learnt = checkMaps(maps(copies, List.of(), 0, maps));
    double[] means = new double[steps.size()];
    for (int step = 0; step < means.length; step++) {
      int times = step == 0 ? 1 : draws;
      for (int draw = 1; draw <= times; draw++) {
        means[step] += meanCorrelation(learnt, maps(copies, steps.get(step), draw, maps)) / times;
      }
    }
    return means;
  }

  private static List<float[]> maps(
      RandomisedCopies copies,
      List<String> layers,
      long seed,
      Function<ExplainableModel, List<float[]>> maps) {
    try (ExplainableModel copy = copies.load(layers, seed)) {
      return maps.apply(copy);
    }
  }

  private static void checkDraws(int draws) {
    checkArgument(draws >= 1, "draws must be at least 1, got %s", draws);
  }

  private static List<float[]> checkMaps(List<float[]> maps) {
    checkArgument(!maps.isEmpty(), "there are no maps; explain at least one image");
    return maps;
  }

  private static double meanCorrelation(List<float[]> before, List<float[]> after) {
    checkArgument(
        before.size() == after.size(),
        "expected %s maps, got %s; explain the same images each time",
        before.size(),
        after.size());
    double sum = 0;
    for (int n = 0; n < before.size(); n++) {
      sum += RankCorrelation.ofMagnitudes(before.get(n), after.get(n));
    }
    return sum / before.size();
  }
}

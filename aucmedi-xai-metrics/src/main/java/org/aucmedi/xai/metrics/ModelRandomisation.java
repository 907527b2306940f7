package org.aucmedi.xai.metrics;

import static com.google.common.base.Preconditions.checkArgument;

import ai.djl.nn.Block;
import java.util.List;
import java.util.function.Supplier;

/**
 * Cascading randomisation of a network, also called the model parameter randomisation test (J.
 * Adebayo et al., <a href="https://arxiv.org/abs/1810.03292">Sanity Checks for Saliency Maps</a>,
 * 2018): a map that explains what a network has learnt must change when its weights are randomised.
 *
 * <p>The layers with weights are randomised one by one, from the output to the input. After each
 * step the maps are compared with those of the trained network by the {@linkplain
 * RankCorrelation#ofMagnitudes rank correlation of their magnitudes}. A value near 1 means that the
 * map does not depend on the layers randomised so far; lower is better. A layer's new weights are
 * drawn from a normal distribution with the mean and standard deviation of each of its arrays;
 * running statistics of normalisations are kept.
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
    checkArgument(draws >= 1, "draws must be at least 1, got %s", draws);
    RandomWeights weights = new RandomWeights(network);
    List<float[]> learnt = maps.get();
    checkArgument(!learnt.isEmpty(), "there are no maps; explain at least one image");
    double[] means = new double[weights.layers() + 1];
    means[0] = meanCorrelation(learnt, maps.get());
    try {
      for (int draw = 1; draw <= draws; draw++) {
        for (int layers = 1; layers < means.length; layers++) {
          weights.randomise(layers, draw);
          means[layers] += meanCorrelation(learnt, maps.get()) / draws;
        }
      }
    } finally {
      weights.restore();
    }
    return means;
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

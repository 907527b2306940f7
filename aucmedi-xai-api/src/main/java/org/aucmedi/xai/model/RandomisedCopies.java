package org.aucmedi.xai.model;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableSet;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Set;

/**
 * Copies of a model file with random weights in some layers, for the model parameter randomisation
 * test (J. Adebayo et al., <a href="https://arxiv.org/abs/1810.03292">Sanity Checks for Saliency
 * Maps</a>, 2018): a map that explains what a network has learnt must change when it forgets. The
 * file itself is never changed.
 *
 * <p>Cascading randomisation takes more and more of the last layers, independent randomisation one
 * at a time:
 *
 * <pre>{@code
 * try (RandomisedCopies copies = RandomisedCopies.of(path, LoadOptions.NONE)) {
 *   List<String> layers = copies.layers();
 *   ExplainableModel cascading = copies.load(layers.subList(layers.size() - 2, layers.size()), 1);
 *   ExplainableModel independent = copies.load(List.of(layers.get(0)), 1);
 * }
 * }</pre>
 *
 * <p>TorchScript files, and the Keras and ONNX files that are compiled to it, have weights that can
 * be replaced. Files of other engines are refused.
 */
public final class RandomisedCopies implements AutoCloseable {

  private final ExplainableModelProvider provider;
  private final Path file;
  private final LoadOptions options;
  private final ImportFolder folder;
  private final List<String> layers;
  private int copies;

  RandomisedCopies(
      ExplainableModelProvider provider, Path file, LoadOptions options, ImportFolder folder) {
    this.provider = provider;
    this.file = file;
    this.options = options;
    this.folder = folder;
    this.layers = List.copyOf(provider.weightedLayers(file));
  }

  /**
   * Opens a model file.
   *
   * @param path the file
   * @param options as it is loaded
   * @return its copies; loaded ones stay usable when this is closed
   * @throws UnsupportedModelException if weights of such a file cannot be replaced
   * @throws org.aucmedi.xai.error.XAIException if the file cannot be read
   */
  public static RandomisedCopies of(Path path, LoadOptions options) {
    return ModelProviders.randomised(path, options);
  }

  /** {@return the layers with weights, in the order in which the file declares them} */
  public List<String> layers() {
    return layers;
  }

  /**
   * Loads a copy.
   *
   * @param randomised the layers whose weights are random: drawn from a normal distribution with
   *     the mean and standard deviation of each array; running statistics of normalisations stay
   * @param seed the random seed; a layer's weights depend on its name and the seed alone
   * @return the copy, which the caller closes
   * @throws IllegalArgumentException if there is no such layer; the message lists all
   */
  public ExplainableModel load(Collection<String> randomised, long seed) {
    Set<String> chosen = ImmutableSet.copyOf(randomised);
    for (String layer : chosen) {
      checkArgument(
          layers.contains(layer),
          "no layer with weights is named '%s'; there are %s",
          layer,
          layers);
    }
    copies++;
    Path copy = folder.path().resolve("randomised-" + copies + "-" + file.getFileName());
    provider.writeRandomised(file, chosen, seed, copy);
    return provider.load(copy, options);
  }

  @Override
  public void close() {
    folder.close();
  }
}

package org.aucmedi.xai;

import com.google.common.collect.ContiguousSet;
import com.google.common.collect.DiscreteDomain;
import com.google.common.collect.Lists;
import com.google.common.collect.Range;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.IntFunction;
import org.aucmedi.xai.model.OutputActivation;
import org.aucmedi.xai.model.OutputGradient;
import org.jspecify.annotations.Nullable;

/**
 * What a gradient method differentiates: the {@linkplain Objective objectives} that a {@link
 * Target} selects. It remembers the outputs it was called with and the objectives it selected. Use
 * it for one call only.
 */
public final class TargetGradient implements OutputGradient {

  private final Target target;
  private final Score score;
  private final OutputActivation activation;
  private @Nullable Asked asked;

  private record Asked(float[][] outputs, List<List<Objective>> objectives) {}

  /**
   * Constructs the function to differentiate.
   *
   * @param target what to explain
   * @param score which score of the classes to use
   * @param activation the model's last operation
   */
  public TargetGradient(Target target, Score score, OutputActivation activation) {
    this.target = target;
    this.score = score;
    this.activation = activation;
  }

  /** Computes each item on demand, since all of them together may be large. */
  @Override
  public List<float[]> of(float[][] outputs) {
    List<List<Objective>> objectives = new ArrayList<>();
    for (int n = 0; n < outputs.length; n++) {
      objectives.add(target.objectives(outputs[n], n, outputs.length));
    }
    asked = new Asked(outputs, objectives);
    int most = objectives.stream().mapToInt(List::size).max().orElse(0);
    return Lists.transform(
        ContiguousSet.create(Range.closedOpen(0, most), DiscreteDomain.integers()).asList(),
        k -> gradient(outputs, objectives, k));
  }

  /** The derivatives of the k-th objective of each image; zero for images with fewer objectives. */
  private float[] gradient(float[][] outputs, List<List<Objective>> objectives, int k) {
    int classes = outputs[0].length;
    float[] gradient = new float[outputs.length * classes];
    for (int n = 0; n < outputs.length; n++) {
      if (k < objectives.get(n).size()) {
        float[] own = objectives.get(n).get(k).gradient(outputs[n], score, activation);
        System.arraycopy(own, 0, gradient, n * classes, classes);
      }
    }
    return gradient;
  }

  /**
   * {@return the model's outputs, {@code [image][class]}}
   *
   * @throws NullPointerException if no model has called this function yet
   */
  public float[][] outputs() {
    return asked().outputs;
  }

  /**
   * {@return for each image its objectives} Objective k of every image corresponds to the k-th
   * gradients of the pass.
   *
   * @throws NullPointerException if no model has called this function yet
   */
  public List<List<Objective>> objectives() {
    return asked().objectives;
  }

  /** Creates the attribution of an image from one of its gradients. */
  @FunctionalInterface
  public interface Maker {
    /**
     * Creates an attribution.
     *
     * @param image the image, from 0
     * @param objective the objective that was differentiated
     * @param outputs the model's outputs for the image
     * @return the attribution
     */
    Attribution make(int image, Objective objective, float[] outputs);
  }

  /**
   * Creates an attribution for every objective.
   *
   * @param makers for each k, the maker for the k-th gradients of the pass; called in the order of
   *     k
   * @return for each image its attributions, in the order of the objectives
   * @throws NullPointerException if no model has called this function yet
   */
  public List<List<Attribution>> attributions(IntFunction<Maker> makers) {
    List<List<Attribution>> made = new ArrayList<>();
    objectives().forEach(own -> made.add(new ArrayList<>(own.size())));
    int most = objectives().stream().mapToInt(List::size).max().orElse(0);
    for (int k = 0; k < most; k++) {
      Maker maker = makers.apply(k);
      for (int n = 0; n < made.size(); n++) {
        if (k < objectives().get(n).size()) {
          made.get(n).add(maker.make(n, objectives().get(n).get(k), outputs()[n]));
        }
      }
    }
    return made;
  }

  private Asked asked() {
    return Objects.requireNonNull(asked, "no model has called this function yet");
  }
}

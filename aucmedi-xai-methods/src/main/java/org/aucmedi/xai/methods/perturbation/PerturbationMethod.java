package org.aucmedi.xai.methods.perturbation;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.aucmedi.xai.Attribution;
import org.aucmedi.xai.AttributionMethod;
import org.aucmedi.xai.MethodDescription;
import org.aucmedi.xai.MethodOption;
import org.aucmedi.xai.MethodOptions;
import org.aucmedi.xai.Objective;
import org.aucmedi.xai.Progress;
import org.aucmedi.xai.Score;
import org.aucmedi.xai.Target;
import org.aucmedi.xai.array.BatchAxes;
import org.aucmedi.xai.array.Spacings;
import org.aucmedi.xai.model.ExplainableModel;
import org.aucmedi.xai.model.OutputActivation;
import org.jspecify.annotations.Nullable;

/**
 * A method that perturbs the image and watches the score; it treats the model as a black box.
 *
 * <p>A subclass says how to perturb an image and what to make of the scores. The image itself is
 * predicted in the same sweep, first, and its outputs say what is explained; so the cost is one
 * forward pass for it and one for each perturbed image that differs from it, for all classes
 * together; fewer if the method finds that it knows enough.
 */
public abstract class PerturbationMethod extends AttributionMethod {

  /** How many perturbed images go through the model at once. */
  public static final MethodOption<Integer> BATCH_SIZE =
      MethodOption.ofInt("batch-size", "maximum number of perturbed images per pass")
          .range(1, 100_000)
          .defaults(32);

  /** How one image is perturbed. */
  protected interface Perturbations {

    /** {@return how many perturbed images there are} */
    int count();

    /**
     * Perturbs a copy of the image.
     *
     * @param index which of the perturbed images, from 0
     * @param pixels the copy, row-major, to be changed by absolute {@code put}
     */
    void apply(int index, FloatBuffer pixels);

    /**
     * Tells whether the scores of an objective that are known are enough. Asked after every pass;
     * if they are for all objectives, the others are not computed and stay zero.
     *
     * <p>So that a map does not depend on the batch size, {@link #attribute} must come to the same
     * map whatever the scores behind the first that are enough are.
     *
     * @param whole the score of the image itself
     * @param scores the scores of the perturbed images
     * @param known how many of them are known, from the first
     * @return whether they are enough; false unless overridden
     */
    default boolean suffice(double whole, double[] scores, int known) {
      return false;
    }

    /**
     * Makes an attribution of the scores.
     *
     * @param objective what is explained
     * @param outputs the model's outputs for the image itself
     * @param whole the score of the image itself
     * @param scores the scores of the perturbed images
     * @return the attribution
     */
    Attribution attribute(Objective objective, float[] outputs, double whole, double[] scores);
  }

  /**
   * Constructs a method.
   *
   * @param description describes the method; {@link #BATCH_SIZE} is one of its options
   * @param model the model to explain
   * @param layerName ignored
   * @param options the profile and the options that are set
   */
  protected PerturbationMethod(
      MethodDescription description,
      ExplainableModel model,
      @Nullable String layerName,
      MethodOptions options) {
    super(description, model, layerName, options);
  }

  /**
   * Says how an image is perturbed.
   *
   * @param image its values, row-major; not changed
   * @param axes its axes, of a batch of one, with its spacing where that is known
   * @param manager makes arrays on the model's engine, if they are needed
   * @return the perturbed images
   */
  protected abstract Perturbations perturb(float[] image, BatchAxes axes, NDManager manager);

  /** {@return the score that is watched} */
  protected abstract Score score();

  @Override
  protected final List<List<Attribution>> attribute(
      NDArray batch, Target target, Progress progress) {
    return attribute(batch, Spacings.UNKNOWN, target, DEFAULT_EPS, progress);
  }

  @Override
  protected final List<List<Attribution>> attribute(
      NDArray batch, Spacings spacings, Target target, float eps, Progress progress) {
    BatchAxes axes = new BatchAxes(batch.getShape(), model().channelLayout());
    float[] values = batch.toFloatArray();
    List<List<Attribution>> all = new ArrayList<>();
    for (int n = 0; n < axes.images(); n++) {
      float[] image = ofImage(values, n, axes.images());
      Perturbations perturbations =
          perturb(image, axes.ofOneImage().withSpacing(spacings.of(n)), batch.getManager());
      Scores scores = new Scores(target, n, axes.images(), perturbations);
      new VariantPredictor(model(), options().get(BATCH_SIZE), progress)
          .predict(
              batch.getManager(),
              image,
              batch.getShape().slice(1),
              perturbations.count() + 1,
              (index, pixels) -> {
                if (index > 0) {
                  perturbations.apply(index - 1, pixels);
                }
              },
              scores);
      all.add(scores.attributions());
    }
    return all;
  }

  /** The scores of one image and its perturbed copies; outputs of many classes are not kept. */
  private final class Scores implements VariantPredictor.Predictions {

    private final Target target;
    private final int image;
    private final int images;
    private final Perturbations perturbations;
    private final OutputActivation activation = model().outputActivation();
    private List<Objective> objectives = List.of();
    private float[] outputs = {};
    private double[] whole = {};
    private double[][] perturbed = {};
    private int known;

    Scores(Target target, int image, int images, Perturbations perturbations) {
      this.target = target;
      this.image = image;
      this.images = images;
      this.perturbations = perturbations;
    }

    @Override
    public void accept(int index, float[] output) {
      if (index == 0) {
        outputs = output;
        objectives = target.objectives(output, image, images);
        whole = objectives.stream().mapToDouble(objective -> value(objective, output)).toArray();
        perturbed = new double[objectives.size()][perturbations.count()];
      } else {
        for (int k = 0; k < perturbed.length; k++) {
          perturbed[k][index - 1] = value(objectives.get(k), output);
        }
        known = index;
      }
    }

    @Override
    public boolean isComplete() {
      return IntStream.range(0, perturbed.length)
          .allMatch(k -> perturbations.suffice(whole[k], perturbed[k], known));
    }

    private double value(Objective objective, float[] output) {
      return objective.value(output, score(), activation);
    }

    List<Attribution> attributions() {
      List<Attribution> made = new ArrayList<>();
      for (int k = 0; k < perturbed.length; k++) {
        made.add(perturbations.attribute(objectives.get(k), outputs, whole[k], perturbed[k]));
      }
      return made;
    }
  }
}

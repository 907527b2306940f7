package org.aucmedi.xai.methods.perturbation;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import com.google.common.collect.Lists;
import com.google.common.primitives.Floats;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;
import org.aucmedi.xai.Attribution;
import org.aucmedi.xai.AttributionMethod;
import org.aucmedi.xai.BatchSizes;
import org.aucmedi.xai.MapStatus;
import org.aucmedi.xai.MethodBuilder;
import org.aucmedi.xai.MethodCost;
import org.aucmedi.xai.MethodDescription;
import org.aucmedi.xai.MethodOption;
import org.aucmedi.xai.MethodOptions;
import org.aucmedi.xai.Normalization;
import org.aucmedi.xai.Objective;
import org.aucmedi.xai.Progress;
import org.aucmedi.xai.RawScale;
import org.aucmedi.xai.Score;
import org.aucmedi.xai.Target;
import org.aucmedi.xai.XAIMethodProvider;
import org.aucmedi.xai.array.BatchAxes;
import org.aucmedi.xai.array.Spacings;
import org.aucmedi.xai.methods.Baseline;
import org.aucmedi.xai.methods.ImageBuffer;
import org.aucmedi.xai.model.Capability;
import org.aucmedi.xai.model.ExplainableModel;
import org.aucmedi.xai.model.OutputActivation;
import org.jspecify.annotations.Nullable;

/**
 * Meaningful perturbation: the smallest smooth part of the image without which the score drops,
 * found by gradient descent.
 *
 * <p>A mask is a grid g of n cells from 0 to 1, enlarged linearly to the size of the image. With
 * the image x, the fill x', a blurred image by default, and the score S,
 *
 * <pre>{@code
 * m    = the enlarged g
 * z[i] = x'[i] + m[i] (x[i] - x'[i])
 * L(g) = S(z) + area / n * sum over cells of (1 - g)
 *             + smoothness / n * sum over neighbouring cells of |g - g'|^power
 * M[i] = 1 - m[i]
 * }</pre>
 *
 * where g starts with the same value everywhere, and goes down L by {@link Adam} in a fixed number
 * of steps, cut to [0, 1] after each. M is the share of a position that is filled in, from 0 to 1,
 * and the heatmap is M itself. High values are evidence for the class: without them the score
 * drops. Evidence against it is never shown. Of evidence that is there twice, enough is deleted for
 * the score to drop.
 *
 * <p>The paper's weights are those of sums over 28x28 cells, 1e-4 and 1e-2; divided by the number
 * of cells, they are about 0.08 and 8 here. They weigh against a score that is a probability: with
 * {@code score=logit}, whose range is wider, larger weights give as small a mask. The paper shifts
 * the image at random in each step and starts from the smallest disc that hides the class; both are
 * left out, so nothing is random. Its blur is wider than {@link Baseline.Blur}.
 *
 * <p>Diagnostics: {@link #DROP}, by how much the score is lower with the mask, and {@link
 * #DROP_OF_FILL}, by how much it is lower with all of the image filled in. Where the latter is not
 * positive, the map is marked {@link MapStatus#FILL_WITHOUT_EFFECT}: what hides everything does not
 * hide the class, so no part of it tells anything. Else a map is marked {@link
 * MapStatus#NOT_CONVERGED} if the last tenth of the steps made more than {@link #TOLERANCE} of the
 * way that L went down, and {@link MapStatus#ZERO_GRADIENT} if no step saw a gradient.
 *
 * <p>Options: {@link #CELLS}, {@link #FILL}, {@link #STEPS}, {@link #RATE}, {@link #START}, {@link
 * #AREA}, {@link #SMOOTHNESS}, {@link #POWER}, {@link #TOLERANCE}, {@link #SCORE}, {@link
 * #BATCH_SIZE}. In two and three dimensions.
 *
 * <p>Cost: for each image a forward pass and one of the fill; for each map a forward and a backward
 * pass a step, and a forward pass for the last mask.
 *
 * <p>Paper: R. Fong, A. Vedaldi, <a href="https://arxiv.org/abs/1704.03296">Interpretable
 * Explanations of Black Boxes by Meaningful Perturbation</a>, 2017.
 */
public final class MeaningfulPerturbation extends AttributionMethod {

  /** The diagnostic that holds the score of the image minus that of the image seen by the mask. */
  public static final String DROP = "score-drop";

  /** The diagnostic that holds the score of the image minus that of the fill. */
  public static final String DROP_OF_FILL = "score-drop-of-fill";

  /** How many cells the mask has along each axis. */
  public static final MethodOption<Patch> CELLS =
      MethodOption.of(
              "cells",
              "cells of the mask along an axis, one number or one per axis",
              Patch.class,
              "a number such as 28, 7x9 or 4x7x7, or the size of a cell such as 10mm",
              Patch::parse)
          .defaults(new Patch(28));

  /** What is seen where the mask is zero. */
  public static final MethodOption<Baseline> FILL =
      Baseline.option("fill", "what is seen where the mask is zero").defaults(new Baseline.Blur());

  /** The number of steps. */
  public static final MethodOption<Integer> STEPS =
      MethodOption.ofInt("steps", "number of steps of the descent").range(1, 100_000).defaults(300);

  /** The size of a step. */
  public static final MethodOption<Double> RATE =
      MethodOption.ofDouble("rate", "size of a step, as a share of the way from 1 to 0")
          .range(1e-6, 1.0)
          .defaults(0.1);

  /** Where the descent starts. */
  public static final MethodOption<Double> START =
      MethodOption.ofDouble("start", "the mask at the start; 1 is the image, 0 the fill")
          .range(0.0, 1.0)
          .defaults(0.5);

  /** The weight of what is filled in. */
  public static final MethodOption<Double> AREA =
      MethodOption.ofDouble("area", "score that must drop for filling in the whole image")
          .range(0.0, 1e6)
          .defaults(0.08);

  /** The weight of differences between neighbouring cells. */
  public static final MethodOption<Double> SMOOTHNESS =
      MethodOption.ofDouble("smoothness", "weight of differences between neighbouring cells")
          .range(0.0, 1e6)
          .defaults(8.0);

  /** The power of differences between neighbouring cells. */
  public static final MethodOption<Double> POWER =
      MethodOption.ofDouble("power", "power of these differences; larger spares small ones")
          .range(1.0, 10.0)
          .defaults(3.0);

  /** From which share of the way in the last tenth of the steps a map has not converged. */
  public static final MethodOption<Double> TOLERANCE =
      MethodOption.ofDouble("tolerance", "largest share of the descent in the last tenth of steps")
          .range(0.0, 1.0)
          .defaults(0.05);

  /** The score that is lowered; the output, a probability mostly, in either profile. */
  public static final MethodOption<Score> SCORE = SuperpixelMethod.SCORE;

  /** How many masked images go through the model at once. */
  public static final MethodOption<Integer> BATCH_SIZE = PerturbationMethod.BATCH_SIZE;

  private static final MethodDescription DESCRIPTION =
      MethodDescription.of("Meaningful perturbation", "MeaningfulPerturbation")
          .requiring(Capability.INPUT_GRADIENTS)
          .withOptions(
              CELLS,
              FILL,
              STEPS,
              RATE,
              START,
              AREA,
              SMOOTHNESS,
              POWER,
              TOLERANCE,
              SCORE,
              BATCH_SIZE)
          .costing(
              (options, sizes, maps) -> {
                long steps = options.get(STEPS);
                return new MethodCost.Passes(2 + (steps + 1) * maps, steps * maps);
              });

  /** Describes and constructs the method. */
  public static final XAIMethodProvider<MeaningfulPerturbation> PROVIDER =
      new XAIMethodProvider<>(DESCRIPTION, MeaningfulPerturbation::new);

  /**
   * Constructs the method.
   *
   * @param model the model to explain
   * @param layerName ignored
   * @param options the profile and the options that are set
   * @throws IllegalArgumentException if the method does not have an option that is set
   */
  public MeaningfulPerturbation(
      ExplainableModel model, @Nullable String layerName, MethodOptions options) {
    super(DESCRIPTION, model, layerName, options);
  }

  /** {@return a builder with the defaults of AUCMEDI's profile} */
  public static MethodBuilder<MeaningfulPerturbation> builder() {
    return PROVIDER.builder();
  }

  @Override
  protected List<List<Attribution>> attribute(NDArray batch, Target target, Progress progress) {
    return attribute(batch, Spacings.UNKNOWN, target, DEFAULT_EPS, progress);
  }

  @Override
  protected List<List<Attribution>> attribute(
      NDArray batch, Spacings spacings, Target target, float eps, Progress progress) {
    BatchAxes axes = new BatchAxes(batch.getShape(), model().channelLayout());
    float[] values = batch.toFloatArray();
    int most =
        BatchSizes.of(options().get(BATCH_SIZE), values.length / axes.images(), batch.getDevice());
    float[][] outputs = model().outputs(batch);
    List<List<Attribution>> all = new ArrayList<>();
    for (int n = 0; n < axes.images(); n++) {
      List<Objective> objectives = target.objectives(outputs[n], n, axes.images());
      List<Attribution> own = new ArrayList<>();
      if (!objectives.isEmpty()) {
        float[] image = ofImage(values, n, axes.images());
        ImageBuffer buffer =
            new ImageBuffer(batch.getShape().slice(1), Math.min(most, objectives.size()));
        Deletion deletion =
            new Deletion(
                image,
                axes.ofOneImage().withSpacing(spacings.of(n)),
                outputs[n],
                buffer,
                batch.getManager());
        for (List<Objective> some : Lists.partition(objectives, most)) {
          own.addAll(deletion.of(some, progress));
        }
      }
      all.add(own);
    }
    return all;
  }

  /** The masks of one image. */
  private final class Deletion {

    private final float[] image;
    private final BatchAxes axes;
    private final float[] outputs;
    private final ImageBuffer buffer;
    private final NDManager manager;
    private final float[] fill;
    private final float[] fillOutputs;
    private final int steps = options().get(STEPS);
    private final Score score = options().get(SCORE);
    private final OutputActivation activation = model().outputActivation();

    Deletion(
        float[] image, BatchAxes axes, float[] outputs, ImageBuffer buffer, NDManager manager) {
      this.image = image;
      this.axes = axes;
      this.outputs = outputs;
      this.buffer = buffer;
      this.manager = manager;
      fill = options().get(FILL).of(image, axes, manager);
      buffer.image(0).put(fill);
      try (NDManager scope = manager.newSubManager()) {
        fillOutputs = model().outputs(buffer.batch(scope, 1))[0];
      }
    }

    /** Explains objectives, whose masks share the passes but do not depend on each other. */
    List<Attribution> of(List<Objective> objectives, Progress progress) {
      List<Descent> descents =
          objectives.stream().map(objective -> new Descent(objective, mask(), steps)).toList();
      for (int t = 0; t < steps; t++) {
        Progress.checkNotInterrupted(t, steps + 1);
        step(descents, t);
        progress.update(t + 1, steps + 1);
      }
      write(descents);
      List<Attribution> made = new ArrayList<>();
      try (NDManager scope = manager.newSubManager()) {
        float[][] last = model().outputs(buffer.batch(scope, descents.size()));
        for (int k = 0; k < descents.size(); k++) {
          made.add(attribution(descents.get(k), last[k]));
        }
      }
      progress.update(steps + 1, steps + 1);
      return made;
    }

    private DeletionMask mask() {
      int[] cells = options().get(CELLS).cellsOf(axes);
      return new DeletionMask(
          image,
          fill,
          axes,
          new MaskPenalty(
              cells, options().get(AREA), options().get(SMOOTHNESS), options().get(POWER)),
          options().get(START),
          options().get(RATE));
    }

    private void write(List<Descent> descents) {
      for (int k = 0; k < descents.size(); k++) {
        descents.get(k).mask.write(buffer.image(k));
      }
    }

    private void step(List<Descent> descents, int t) {
      write(descents);
      try (NDManager scope = manager.newSubManager()) {
        NDArray gradients =
            model()
                .inputGradients(
                    buffer.batch(scope, descents.size()),
                    now -> List.of(outputGradients(descents, t, now)))
                .get(0);
        FloatBuffer all = values(gradients);
        for (int k = 0; k < descents.size(); k++) {
          descents.get(k).go(all.slice(k * image.length, image.length));
        }
      }
    }

    private float[] outputGradients(List<Descent> descents, int t, float[][] now) {
      float[][] rows = new float[now.length][];
      for (int k = 0; k < rows.length; k++) {
        Descent descent = descents.get(k);
        descent.losses[t] = loss(descent, now[k]);
        rows[k] = descent.objective.gradient(now[k], score, activation);
      }
      return Floats.concat(rows);
    }

    private double loss(Descent descent, float[] now) {
      return value(descent.objective, now) + descent.mask.penalty();
    }

    private double value(Objective objective, float[] now) {
      return objective.value(now, score, activation);
    }

    private Attribution attribution(Descent descent, float[] last) {
      descent.losses[steps] = loss(descent, last);
      Objective objective = descent.objective;
      double whole = value(objective, outputs);
      double ofFill = whole - value(objective, fillOutputs);
      return Attribution.of(
              objective, outputs, BatchAxes.ofMap(axes.spatialSizes()), descent.mask.deleted())
          .withDiagnostic(DROP, whole - value(objective, last))
          .withDiagnostic(DROP_OF_FILL, ofFill)
          .withStatus(descent.status(ofFill, options().get(TOLERANCE)));
    }
  }

  /** The mask of one objective on its way. */
  private static final class Descent {

    private final Objective objective;
    private final DeletionMask mask;

    /** L before each step, and in the end. */
    private final double[] losses;

    private boolean moved;

    Descent(Objective objective, DeletionMask mask, int steps) {
      this.objective = objective;
      this.mask = mask;
      losses = new double[steps + 1];
    }

    void go(FloatBuffer gradient) {
      for (int i = 0; i < gradient.limit() && !moved; i++) {
        moved = gradient.get(i) != 0;
      }
      mask.step(gradient);
    }

    MapStatus status(double dropOfFill, double tolerance) {
      if (!moved) {
        return MapStatus.ZERO_GRADIENT;
      }
      if (dropOfFill <= 0) {
        return MapStatus.FILL_WITHOUT_EFFECT;
      }
      int steps = losses.length - 1;
      double end = losses[steps];
      double late = losses[steps - (steps + 9) / 10] - end;
      return late > tolerance * (losses[0] - end) && late > 0
          ? MapStatus.NOT_CONVERGED
          : MapStatus.OK;
    }
  }

  /** The share of a position that is filled in means something by itself. */
  @Override
  protected float[] normalize(float[] raw, float eps) {
    return Normalization.clip(raw);
  }

  @Override
  protected RawScale rawScale(float[] raw) {
    return RawScale.IDENTITY;
  }
}

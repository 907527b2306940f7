package org.aucmedi.xai.methods.gradient;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.DoubleUnaryOperator;
import java.util.function.IntFunction;
import java.util.function.IntToDoubleFunction;
import org.aucmedi.xai.Attribution;
import org.aucmedi.xai.AttributionMethod;
import org.aucmedi.xai.BatchSizes;
import org.aucmedi.xai.MapStatus;
import org.aucmedi.xai.MethodDescription;
import org.aucmedi.xai.MethodOption;
import org.aucmedi.xai.MethodOptions;
import org.aucmedi.xai.Objective;
import org.aucmedi.xai.Progress;
import org.aucmedi.xai.Target;
import org.aucmedi.xai.array.BatchAxes;
import org.aucmedi.xai.methods.ImageBuffer;
import org.aucmedi.xai.methods.SampleMoments;
import org.aucmedi.xai.model.ExplainableModel;
import org.jspecify.annotations.Nullable;

/**
 * A statistic of what a gradient method attributes to random copies of the image.
 *
 * <p>The objectives are those of the image itself, whatever the model says of the copies.
 *
 * <p>With the option {@link #RELIABILITY} each map takes only as many copies, in tens, as make it
 * that {@linkplain AttributionMethod#RELIABILITY reliable}. If even all of them do not, it is
 * marked as not converged.
 */
abstract class SampledGradients extends AttributionMethod {

  /** The random seed of the copies. */
  public static final MethodOption<Integer> SEED =
      MethodOption.ofInt("seed", "random seed of the copies")
          .range(0, Integer.MAX_VALUE)
          .defaults(0);

  /** How many copies go through the model at once. */
  public static final MethodOption<Integer> BATCH_SIZE =
      MethodOption.ofInt("batch-size", "maximum number of copies per pass")
          .range(1, 100_000)
          .defaults(32);

  /** The reliability at which to stop. */
  public static final MethodOption<Double> RELIABILITY = SampleMoments.RELIABILITY;

  /** After so many copies, and again after as many more, it is asked whether to stop. */
  static final int CHECK_EVERY = 10;

  /**
   * What is computed of the samples.
   *
   * @param moments keeps what is needed of so many values
   * @param sample what a value of a copy is turned into first
   * @param value reads a value of the map
   * @param error reads how far a value may be off
   */
  record Statistic(
      IntFunction<SampleMoments> moments,
      DoubleUnaryOperator sample,
      Reading value,
      Reading error) {

    /** The mean. */
    static final Statistic MEAN =
        new Statistic(
            SampleMoments::ofMean, value -> value, SampleMoments::mean, SampleMoments::errorOfMean);
  }

  /** Reads what is known of a value. */
  @FunctionalInterface
  interface Reading {
    double of(SampleMoments moments, int index);
  }

  /** The random copies of an image. */
  interface Copies {

    /** Writes a copy; the copies come in order, and again from the first for other objectives. */
    void write(int index, SplittableRandom random, FloatBuffer copy);

    /** Returns what the image gets of what is attributed to a value of a copy. */
    default double share(int index, int at, double value) {
      return value;
    }

    /** Completes an attribution. */
    default Attribution complete(Attribution made) {
      return made;
    }
  }

  private final Statistic statistic;
  private final double wanted;

  SampledGradients(
      MethodDescription description,
      ExplainableModel model,
      @Nullable String layerName,
      MethodOptions options,
      Statistic statistic) {
    super(description, model, layerName, options);
    this.statistic = statistic;
    this.wanted = options.get(RELIABILITY);
  }

  /** Returns the method that is applied to the copies. */
  abstract AttributionMethod inner();

  /** Returns how many copies are made. */
  abstract int samples();

  /** Says how an image is copied. */
  abstract Copies copies(float[] image, BatchAxes axes, NDArray batch);

  @Override
  protected final List<List<Attribution>> attribute(
      NDArray batch, Target target, Progress progress) {
    BatchAxes axes = new BatchAxes(batch.getShape(), model().channelLayout());
    float[][] outputs = model().outputs(batch);
    float[] values = batch.toFloatArray();
    int size = values.length / axes.images();
    int most = BatchSizes.of(options().get(BATCH_SIZE), size, batch.getDevice());
    ImageBuffer buffer = new ImageBuffer(batch.getShape().slice(1), most);
    List<List<Attribution>> all = new ArrayList<>();
    for (int n = 0; n < axes.images(); n++) {
      List<Objective> objectives = target.objectives(outputs[n], n, axes.images());
      List<Attribution> own = new ArrayList<>();
      if (!objectives.isEmpty()) {
        Copies copies = copies(ofImage(values, n, axes.images()), axes.ofOneImage(), batch);
        Sweep sweep = new Sweep(copies, buffer, most, axes.ofOneImage(), batch.getManager());
        int fit = BatchSizes.inMemory(objectives.size(), size);
        for (int first = 0; first < objectives.size(); first += fit) {
          List<Objective> some =
              objectives.subList(first, Math.min(objectives.size(), first + fit));
          for (Samples found : sweep.of(some, outputs[n], progress)) {
            own.add(copies.complete(found.attribution()));
          }
        }
      }
      all.add(own);
    }
    return all;
  }

  /** Passes of all copies of an image. */
  private final class Sweep {

    private final Copies copies;
    private final ImageBuffer buffer;
    private final int most;
    private final BatchAxes axes;
    private final NDManager manager;

    Sweep(Copies copies, ImageBuffer buffer, int most, BatchAxes axes, NDManager manager) {
      this.copies = copies;
      this.buffer = buffer;
      this.most = most;
      this.axes = axes;
      this.manager = manager;
    }

    /** Explains the copies, as many at a time as memory allows, until all maps are reliable. */
    List<Samples> of(List<Objective> objectives, float[] outputs, Progress progress) {
      List<Samples> samples =
          objectives.stream().map(objective -> new Samples(objective, outputs, axes)).toList();
      int size = axes.channels() * axes.positions();
      int atOnce = BatchSizes.inMemory(most, (objectives.size() + 1L) * size);
      // The seed is the same for every image, so that a map does not depend on the batch.
      SplittableRandom root = new SplittableRandom(options().get(SEED));
      int done = 0;
      while (done < samples() && !samples.stream().allMatch(found -> found.enough)) {
        Progress.checkNotInterrupted(done, samples());
        int now = Math.min(atOnce, samples() - done);
        if (wanted > 0) {
          now = Math.min(now, CHECK_EVERY - done % CHECK_EVERY);
        }
        for (int i = 0; i < now; i++) {
          copies.write(done + i, root.split(), buffer.image(i));
        }
        try (NDManager scope = manager.newSubManager()) {
          Target same = Target.ofObjectives(Collections.nCopies(now, objectives));
          List<List<Attribution>> found = inner().attributions(buffer.batch(scope, now), same);
          for (int i = 0; i < now; i++) {
            for (int k = 0; k < objectives.size(); k++) {
              samples.get(k).add(copies, done + i, found.get(i).get(k));
            }
          }
        }
        done += now;
        progress.update(done, samples());
      }
      return samples;
    }
  }

  /** What the copies have for one objective. */
  private final class Samples {

    private final Objective objective;
    private final float[] outputs;
    private final BatchAxes axes;
    private final SampleMoments moments;
    private final SampleMoments[] halves;
    private boolean zero = true;
    private boolean enough;

    Samples(Objective objective, float[] outputs, BatchAxes axes) {
      this.objective = objective;
      this.outputs = outputs;
      this.axes = axes;
      this.moments = newMoments();
      this.halves = new SampleMoments[] {newMoments(), newMoments()};
    }

    private SampleMoments newMoments() {
      return statistic.moments.apply(axes.channels() * axes.positions());
    }

    /** Adds a copy, unless the map is reliable enough without it. */
    void add(Copies copies, int index, Attribution copy) {
      if (enough) {
        return;
      }
      float[] values = copy.values();
      IntToDoubleFunction sample =
          i -> statistic.sample.applyAsDouble(copies.share(index, i, values[i]));
      moments.add(sample);
      halves[index % 2].add(sample);
      zero &= copy.status() == MapStatus.ZERO_GRADIENT;
      enough = wanted > 0 && moments.count() % CHECK_EVERY == 0 && reliability() >= wanted;
    }

    private double reliability() {
      return SampledGradients.this.reliability(made(halves[0]), made(halves[1]));
    }

    private Attribution made(SampleMoments of) {
      float[] map = new float[axes.channels() * axes.positions()];
      for (int i = 0; i < map.length; i++) {
        map[i] = (float) statistic.value.of(of, i);
      }
      return Attribution.of(objective, outputs, axes, map);
    }

    Attribution attribution() {
      Attribution made =
          SampleMoments.withErrors(made(moments), i -> statistic.error.of(moments, i));
      made = withReliability(made, made(halves[0]), made(halves[1]));
      if (zero) {
        return made.withStatus(MapStatus.ZERO_GRADIENT);
      }
      return wanted > 0 && !enough ? made.withStatus(MapStatus.NOT_CONVERGED) : made;
    }
  }
}

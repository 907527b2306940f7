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
import java.util.function.ToDoubleFunction;
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

  /**
   * What is computed of the samples.
   *
   * @param moments keeps what is needed of so many values
   * @param sample what a value of a copy is turned into first
   * @param value reads a value of the map
   * @param error reads how far the values are off, on average
   */
  record Statistic(
      IntFunction<SampleMoments> moments,
      DoubleUnaryOperator sample,
      Reading value,
      ToDoubleFunction<SampleMoments> error) {

    /** The mean. */
    static final Statistic MEAN =
        new Statistic(
            SampleMoments::ofMean,
            value -> value,
            SampleMoments::mean,
            SampleMoments::meanErrorOfMean);
  }

  /** Reads a value of the map. */
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

  SampledGradients(
      MethodDescription description,
      ExplainableModel model,
      @Nullable String layerName,
      MethodOptions options,
      Statistic statistic) {
    super(description, model, layerName, options);
    this.statistic = statistic;
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
        Sweep sweep = new Sweep(copies, buffer, most, size, batch.getManager());
        int fit = BatchSizes.inMemory(objectives.size(), size);
        for (int first = 0; first < objectives.size(); first += fit) {
          List<Objective> some =
              objectives.subList(first, Math.min(objectives.size(), first + fit));
          List<Samples> samples = sweep.of(some, progress);
          for (int k = 0; k < some.size(); k++) {
            Samples found = samples.get(k);
            own.add(copies.complete(found.attribution(some.get(k), outputs[n], axes.ofOneImage())));
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
    private final int size;
    private final NDManager manager;

    Sweep(Copies copies, ImageBuffer buffer, int most, int size, NDManager manager) {
      this.copies = copies;
      this.buffer = buffer;
      this.most = most;
      this.size = size;
      this.manager = manager;
    }

    /** Explains the copies, as many at a time as memory allows. */
    List<Samples> of(List<Objective> objectives, Progress progress) {
      List<Samples> samples = objectives.stream().map(objective -> new Samples(size)).toList();
      int atOnce = BatchSizes.inMemory(most, (objectives.size() + 1L) * size);
      // The seed is the same for every image, so that a map does not depend on the batch.
      SplittableRandom root = new SplittableRandom(options().get(SEED));
      for (int done = 0; done < samples(); done += atOnce) {
        Progress.checkNotInterrupted(done, samples());
        int now = Math.min(atOnce, samples() - done);
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
        progress.update(done + now, samples());
      }
      return samples;
    }
  }

  /** What the copies have for one objective. */
  private final class Samples {

    private final SampleMoments moments;
    private final int size;
    private boolean zero = true;

    Samples(int size) {
      this.size = size;
      this.moments = statistic.moments.apply(size);
    }

    void add(Copies copies, int index, Attribution copy) {
      float[] values = copy.values();
      moments.add(i -> statistic.sample.applyAsDouble(copies.share(index, i, values[i])));
      zero &= copy.status() == MapStatus.ZERO_GRADIENT;
    }

    Attribution attribution(Objective objective, float[] outputs, BatchAxes axes) {
      float[] map = new float[size];
      for (int i = 0; i < size; i++) {
        map[i] = (float) statistic.value.of(moments, i);
      }
      Attribution made =
          Attribution.of(objective, outputs, axes, map)
              .withDiagnostic(SampleMoments.STANDARD_ERROR, statistic.error.applyAsDouble(moments));
      return zero ? made.withStatus(MapStatus.ZERO_GRADIENT) : made;
    }
  }
}

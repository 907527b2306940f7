package org.aucmedi.xai.decoder;

import static com.google.common.base.Preconditions.checkState;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import com.google.common.base.Throwables;
import com.google.common.collect.Lists;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.function.BiConsumer;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.aucmedi.xai.BatchSizes;
import org.aucmedi.xai.Heatmap;
import org.aucmedi.xai.Objective;
import org.aucmedi.xai.Progress;
import org.aucmedi.xai.XAIMethodBase;
import org.aucmedi.xai.array.ImageArray;
import org.aucmedi.xai.array.Spacing;
import org.aucmedi.xai.array.Spacings;
import org.aucmedi.xai.decoder.DecoderTarget.InvalidTargetException;
import org.aucmedi.xai.decoder.LoadedSample.Ready;
import org.aucmedi.xai.error.XAIException;
import org.aucmedi.xai.model.ExplainableModel;
import org.aucmedi.xai.model.UnsupportedModelException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Explains batches of samples of one shape: what is predicted, what is explained and the maps come
 * from the same passes of the method.
 *
 * <p>Where a batch fails its halves are tried, down to one image, so that a bad image costs no
 * other. A user's own model or method may throw anything. What is the model's fault ends the run.
 */
final class BatchExplainer {

  private static final Logger logger = LoggerFactory.getLogger(BatchExplainer.class);

  private final XAIMethodBase method;
  private final ExplainableModel model;
  private final Device device;
  private final DecoderTarget target;
  private final @Nullable Float eps;
  private final MemoryLimit memory;
  private final Progress progress;
  private final BooleanSupplier relief;
  private final BiConsumer<Ready, Throwable> failures;

  /** The most objectives that an image has had. */
  private int most = 1;

  /** What whoever watches has ended the run with. */
  private @Nullable Throwable ended;

  /** Some maps of a sample, how many it has in all, and what the model says of it. */
  record Maps(Ready sample, List<Heatmap> list, int total, float[] outputs) {

    Maps with(List<Heatmap> others) {
      return new Maps(sample, others, total, outputs);
    }
  }

  /**
   * Constructs it.
   *
   * @param eps of the normalisation; null for raw maps
   * @param relief asked when Java's memory runs out; waits for what else the run has going on, and
   *     says whether there was something
   * @param failures notified of each failure immediately
   */
  BatchExplainer(
      XAIMethodBase method,
      DecoderTarget target,
      @Nullable Float eps,
      MemoryLimit memory,
      Progress progress,
      BooleanSupplier relief,
      BiConsumer<Ready, Throwable> failures) {
    this.method = method;
    this.model = method.model();
    try (NDManager manager = model.newManager()) {
      this.device = manager.getDevice();
    }
    this.target = target;
    this.eps = eps;
    this.memory = memory;
    this.progress = progress;
    this.relief = relief;
    this.failures = failures;
  }

  /**
   * Explains images of one shape, with as many images and maps in a pass as memory has room for and
   * {@link BatchSizes} allows. How many objectives an image has is known from its first pass, and
   * expected of those that follow.
   *
   * @param batch the images
   * @param ready takes images with some of their maps, as soon as these are made
   * @throws IllegalArgumentException if the model has no such class, or the predictions made before
   *     are another model's
   * @throws UnsupportedModelException if the model cannot be explained, whatever the image
   * @throws IllegalStateException if the model is closed
   * @throws CancellationException if the method was cancelled
   */
  void explain(List<Ready> batch, Consumer<List<Maps>> ready) {
    ImageArray input = batch.get(0).input();
    int perPass = memory.mapsPerPass(input);
    int imagesPerPass = BatchSizes.of(batch.size(), MemoryLimit.valuesOf(input), device);
    Deque<Rest> waiting = new ArrayDeque<>();
    waiting.push(new Rest(batch, 0));
    while (!waiting.isEmpty()) {
      Rest next = waiting.pop();
      int from = next.from;
      int room = Math.min(imagesPerPass, atLeastOne(perPass / atLeastOne(most - from)));
      int images = Math.min(next.images.size(), room);
      if (images < next.images.size()) {
        waiting.push(new Rest(next.images.subList(images, next.images.size()), from));
      }
      int to = from + atLeastOne(perPass / images);
      List<Maps> made = explain(next.images.subList(0, images), from, to);
      ready.accept(made);
      List<Ready> unfinished =
          made.stream().filter(maps -> maps.total > to).map(Maps::sample).toList();
      if (!unfinished.isEmpty()) {
        waiting.push(new Rest(unfinished, to));
      }
    }
  }

  /** Images whose objectives are to be explained from a number on. */
  private record Rest(List<Ready> images, int from) {}

  private static int atLeastOne(int n) {
    return Math.max(1, n);
  }

  /** Makes some of the maps of each sample; those that fail are left out. */
  private List<Maps> explain(List<Ready> batch, int from, int to) {
    Pass pass = new Pass(batch, from, to);
    try (NDManager manager = model.newManager()) {
      pass.explain(
          InputBatch.of(manager, model.channelLayout(), batch.stream().map(Ready::input).toList()));
    } catch (RuntimeException | OutOfMemoryError | StackOverflowError e) {
      throwIfRunEnds(e);
      if (e instanceof OutOfMemoryError && relief.getAsBoolean()) {
        return explain(batch, from, to);
      }
      if (batch.size() > 1) {
        logger.debug("a batch of {} images failed, trying its halves", batch.size(), e);
        List<Maps> made = new ArrayList<>();
        for (List<Ready> half : Lists.partition(batch, (batch.size() + 1) / 2)) {
          made.addAll(explain(half, from, to));
        }
        return made;
      }
      int end = Math.min(to, most);
      if (e instanceof OutOfMemoryError && end - from > 1) {
        return explainInTwoPasses(batch, from, (from + end) >>> 1, to);
      }
      failures.accept(batch.get(0), e);
      return List.of();
    }
    return pass.good();
  }

  private List<Maps> explainInTwoPasses(List<Ready> one, int from, int middle, int to) {
    List<Maps> first = explain(one, from, middle);
    return first.isEmpty()
        ? first
        : explain(one, middle, to).stream()
            .map(
                maps ->
                    maps.with(
                        Stream.concat(first.get(0).list.stream(), maps.list.stream()).toList()))
            .toList();
  }

  /** Some of the objectives of some samples. */
  private final class Pass {

    private final List<Ready> batch;
    private final int from;
    private final int to;
    private final int[] totals;
    private final float[][] outputs;
    private List<List<Heatmap>> found = List.of();

    Pass(List<Ready> batch, int from, int to) {
      this.batch = batch;
      this.from = from;
      this.to = to;
      totals = new int[batch.size()];
      outputs = new float[batch.size()][0];
    }

    void explain(NDArray images) {
      Spacings spacings = n -> Spacing.of(batch.get(n).input());
      found =
          eps == null
              ? method.explainRaw(images, spacings, this::objectives, this::watch)
              : method.explain(images, spacings, this::objectives, eps, this::watch);
      checkState(
          found.size() == batch.size(),
          "the method gave maps of %s images for a batch of %s",
          found.size(),
          batch.size());
    }

    private List<Objective> objectives(float[] output, int image, int images) {
      List<Objective> all = target.objectives(output, batch.get(image).index());
      outputs[image] = output;
      totals[image] = all.size();
      most = Math.max(most, all.size());
      return all.subList(Math.min(from, all.size()), Math.min(to, all.size()));
    }

    private void watch(long step, long steps) {
      try {
        progress.update(step, steps);
      } catch (RuntimeException | Error e) {
        ended = e;
        throw e;
      }
    }

    /** The maps; samples with a non-finite prediction are reported and left out. */
    List<Maps> good() {
      List<Maps> good = new ArrayList<>();
      for (int n = 0; n < batch.size(); n++) {
        List<Heatmap> own = found.get(n);
        float[] said = own.isEmpty() ? outputs[n] : own.get(0).outputs();
        Float odd = notFinite(said);
        if (odd == null) {
          good.add(new Maps(batch.get(n), own, totals[n], said));
        } else {
          failures.accept(
              batch.get(n),
              new XAIException(
                  "the model's output is not finite ("
                      + odd
                      + "); check the image for NaN, its standardisation, and the weights"));
        }
      }
      return good;
    }
  }

  static @Nullable Float notFinite(float[] values) {
    for (float value : values) {
      if (!Float.isFinite(value)) {
        return value;
      }
    }
    return null;
  }

  /** Throws what is no fault of an image. */
  private void throwIfRunEnds(Throwable e) {
    if (ended != null) {
      Throwables.throwIfUnchecked(ended);
    }
    for (Throwable cause : Throwables.getCausalChain(e)) {
      if (cause instanceof InvalidTargetException invalid) {
        throw invalid;
      }
    }
    if (e instanceof CancellationException cancelled) {
      throw cancelled;
    }
    if (e instanceof UnsupportedModelException unsupported) {
      throw unsupported;
    }
    if (e instanceof RuntimeException && isClosed()) {
      throw new IllegalStateException(
          model + " was closed before the last image; close it later", e);
    }
  }

  private boolean isClosed() {
    try {
      model.newManager().close();
      return false;
    } catch (IllegalStateException e) {
      return true;
    }
  }
}

package org.aucmedi.xai.decoder;

import static com.google.common.base.Preconditions.checkArgument;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import com.google.common.collect.Lists;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CancellationException;
import java.util.function.Consumer;
import org.aucmedi.xai.Heatmaps;
import org.aucmedi.xai.Target;
import org.aucmedi.xai.XAIException;
import org.aucmedi.xai.XAIMethodBase;
import org.aucmedi.xai.array.ImageArray;
import org.aucmedi.xai.decoder.DecoderResult.Failure;
import org.aucmedi.xai.decoder.DecoderResult.Stage;
import org.aucmedi.xai.decoder.Explanation.ClassMap;
import org.aucmedi.xai.model.ChannelLayout;
import org.aucmedi.xai.model.ExplainableModel;
import org.aucmedi.xai.model.OutputActivation;
import org.aucmedi.xai.model.UnsupportedModelException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Predicts and explains batches of samples of one shape.
 *
 * <p>Where a batch fails its halves are tried, down to one image, so that a bad image costs no
 * other. A user's own model or method may throw anything. What is the model's fault ends the run.
 */
final class BatchExplainer {

  private static final Logger logger = LoggerFactory.getLogger(BatchExplainer.class);

  private final ExplainableModel model;
  private final XAIMethodBase method;
  private final ClassChoice classChoice;
  private final float @Nullable [][] predictions;
  private final @Nullable Float eps;
  private final MemoryLimit memory;
  private final Consumer<Failure> failures;
  private boolean predictionsFit;

  /**
   * Constructs it.
   *
   * @param predictions made before, a row per sample; null to predict
   * @param eps of the normalisation; null for raw maps
   * @param failures told of each failure at once
   */
  BatchExplainer(
      ExplainableModel model,
      XAIMethodBase method,
      ClassChoice classChoice,
      float @Nullable [][] predictions,
      @Nullable Float eps,
      MemoryLimit memory,
      Consumer<Failure> failures) {
    this.model = model;
    this.method = method;
    this.classChoice = classChoice;
    this.predictions = predictions;
    this.eps = eps;
    this.memory = memory;
    this.failures = failures;
    predictionsFit = predictions == null;
  }

  /**
   * Explains images of one shape, with as many images and classes in a pass as memory has room for.
   *
   * @param batch the images; what they fail of is noted there
   * @param ready takes images with some of their maps, as soon as these are made
   * @throws IllegalArgumentException if the model has no such class, or the predictions made before
   *     are another model's
   * @throws UnsupportedModelException if the model cannot be explained, whatever the image
   * @throws IllegalStateException if the model is closed
   * @throws CancellationException if the method was told to give up
   */
  void explain(List<SampleOutcome> batch, Consumer<List<SampleOutcome>> ready) {
    predictOrLookUp(batch);
    List<SampleOutcome> predicted = good(batch);
    if (predicted.isEmpty()) {
      return;
    }
    for (SampleOutcome outcome : predicted) {
      outcome.classes = choose(Objects.requireNonNull(outcome.prediction));
    }
    int maps = predicted.get(0).classes.length;
    int perPass = memory.mapsPerPass(predicted.get(0).input());
    for (List<SampleOutcome> part : Lists.partition(predicted, Math.max(1, perPass / maps))) {
      for (int from = 0; from < maps; from += perPass) {
        explain(good(part), from, Math.min(maps, from + perPass));
        ready.accept(good(part));
      }
    }
  }

  private static List<SampleOutcome> good(List<SampleOutcome> batch) {
    return batch.stream().filter(outcome -> outcome.failure == null).toList();
  }

  private void predictOrLookUp(List<SampleOutcome> batch) {
    if (!predictionsFit) {
      checkPredictions(batch.get(0));
    }
    List<SampleOutcome> good = good(batch);
    if (predictions == null) {
      predict(good);
    } else {
      good.forEach(outcome -> outcome.prediction = predictions[outcome.index]);
    }
    for (SampleOutcome outcome : good(good)) {
      for (float value : Objects.requireNonNull(outcome.prediction)) {
        if (!Float.isFinite(value)) {
          fail(
              outcome,
              new XAIException(
                  "the model's output is not finite ("
                      + value
                      + "); check the image for NaN, its standardisation, and the weights"));
          break;
        }
      }
    }
  }

  /** Predictions made before have as many columns as the model classes, which one pass tells. */
  private void checkPredictions(SampleOutcome first) {
    predict(List.of(first));
    if (first.prediction == null) {
      return;
    }
    int columns = Objects.requireNonNull(predictions)[first.index].length;
    checkArgument(
        columns == first.prediction.length,
        "row %s of the predictions has %s values, and the model's output has %s; give the"
            + " predictions of this model",
        first.index,
        columns,
        first.prediction.length);
    predictionsFit = true;
  }

  private void predict(List<SampleOutcome> batch) {
    if (batch.isEmpty()) {
      return;
    }
    try (NDManager manager = model.newManager()) {
      float[][] outputs = model.outputs(stack(manager, batch));
      for (int n = 0; n < batch.size(); n++) {
        batch.get(n).prediction = outputs[n];
      }
    } catch (RuntimeException | OutOfMemoryError | StackOverflowError e) {
      throwIfRunEnds(e);
      if (batch.size() == 1) {
        fail(batch.get(0), e);
      } else {
        halves(batch, e).forEach(this::predict);
      }
    }
  }

  /** Makes the maps of some of the chosen classes. */
  private void explain(List<SampleOutcome> batch, int from, int to) {
    if (batch.isEmpty()) {
      return;
    }
    try (NDManager manager = model.newManager()) {
      explain(stack(manager, batch), batch, from, to);
    } catch (RuntimeException | OutOfMemoryError | StackOverflowError e) {
      throwIfRunEnds(e);
      batch.forEach(outcome -> outcome.maps.clear());
      if (batch.size() > 1) {
        halves(batch, e).forEach(half -> explain(half, from, to));
      } else if (e instanceof OutOfMemoryError && to - from > 1) {
        explainInTwoPasses(batch.get(0), from, to);
      } else {
        fail(batch.get(0), e);
      }
    }
  }

  private void explainInTwoPasses(SampleOutcome outcome, int from, int to) {
    int middle = (from + to) >>> 1;
    explain(List.of(outcome), from, middle);
    List<ClassMap> first = List.copyOf(outcome.maps);
    outcome.maps.clear();
    explain(good(List.of(outcome)), middle, to);
    if (outcome.failure == null) {
      Lists.reverse(first).forEach(outcome.maps::addFirst);
    }
  }

  private void explain(NDArray images, List<SampleOutcome> batch, int from, int to) {
    Target target =
        classChoice instanceof ClassChoice.Argmax
            ? Target.perImage(batch.stream().mapToInt(outcome -> outcome.classes[0]).toArray())
            : Target.ofClasses(Arrays.copyOfRange(batch.get(0).classes, from, to));
    Heatmaps explained =
        eps == null ? method.explainRaw(images, target) : method.explain(images, target, eps);
    Shape shape = explained.maps().getShape();
    int[] spatial = Arrays.stream(shape.slice(2).getShape()).mapToInt(Math::toIntExact).toArray();
    int size = Math.toIntExact(shape.slice(2).size());
    float[] values = explained.maps().toFloatArray();
    for (int n = 0; n < batch.size(); n++) {
      SampleOutcome outcome = batch.get(n);
      float[] prediction = Objects.requireNonNull(outcome.prediction);
      for (int k = 0; k < to - from; k++) {
        int start = (n * (to - from) + k) * size;
        int classIndex = outcome.classes[from + k];
        outcome.maps.add(
            new ClassMap(
                classIndex,
                prediction[classIndex],
                spatial,
                Arrays.copyOfRange(values, start, start + size),
                explained.status(n, k)));
      }
    }
  }

  private void fail(SampleOutcome outcome, Throwable cause) {
    failures.accept(outcome.fail(Stage.EXPLAINING, cause));
  }

  private static List<List<SampleOutcome>> halves(List<SampleOutcome> batch, Throwable reason) {
    logger.debug("a batch of {} images failed, trying its halves", batch.size(), reason);
    return Lists.partition(batch, (batch.size() + 1) / 2);
  }

  /** Throws what is no fault of an image. */
  private void throwIfRunEnds(Throwable e) {
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

  private int[] choose(float[] prediction) {
    try {
      return classChoice.classes(prediction);
    } catch (IllegalArgumentException e) {
      if (prediction.length == 1 && model.outputActivation() == OutputActivation.UNKNOWN) {
        throw new IllegalArgumentException(
            e.getMessage()
                + "; if its one output is a sigmoid's, for yes or no, say so (--activation sigmoid,"
                + " LoadOptions)",
            e);
      }
      throw e;
    }
  }

  private NDArray stack(NDManager manager, List<SampleOutcome> batch) {
    ImageArray first = batch.get(0).input();
    boolean channelsFirst = model.channelLayout() == ChannelLayout.CHANNELS_FIRST;
    FloatBuffer buffer =
        FloatBuffer.allocate(
            Math.toIntExact(Math.multiplyExact(batch.size(), MemoryLimit.valuesOf(first))));
    for (SampleOutcome outcome : batch) {
      ImageArray input = outcome.input();
      buffer.put(channelsFirst ? input.toChannelsFirst() : input.data());
    }
    buffer.flip();
    Shape spatial = new Shape(Arrays.stream(first.spatialShape()).asLongStream().toArray());
    Shape images = new Shape(batch.size());
    Shape channels = new Shape(first.channels());
    return manager.create(
        buffer,
        channelsFirst
            ? images.addAll(channels).addAll(spatial)
            : images.addAll(spatial).addAll(channels));
  }
}

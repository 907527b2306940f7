package org.aucmedi.xai.decoder;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.stream.IntStream;
import org.aucmedi.xai.Heatmaps;
import org.aucmedi.xai.Target;
import org.aucmedi.xai.XAIMethodBase;
import org.aucmedi.xai.decoder.Explanation.ClassMap;
import org.aucmedi.xai.decoder.image.ImageArray;
import org.aucmedi.xai.model.ChannelLayout;
import org.aucmedi.xai.model.ExplainableModel;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Predicts and explains batches of samples of one shape. */
final class BatchExplainer {

  private static final Logger logger = LoggerFactory.getLogger(BatchExplainer.class);

  private final ExplainableModel model;
  private final XAIMethodBase method;
  private final ClassChoice classChoice;
  private final float @Nullable [][] predictions;
  private final @Nullable Float eps;

  /**
   * Constructs it.
   *
   * @param predictions made before, a row per sample; null to predict
   * @param eps of the normalisation; null for raw maps
   */
  BatchExplainer(
      ExplainableModel model,
      XAIMethodBase method,
      ClassChoice classChoice,
      float @Nullable [][] predictions,
      @Nullable Float eps) {
    this.model = model;
    this.method = method;
    this.classChoice = classChoice;
    this.predictions = predictions;
    this.eps = eps;
  }

  /**
   * Explains images of one shape; where the batch fails, one by one, to find the bad image. A
   * user's own model or method may throw anything.
   *
   * @throws CancellationException if the method was told to give up, which is no fault of an image
   */
  void explain(List<SampleOutcome> batch) {
    try {
      explainBatch(batch);
    } catch (InvalidClassException e) {
      throw new IllegalArgumentException(e.getMessage(), e);
    } catch (CancellationException e) {
      throw e;
    } catch (RuntimeException e) {
      if (batch.size() == 1) {
        batch.get(0).fail(e);
      } else {
        logger.debug("a batch of {} images failed, trying them one by one", batch.size(), e);
        batch.forEach(outcome -> explain(List.of(outcome)));
      }
    }
  }

  private void explainBatch(List<SampleOutcome> batch) {
    try (NDManager manager = model.newManager()) {
      NDArray images = stack(manager, batch);
      float[][] outputs = predict(images, batch);
      int[][] classes = new int[batch.size()][];
      for (int n = 0; n < classes.length; n++) {
        classes[n] = choose(outputs[n]);
      }
      Target target =
          classChoice instanceof ClassChoice.Argmax
              ? Target.perImage(Arrays.stream(classes).mapToInt(chosen -> chosen[0]).toArray())
              : Target.ofClasses(classes[0]);
      Heatmaps explained =
          eps == null ? method.explainRaw(images, target) : method.explain(images, target, eps);
      NDArray maps = explained.maps();
      Shape shape = maps.getShape();
      int[] spatial = Arrays.stream(shape.slice(2).getShape()).mapToInt(Math::toIntExact).toArray();
      int size = Math.toIntExact(shape.slice(2).size());
      float[] values = maps.toFloatArray();
      for (int n = 0; n < batch.size(); n++) {
        List<ClassMap> classMaps = new ArrayList<>();
        for (int k = 0; k < classes[n].length; k++) {
          int from = (n * classes[n].length + k) * size;
          int classIndex = classes[n][k];
          classMaps.add(
              new ClassMap(
                  classIndex,
                  outputs[n][classIndex],
                  spatial,
                  Arrays.copyOfRange(values, from, from + size),
                  explained.status(n, k)));
        }
        batch.get(n).maps = classMaps;
      }
    }
  }

  private int[] choose(float[] output) {
    try {
      return classChoice.classes(output);
    } catch (IllegalArgumentException e) {
      throw new InvalidClassException(e);
    }
  }

  private NDArray stack(NDManager manager, List<SampleOutcome> batch) {
    ImageArray first = batch.get(0).input();
    boolean channelsFirst = model.channelLayout() == ChannelLayout.CHANNELS_FIRST;
    FloatBuffer buffer =
        FloatBuffer.allocate(Math.multiplyExact(batch.size(), first.data().length));
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

  private float[][] predict(NDArray images, List<SampleOutcome> batch) {
    if (predictions != null) {
      return batch.stream().map(outcome -> predictions[outcome.index]).toArray(float[][]::new);
    }
    NDArray output = model.predict(images);
    float[] values = output.toFloatArray();
    int classes = values.length / batch.size();
    return IntStream.range(0, batch.size())
        .mapToObj(n -> Arrays.copyOfRange(values, n * classes, (n + 1) * classes))
        .toArray(float[][]::new);
  }

  /** A class that the model does not have concerns every image, so it ends the run. */
  private static final class InvalidClassException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    InvalidClassException(IllegalArgumentException cause) {
      super(cause.getMessage(), cause);
    }
  }
}

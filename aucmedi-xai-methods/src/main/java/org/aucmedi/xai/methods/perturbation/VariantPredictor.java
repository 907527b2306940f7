package org.aucmedi.xai.methods.perturbation;

import static com.google.common.base.Preconditions.checkArgument;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CancellationException;
import java.util.function.UnaryOperator;
import org.aucmedi.xai.BatchSizes;
import org.aucmedi.xai.Progress;
import org.aucmedi.xai.error.XAIException;
import org.aucmedi.xai.methods.ImageBuffer;
import org.aucmedi.xai.model.ExplainableModel;

/**
 * Predicts many perturbed variants of an image in batches, or of what a layer gives of it.
 *
 * <p>Variants are created on demand. A pass holds no more of them than the batch size and {@link
 * BatchSizes} allow, and is freed before the next; nothing but what the caller keeps grows with the
 * number of variants. Variant i is the same however many others share its pass. Variants that are
 * the image itself, for instance where a patch is covered with what is there already, are predicted
 * once.
 *
 * <p>Instances hold no state and may be shared between threads.
 */
public final class VariantPredictor {

  /** The row of an output that an earlier pass has given. */
  private static final int IN_EARLIER_PASS = -1;

  private final ExplainableModel model;
  private final UnaryOperator<NDArray> outputs;

  /** How many values the model gets beside each variant; none beside an image. */
  private final int besides;

  private final int batchSize;
  private final Progress progress;

  /** Makes a variant by changing a copy of the image. */
  @FunctionalInterface
  public interface Variants {
    /**
     * Makes a variant.
     *
     * @param index its number, from 0; the numbers come in order
     * @param pixels a copy of the image's values, row-major, to be changed by absolute {@code put}
     */
    void apply(int index, FloatBuffer pixels);
  }

  /** Takes the predictions. */
  @FunctionalInterface
  public interface Predictions {
    /**
     * Takes the prediction of a variant.
     *
     * @param index the number of the variant; the numbers come in order
     * @param output one value per class, the receiver's to keep
     */
    void accept(int index, float[] output);

    /** {@return whether the other variants are not needed; asked after every pass} */
    default boolean isComplete() {
      return false;
    }
  }

  /**
   * Makes a predictor.
   *
   * @param model predicts
   * @param batchSize the most variants of a pass, at least 1
   * @param progress is told after every pass
   */
  public VariantPredictor(ExplainableModel model, int batchSize, Progress progress) {
    this(model, model::predict, 0, batchSize, progress);
  }

  private VariantPredictor(
      ExplainableModel model,
      UnaryOperator<NDArray> outputs,
      int besides,
      int batchSize,
      Progress progress) {
    checkArgument(batchSize >= 1, "a batch holds at least 1 image, got %s", batchSize);
    this.model = Objects.requireNonNull(model, "model");
    this.outputs = outputs;
    this.besides = besides;
    this.batchSize = batchSize;
    this.progress = Objects.requireNonNull(progress, "progress");
  }

  /**
   * Makes a predictor of variants of a layer's output, which stand in for images from there on.
   *
   * @param model predicts
   * @param layerName the layer
   * @param image the image, row-major, that the model gets beside every variant; not changed
   * @param shape its shape without batch axis
   * @param batchSize the most variants of a pass, at least 1
   * @param progress is told after every pass
   * @return the predictor
   */
  public static VariantPredictor ofLayer(
      ExplainableModel model,
      String layerName,
      float[] image,
      Shape shape,
      int batchSize,
      Progress progress) {
    UnaryOperator<NDArray> outputs =
        activations -> {
          int copies = Math.toIntExact(activations.getShape().get(0));
          FloatBuffer same = FloatBuffer.allocate(Math.multiplyExact(copies, image.length));
          for (int i = 0; i < copies; i++) {
            same.put(image);
          }
          NDArray batch =
              activations.getManager().create(same.flip(), new Shape(copies).addAll(shape));
          return model.predictFromLayer(batch, layerName, activations);
        };
    return new VariantPredictor(model, outputs, image.length, batchSize, progress);
  }

  /**
   * Predicts, and hands every prediction over.
   *
   * @param manager makes the arrays; they are freed
   * @param image the image, row-major; not changed
   * @param shape its shape without batch axis
   * @param count how many variants
   * @param variants makes them
   * @param predictions takes what the model says of them; here none is kept
   * @throws CancellationException if the thread is interrupted, which it stays, or the progress
   *     listener gives up
   */
  public void predict(
      NDManager manager,
      float[] image,
      Shape shape,
      int count,
      Variants variants,
      Predictions predictions) {
    if (besides == 0) {
      model.expect(count);
    }
    int values = Math.max(image.length, besides);
    int most = Math.min(count, BatchSizes.of(batchSize, values, manager.getDevice()));
    ImageBuffer buffer = new ImageBuffer(shape, most);
    FloatBuffer original = FloatBuffer.wrap(image);
    float[] outputOfImage = {};
    for (int done = 0; done < count; ) {
      Progress.checkNotInterrupted(done, count);
      List<Integer> rows = new ArrayList<>();
      int size = 0;
      int rowOfImage = IN_EARLIER_PASS;
      while (size < most && done + rows.size() < count) {
        FloatBuffer pixels = buffer.image(size).put(0, image);
        variants.apply(done + rows.size(), pixels);
        boolean unchanged = pixels.equals(original);
        if (unchanged && (rowOfImage >= 0 || outputOfImage.length > 0)) {
          rows.add(rowOfImage);
        } else {
          rowOfImage = unchanged ? size : rowOfImage;
          rows.add(size++);
        }
      }
      float[] output = size == 0 ? new float[0] : outputs(manager, buffer, size);
      int classes = size == 0 ? 0 : output.length / size;
      if (rowOfImage >= 0) {
        outputOfImage = row(output, rowOfImage, classes);
      }
      for (int row : rows) {
        predictions.accept(done++, row >= 0 ? row(output, row, classes) : outputOfImage.clone());
      }
      progress.update(done, count);
      if (predictions.isComplete()) {
        return;
      }
    }
  }

  private static float[] row(float[] output, int row, int classes) {
    return Arrays.copyOfRange(output, row * classes, (row + 1) * classes);
  }

  private float[] outputs(NDManager manager, ImageBuffer buffer, int size) {
    try (NDManager scope = manager.newSubManager()) {
      NDArray batch = buffer.batch(scope, size);
      NDArray output = outputs.apply(batch);
      if (output.getShape().get(0) != size) {
        throw new XAIException(
            model
                + " gives an output of shape "
                + output.getShape()
                + " for a batch of "
                + batch.getShape());
      }
      return output.toFloatArray();
    }
  }
}

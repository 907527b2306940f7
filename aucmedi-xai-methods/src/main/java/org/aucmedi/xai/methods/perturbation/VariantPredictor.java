package org.aucmedi.xai.methods.perturbation;

import static com.google.common.base.Preconditions.checkArgument;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.Objects;
import java.util.concurrent.CancellationException;
import org.aucmedi.xai.Progress;
import org.aucmedi.xai.error.XAIException;
import org.aucmedi.xai.methods.BatchSizes;
import org.aucmedi.xai.model.ExplainableModel;

/**
 * Predicts many perturbed variants of an image in batches.
 *
 * <p>Variants are created on demand. A pass holds no more of them than the batch size and {@link
 * BatchSizes} allow, and is freed before the next; nothing but what the caller keeps grows with the
 * number of variants. Variant i is the same however many others share its pass.
 *
 * <p>Instances hold no state and may be shared between threads.
 */
public final class VariantPredictor {

  private final ExplainableModel model;
  private final int batchSize;
  private final Progress progress;

  /** Makes a variant by changing a copy of the image. */
  @FunctionalInterface
  public interface Variants {
    /**
     * Makes a variant.
     *
     * @param index its number, from 0; the numbers come in order
     * @param pixels holds a copy of the image, and other images around it
     * @param offset where the image starts
     */
    void apply(int index, float[] pixels, int offset);
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
    checkArgument(batchSize >= 1, "a batch holds at least 1 image, got %s", batchSize);
    this.model = Objects.requireNonNull(model, "model");
    this.batchSize = batchSize;
    this.progress = Objects.requireNonNull(progress, "progress");
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
    model.expect(count);
    int most = BatchSizes.of(batchSize, image.length);
    float[] pixels = new float[Math.min(most, count) * image.length];
    for (int first = 0; first < count; first += most) {
      Progress.checkNotInterrupted(first, count);
      int size = Math.min(most, count - first);
      for (int i = 0; i < size; i++) {
        System.arraycopy(image, 0, pixels, i * image.length, image.length);
        variants.apply(first + i, pixels, i * image.length);
      }
      float[] output = outputs(manager, pixels, new Shape(size).addAll(shape));
      int classes = output.length / size;
      for (int i = 0; i < size; i++) {
        predictions.accept(first + i, Arrays.copyOfRange(output, i * classes, (i + 1) * classes));
      }
      progress.update(first + size, count);
      if (predictions.isComplete()) {
        return;
      }
    }
  }

  private float[] outputs(NDManager manager, float[] pixels, Shape shape) {
    try (NDManager scope = manager.newSubManager()) {
      int values = Math.toIntExact(shape.size());
      NDArray batch = scope.create(FloatBuffer.wrap(pixels, 0, values), shape);
      NDArray output = model.predict(batch);
      if (output.getShape().get(0) != shape.get(0)) {
        throw new XAIException(
            model + " gives an output of shape " + output.getShape() + " for a batch of " + shape);
      }
      return output.toFloatArray();
    }
  }
}

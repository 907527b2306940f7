package org.aucmedi.xai.methods.perturbation;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.concurrent.CancellationException;
import org.aucmedi.xai.model.ExplainableModel;

/**
 * Predicts many variants of an image, a few at a time. Memory is bounded by the size of a pass, and
 * variant i is the same whatever that size is.
 */
final class VariantPredictor {

  /** Makes a variant by changing a copy of the image. */
  @FunctionalInterface
  interface Variants {
    /**
     * Makes variant number {@code index}.
     *
     * @param index the number
     * @param pixels holds a copy of the image, and other images around it
     * @param offset where the image starts
     */
    void apply(int index, float[] pixels, int offset);
  }

  private final ExplainableModel model;
  private final int batchSize;
  private final Progress progress;

  VariantPredictor(ExplainableModel model, int batchSize, Progress progress) {
    this.model = model;
    this.batchSize = batchSize;
    this.progress = progress;
  }

  /**
   * Predicts.
   *
   * @param manager makes the arrays; they are freed
   * @param image the image, row-major
   * @param shape its shape without batch axis
   * @param count how many variants
   * @param variants makes them
   * @return the predictions, {@code [variant][class]}
   * @throws CancellationException if the thread is interrupted, or the progress listener gives up
   */
  float[][] predict(NDManager manager, float[] image, Shape shape, int count, Variants variants) {
    float[][] predictions = new float[count][];
    for (int first = 0; first < count; first += batchSize) {
      if (Thread.interrupted()) {
        Thread.currentThread().interrupt();
        throw new CancellationException("interrupted after " + first + " of " + count);
      }
      int size = Math.min(batchSize, count - first);
      float[] pixels = new float[size * image.length];
      for (int i = 0; i < size; i++) {
        System.arraycopy(image, 0, pixels, i * image.length, image.length);
        variants.apply(first + i, pixels, i * image.length);
      }
      try (NDManager scope = manager.newSubManager()) {
        NDArray batch = scope.create(FloatBuffer.wrap(pixels), new Shape(size).addAll(shape));
        float[] output = model.predict(batch).toFloatArray();
        int classes = output.length / size;
        for (int i = 0; i < size; i++) {
          predictions[first + i] = Arrays.copyOfRange(output, i * classes, (i + 1) * classes);
        }
      }
      progress.update(first + size, count);
    }
    return predictions;
  }
}

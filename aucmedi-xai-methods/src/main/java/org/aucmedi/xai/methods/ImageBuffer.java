package org.aucmedi.xai.methods;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;

/**
 * Native memory for the images of a pass, overwritten by those of the next. Images written here
 * reach the engine without passing through the Java heap.
 *
 * <p>An array may share this memory. Write the next images only after it is closed.
 */
public final class ImageBuffer {

  private final Shape image;
  private final int size;
  private final ByteBuffer bytes;

  /**
   * Allocates memory, which is freed with this object.
   *
   * @param image the shape of an image, without batch axis
   * @param images the largest number of images, at least 1
   */
  public ImageBuffer(Shape image, int images) {
    this.image = image;
    this.size = Math.toIntExact(image.size());
    this.bytes =
        ByteBuffer.allocateDirect(Math.multiplyExact(Math.multiplyExact(size, images), Float.BYTES))
            .order(ByteOrder.nativeOrder());
  }

  /**
   * {@return the values of one image, to be written}
   *
   * @param index the image, from 0
   */
  public FloatBuffer image(int index) {
    return bytes.asFloatBuffer().slice(index * size, size);
  }

  /**
   * Creates a batch of the first images.
   *
   * @param manager owns the batch
   * @param images the number of images, at least 1
   * @return the batch, float32
   */
  public NDArray batch(NDManager manager, int images) {
    ByteBuffer used = bytes.slice(0, images * size * Float.BYTES).order(ByteOrder.nativeOrder());
    return manager.create(used, new Shape(images).addAll(image), DataType.FLOAT32);
  }

  /**
   * Writes an image on the straight way from one to another, {@code from + share * (to - from)}; at
   * its end the other itself, without rounding.
   *
   * @param target takes the values, by absolute {@code put}
   * @param from the image at the start
   * @param to the image at the end
   * @param share how far it is, from 0 to 1
   */
  public static void writeBetween(FloatBuffer target, float[] from, float[] to, float share) {
    for (int i = 0; i < to.length; i++) {
      target.put(i, share == 1 ? to[i] : from[i] + share * (to[i] - from[i]));
    }
  }
}

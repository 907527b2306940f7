package org.aucmedi.xai.methods;

import java.nio.FloatBuffer;
import java.util.SplittableRandom;
import org.aucmedi.xai.array.Range;

/**
 * Noisy copies of an image: normally distributed noise is added to each value.
 *
 * @param image the image; not to be changed
 * @param deviation the standard deviation of the noise
 */
public record ImageNoise(float[] image, double deviation) {

  /**
   * Returns noise in proportion to an image.
   *
   * @param image the image; not to be changed
   * @param relative the standard deviation, relative to the range of the image's values
   * @return the noise; none for an image of one colour
   */
  public static ImageNoise relative(float[] image, double relative) {
    Range range = Range.of(image);
    return new ImageNoise(image, relative * ((double) range.max() - range.min()));
  }

  /**
   * Writes a copy.
   *
   * @param random the source of its noise
   * @param copy receives the values, from index 0
   */
  public void write(SplittableRandom random, FloatBuffer copy) {
    for (int i = 0; i < image.length; i++) {
      copy.put(i, (float) (image[i] + deviation * random.nextGaussian()));
    }
  }
}

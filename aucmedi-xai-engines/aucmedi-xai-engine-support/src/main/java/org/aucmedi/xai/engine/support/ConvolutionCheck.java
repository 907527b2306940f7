package org.aucmedi.xai.engine.support;

import ai.djl.Device;
import ai.djl.ndarray.NDManager;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import org.aucmedi.xai.error.XAIException;

/**
 * Compares an engine's gradients of convolutions with sums computed here, once for a JVM.
 *
 * <p>On some processors (seen on AMD's Zen 5) the library oneDNN, as PyTorch 2.7 and TensorFlow
 * 2.18 contain it, does not clear the end of a block of channels: gradients are wrong or NaN for
 * some numbers of channels that are no multiple of the block's 8, 16, 32 or 64, and a pass may
 * crash. Its code for AVX, without blocks, is right.
 */
public final class ConvolutionCheck {

  private static final List<Convolution> CONVOLUTIONS =
      List.of(
          new Convolution(3, 4, 12, 10, 3),
          new Convolution(16, 24, 5, 7, 3),
          new Convolution(3, 8, 10, 14, 3),
          new Convolution(24, 40, 5, 7, 1),
          new Convolution(40, 6, 9, 9, 1),
          new Convolution(72, 8, 5, 7, 3));

  private final String engine;
  private final Differentiation differentiation;
  private final AtomicBoolean passed = new AtomicBoolean();

  /** Differentiates a convolution on an engine. */
  @FunctionalInterface
  public interface Differentiation {

    /**
     * Computes a gradient.
     *
     * @param manager owns the engine's arrays, on the CPU
     * @param convolution what to differentiate
     * @return the gradient with respect to the images, (N, C, H, W)
     */
    float[] inputGradient(NDManager manager, Convolution convolution);
  }

  /**
   * A convolution of a batch of images with stride 1, padded with zeros so that the size stays. All
   * values are small whole numbers, whose sums are exact in any order.
   *
   * @param in channels of the images
   * @param out channels of the result
   * @param height height of the images in pixels
   * @param width width of the images in pixels
   * @param side height and width of the kernel, odd
   */
  public record Convolution(int in, int out, int height, int width, int side) {

    /** The number of images in the batch. */
    public static final int IMAGES = 2;

    /** {@return the kernel, (out, in, side, side)} */
    public float[] kernel() {
      return wholeNumbers(out * in * side * side);
    }

    /** {@return the gradient of the result, (N, out, H, W)} */
    public float[] outputGradient() {
      return wholeNumbers(IMAGES * out * height * width);
    }

    /**
     * {@return the gradient of the images, (N, in, H, W): the sum over all that a value adds to}
     */
    float[] inputGradient() {
      float[] kernel = kernel();
      float[] seeds = outputGradient();
      float[] sums = new float[IMAGES * in * height * width];
      for (int i = 0; i < sums.length; i++) {
        int x = i % width;
        int y = i / width % height;
        int c = i / width / height % in;
        int image = i / width / height / in;
        for (int k = 0; k < out; k++) {
          for (int tap = 0; tap < side * side; tap++) {
            int row = y - tap / side + side / 2;
            int column = x - tap % side + side / 2;
            if (row >= 0 && row < height && column >= 0 && column < width) {
              sums[i] +=
                  seeds[((image * out + k) * height + row) * width + column]
                      * kernel[(k * in + c) * side * side + tap];
            }
          }
        }
      }
      return sums;
    }

    private static float[] wholeNumbers(int count) {
      SplittableRandom random = new SplittableRandom(count);
      float[] numbers = new float[count];
      for (int i = 0; i < count; i++) {
        numbers[i] = random.nextInt(-3, 4);
      }
      return numbers;
    }
  }

  /**
   * Constructs a check; an engine keeps one.
   *
   * @param engine its name in messages
   * @param differentiation how it differentiates
   */
  public ConvolutionCheck(String engine, Differentiation differentiation) {
    this.engine = engine;
    this.differentiation = differentiation;
  }

  /**
   * Checks, unless it has been done before.
   *
   * @param manager a manager of the model that is to be explained; on a GPU nothing is checked
   * @throws XAIException if a gradient is wrong
   */
  public void require(NDManager manager) {
    if (passed.get() || manager.getDevice().isGpu()) {
      return;
    }
    for (Convolution convolution : CONVOLUTIONS) {
      try (NDManager scope = manager.newSubManager(Device.cpu())) {
        float[] found = differentiation.inputGradient(scope, convolution);
        if (!Arrays.equals(found, convolution.inputGradient())) {
          throw new XAIException(
              engine
                  + " computes wrong gradients on this processor: its library oneDNN fails for a"
                  + " convolution of "
                  + convolution.in
                  + " to "
                  + convolution.out
                  + " channels; set the environment variable ONEDNN_MAX_CPU_ISA=AVX and start again");
        }
      }
    }
    passed.set(true);
  }
}

package org.aucmedi.xai.engine.pytorch;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.convolutional.Conv2d;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import org.aucmedi.xai.error.XAIException;

/**
 * Compares gradients of libtorch's convolutions with sums computed here, once for a JVM.
 *
 * <p>On some processors (seen on AMD's Zen 5) the library oneDNN inside of libtorch 2.7 does not
 * clear the end of a block of channels: gradients are wrong or NaN where the number of channels is
 * no multiple of 8 or 16, and a pass may crash. Its code for AVX, without blocks, is right.
 */
final class ConvolutionCheck {

  /** Channels in, channels out, height, width, and the side of the kernel. */
  private static final int[][] CONVOLUTIONS = {
    {3, 4, 12, 10, 3}, {16, 24, 5, 7, 3}, {3, 8, 10, 14, 3}, {24, 40, 5, 7, 1}
  };

  private static final int IMAGES = 2;

  private static final AtomicBoolean PASSED = new AtomicBoolean();

  private ConvolutionCheck() {}

  /**
   * Checks, unless it has been done before.
   *
   * @param manager a manager of the model that is to be explained; on a GPU nothing is checked
   * @throws XAIException if a gradient is wrong
   */
  static void require(NDManager manager) {
    if (PASSED.get() || manager.getDevice().isGpu()) {
      return;
    }
    for (int[] convolution : CONVOLUTIONS) {
      try (NDManager scope = manager.newSubManager(Device.cpu())) {
        if (!isRight(scope, convolution)) {
          throw new XAIException(
              "PyTorch computes wrong gradients on this processor: its library oneDNN fails for a"
                  + " convolution of "
                  + convolution[0]
                  + " to "
                  + convolution[1]
                  + " channels; set the environment variable ONEDNN_MAX_CPU_ISA=AVX and start again");
        }
      }
    }
    PASSED.set(true);
  }

  /** Values are small whole numbers, whose sums are exact in any order. */
  private static boolean isRight(NDManager scope, int[] convolution) {
    int in = convolution[0];
    int out = convolution[1];
    int height = convolution[2];
    int width = convolution[3];
    int side = convolution[4];
    float[] weights = wholeNumbers(out * in * side * side);
    float[] seeds = wholeNumbers(IMAGES * out * height * width);
    float[] found =
        GradMode.with(
            true,
            () -> {
              NDArray images = scope.zeros(new Shape(IMAGES, in, height, width));
              images.setRequiresGradient(true);
              NDArray kernel = scope.create(weights, new Shape(out, in, side, side));
              int padding = side / 2;
              NDArray result =
                  Conv2d.conv2d(
                          images,
                          kernel,
                          null,
                          new Shape(1, 1),
                          new Shape(padding, padding),
                          new Shape(1, 1))
                      .singletonOrThrow();
              NDArray seed = scope.create(seeds, new Shape(IMAGES, out, height, width));
              JniUtils.backward((PtNDArray) result, (PtNDArray) seed, false, false);
              return images.getGradient().toFloatArray();
            });
    for (int n = 0; n < IMAGES; n++) {
      for (int c = 0; c < in; c++) {
        for (int y = 0; y < height; y++) {
          for (int x = 0; x < width; x++) {
            float sum = 0;
            for (int k = 0; k < out; k++) {
              for (int i = 0; i < side * side; i++) {
                int row = y - i / side + side / 2;
                int column = x - i % side + side / 2;
                if (row >= 0 && row < height && column >= 0 && column < width) {
                  sum +=
                      seeds[((n * out + k) * height + row) * width + column]
                          * weights[(k * in + c) * side * side + i];
                }
              }
            }
            if (found[((n * in + c) * height + y) * width + x] != sum) {
              return false;
            }
          }
        }
      }
    }
    return true;
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

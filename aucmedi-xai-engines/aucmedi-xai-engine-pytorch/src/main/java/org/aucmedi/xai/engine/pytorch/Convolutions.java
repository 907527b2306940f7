package org.aucmedi.xai.engine.pytorch;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.convolutional.Conv2d;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import org.aucmedi.xai.engine.support.ConvolutionCheck;
import org.aucmedi.xai.engine.support.ConvolutionCheck.Convolution;

/** Libtorch's convolutions, whose gradients are checked before the first model is explained. */
final class Convolutions {

  static final ConvolutionCheck CHECK =
      new ConvolutionCheck(PyTorchModelProvider.ENGINE, Convolutions::inputGradient);

  private Convolutions() {}

  private static float[] inputGradient(NDManager manager, Convolution convolution) {
    int in = convolution.in();
    int out = convolution.out();
    int side = convolution.side();
    long padding = side / 2;
    return GradMode.with(
        true,
        () -> {
          NDArray images =
              manager.zeros(
                  new Shape(Convolution.IMAGES, in, convolution.height(), convolution.width()));
          images.setRequiresGradient(true);
          NDArray kernel = manager.create(convolution.kernel(), new Shape(out, in, side, side));
          NDArray result =
              Conv2d.conv2d(
                      images,
                      kernel,
                      null,
                      new Shape(1, 1),
                      new Shape(padding, padding),
                      new Shape(1, 1))
                  .singletonOrThrow();
          NDArray seed = manager.create(convolution.outputGradient(), result.getShape());
          JniUtils.backward((PtNDArray) result, (PtNDArray) seed, false, false);
          return images.getGradient().toFloatArray();
        });
  }
}

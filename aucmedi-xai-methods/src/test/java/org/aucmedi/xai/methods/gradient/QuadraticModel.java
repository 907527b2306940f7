package org.aucmedi.xai.methods.gradient;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.nio.FloatBuffer;
import java.util.EnumSet;
import java.util.Set;
import org.aucmedi.xai.model.Capability;
import org.aucmedi.xai.model.ChannelLayout;
import org.aucmedi.xai.model.ExplainableModel;
import org.aucmedi.xai.model.OutputActivation;
import org.aucmedi.xai.model.OutputGradient;
import org.aucmedi.xai.testkit.LinearModel;

/**
 * {@code output[c] = sum(a[c] x^2) / 2}, whose gradient is {@code a[c] x}: of normally distributed
 * noise its moments are known.
 */
record QuadraticModel(float[][] a) implements ExplainableModel {

  @Override
  public String engineName() {
    return "heap";
  }

  @Override
  public ChannelLayout channelLayout() {
    return ChannelLayout.CHANNELS_FIRST;
  }

  @Override
  public OutputActivation outputActivation() {
    return OutputActivation.NONE;
  }

  @Override
  public Set<Capability> capabilities() {
    return EnumSet.of(Capability.PREDICTION, Capability.INPUT_GRADIENTS);
  }

  @Override
  public NDManager newManager() {
    return new LinearModel(a, channelLayout(), engineName()).newManager();
  }

  @Override
  public NDArray predict(NDArray batch) {
    float[] x = batch.toFloatArray();
    int images = Math.toIntExact(batch.getShape().get(0));
    int size = x.length / images;
    float[] output = new float[images * a.length];
    for (int n = 0; n < images; n++) {
      for (int c = 0; c < a.length; c++) {
        for (int i = 0; i < size; i++) {
          output[n * a.length + c] += a[c][i] * x[n * size + i] * x[n * size + i] / 2;
        }
      }
    }
    return batch.getManager().create(FloatBuffer.wrap(output), new Shape(images, a.length));
  }

  @Override
  public NDList inputGradients(NDArray batch, OutputGradient scores) {
    float[] x = batch.toFloatArray();
    int images = Math.toIntExact(batch.getShape().get(0));
    int size = x.length / images;
    NDList gradients = new NDList();
    for (float[] of : scores.of(outputs(batch))) {
      float[] gradient = new float[x.length];
      for (int n = 0; n < images; n++) {
        for (int c = 0; c < a.length; c++) {
          for (int i = 0; i < size; i++) {
            gradient[n * size + i] += of[n * a.length + c] * a[c][i] * x[n * size + i];
          }
        }
      }
      gradients.add(batch.getManager().create(FloatBuffer.wrap(gradient), batch.getShape()));
    }
    return gradients;
  }

  @Override
  public void close() {}
}

package org.aucmedi.xai.testkit;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.nio.FloatBuffer;
import java.util.EnumSet;
import java.util.Set;
import org.aucmedi.xai.error.XAIException;
import org.aucmedi.xai.model.Capability;
import org.aucmedi.xai.model.ChannelLayout;
import org.aucmedi.xai.model.ExplainableModel;
import org.aucmedi.xai.model.OutputActivation;
import org.aucmedi.xai.model.OutputGradient;

/**
 * {@code output[c] = sum(weights[c] * x)}, in plain Java on any engine's arrays: every gradient is
 * known, in any layout and rank.
 */
public final class LinearModel implements ExplainableModel {

  private final float[][] weights;
  private final ChannelLayout layout;
  private final String engine;

  /**
   * Constructs a model.
   *
   * @param weights for each class one weight per value of the image, in the layout's order
   * @param layout the layout
   * @param engine the engine whose arrays to use, or {@code "heap"} for arrays in plain Java
   */
  public LinearModel(float[][] weights, ChannelLayout layout, String engine) {
    this.weights = weights;
    this.layout = layout;
    this.engine = engine;
  }

  @Override
  public String engineName() {
    return engine;
  }

  @Override
  public ChannelLayout channelLayout() {
    return layout;
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
    return engine.equals(HeapEngine.NAME)
        ? HeapEngine.newRootManager()
        : NDManager.newBaseManager(engine);
  }

  @Override
  public NDArray predict(NDArray batch) {
    float[] x = batch.toFloatArray();
    int images = (int) batch.getShape().get(0);
    int size = x.length / images;
    if (size != weights[0].length) {
      throw new XAIException("expected " + weights[0].length + " values, got " + size);
    }
    float[] output = new float[images * weights.length];
    for (int n = 0; n < images; n++) {
      for (int c = 0; c < weights.length; c++) {
        for (int i = 0; i < size; i++) {
          output[n * weights.length + c] += weights[c][i] * x[n * size + i];
        }
      }
    }
    return batch.getManager().create(FloatBuffer.wrap(output), new Shape(images, weights.length));
  }

  @Override
  public NDList inputGradients(NDArray batch, OutputGradient scores) {
    int images = (int) batch.getShape().get(0);
    int size = (int) batch.getShape().slice(1).size();
    NDList gradients = new NDList();
    for (float[] outputGradient : scores.of(outputs(batch))) {
      float[] gradient = new float[images * size];
      for (int n = 0; n < images; n++) {
        for (int c = 0; c < weights.length; c++) {
          for (int i = 0; i < size; i++) {
            gradient[n * size + i] += outputGradient[n * weights.length + c] * weights[c][i];
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

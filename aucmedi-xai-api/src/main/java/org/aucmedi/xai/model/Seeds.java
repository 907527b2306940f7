package org.aucmedi.xai.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.nio.FloatBuffer;

/** The derivatives of scores as arrays, for models that take them in that form alone. */
final class Seeds {

  private Seeds() {}

  /** Predicts, and asks what is to be differentiated. */
  static NDList of(ExplainableModel model, NDManager scope, NDArray batch, OutputGradient scores) {
    float[][] outputs = model.outputs(batch);
    Shape shape = new Shape(outputs.length, outputs[0].length);
    NDList seeds = new NDList();
    for (float[] gradient : scores.of(outputs)) {
      seeds.add(scope.create(FloatBuffer.wrap(gradient), shape));
    }
    return seeds;
  }
}

package org.aucmedi.xai.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import java.nio.FloatBuffer;
import java.util.Arrays;

/** The derivatives of scores as arrays, for models that take them in that form alone. */
final class Seeds {

  private Seeds() {}

  /** Predicts, and asks what is to be differentiated. */
  static NDList of(ExplainableModel model, NDManager scope, NDArray batch, OutputGradient scores) {
    NDArray output = model.predict(batch);
    output.attach(scope);
    float[] values = output.toFloatArray();
    float[][] rows = new float[Math.toIntExact(output.getShape().get(0))][];
    int classes = values.length / rows.length;
    for (int n = 0; n < rows.length; n++) {
      rows[n] = Arrays.copyOfRange(values, n * classes, (n + 1) * classes);
    }
    NDList seeds = new NDList();
    for (float[] gradient : scores.of(rows)) {
      seeds.add(scope.create(FloatBuffer.wrap(gradient), output.getShape()));
    }
    return seeds;
  }
}

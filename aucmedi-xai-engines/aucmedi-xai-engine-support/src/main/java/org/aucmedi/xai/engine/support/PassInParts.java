package org.aucmedi.xai.engine.support;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.aucmedi.xai.error.XAIException;
import org.aucmedi.xai.model.Layer;
import org.aucmedi.xai.model.OutputGradient;
import org.jspecify.annotations.Nullable;

/**
 * Runs a pass over a batch in parts of the size that the model accepts; the last part is padded
 * with its last image. The function of the outputs receives all of them, so the outputs of the
 * whole batch are computed before the first gradient.
 */
final class PassInParts {

  private final EngineModel model;
  private final NDList inputs;
  private final NDArray batch;
  private final List<float[]> values;
  private final int images;
  private final int size;

  /**
   * Prepares a pass.
   *
   * @param inputs the whole batch, and arrays that have a row for each of its images
   * @param size the number of images that the model accepts at once
   */
  PassInParts(EngineModel model, NDList inputs, int size) {
    this.model = model;
    this.inputs = inputs;
    this.batch = inputs.head();
    this.values = inputs.stream().map(NDArray::toFloatArray).toList();
    this.images = Math.toIntExact(batch.getShape().get(0));
    this.size = size;
  }

  /** Runs only the first part, to see whether the model accepts it. */
  void tryFirst() {
    try (NDManager scope = model.newManager()) {
      model.forward(scope, part(scope, 0).head());
    }
  }

  /**
   * Runs all parts.
   *
   * @param scores what to differentiate, or null for nothing
   * @param pass runs one part
   * @return the results of all images, owned by the manager of the batch
   */
  PassResults run(@Nullable OutputGradient scores, EngineModel.Pass pass) {
    List<float[]> gradients = scores == null ? List.of() : scores.of(outputs());
    List<List<float[]>> arrays = new ArrayList<>();
    List<Shape> shapes = new ArrayList<>();
    int relus = 0;
    List<Layer> layers = List.of();
    for (int from = 0; from < images; from += size) {
      int start = from;
      OutputGradient own = outputs -> gradients.stream().map(g -> rows(g, start)).toList();
      try (NDManager scope = model.newManager()) {
        PassResults found = pass.run(scope, part(scope, from), own);
        relus = found.relus();
        layers = found.layers().stream().map(this::ofWholeBatch).toList();
        for (int i = 0; i < found.arrays().size(); i++) {
          NDArray array = found.arrays().get(i);
          if (arrays.size() == i) {
            arrays.add(new ArrayList<>());
            shapes.add(array.getShape());
          }
          arrays.get(i).add(kept(array, Math.min(size, images - from)));
        }
      }
    }
    NDList joined = new NDList();
    for (int i = 0; i < arrays.size(); i++) {
      Shape shape = new Shape(images).addAll(shapes.get(i).slice(1));
      FloatBuffer buffer = FloatBuffer.allocate(Math.toIntExact(shape.size()));
      arrays.get(i).forEach(buffer::put);
      joined.add(batch.getManager().create(buffer.flip(), shape));
    }
    return new PassResults(joined, relus, layers);
  }

  private float[][] outputs() {
    float[][] outputs = new float[images][];
    for (int from = 0; from < images; from += size) {
      try (NDManager scope = model.newManager()) {
        NDArray part = part(scope, from).head();
        float[][] rows = ClassOutputs.of(model, model.forward(scope, part), part).rows();
        System.arraycopy(rows, 0, outputs, from, Math.min(size, images - from));
      }
    }
    return outputs;
  }

  private NDList part(NDManager scope, int from) {
    NDList part = new NDList();
    for (int i = 0; i < inputs.size(); i++) {
      Shape shape = new Shape(size).addAll(inputs.get(i).getShape().slice(1));
      part.add(scope.create(FloatBuffer.wrap(rows(values.get(i), from)), shape));
    }
    return part;
  }

  /** The rows of one part, padded with those of the last image. */
  private float[] rows(float[] all, int from) {
    int row = all.length / images;
    float[] part = new float[size * row];
    for (int i = 0; i < size; i++) {
      System.arraycopy(all, Math.min(from + i, images - 1) * row, part, i * row, row);
    }
    return part;
  }

  private float[] kept(NDArray array, int rows) {
    if (array.getShape().dimension() == 0 || array.getShape().get(0) != size) {
      throw new XAIException(
          model
              + " accepts "
              + size
              + " images at once, but its result, of shape "
              + array.getShape()
              + ", does not have a row for each; explain that many images at a time");
    }
    float[] part = array.toFloatArray();
    return Arrays.copyOf(part, part.length / size * rows);
  }

  private Layer ofWholeBatch(Layer layer) {
    Shape shape = layer.outputShape();
    boolean rows = shape != null && shape.dimension() > 0 && shape.get(0) == size;
    return rows
        ? new Layer(layer.name(), layer.kind(), new Shape(images).addAll(shape.slice(1)))
        : layer;
  }
}

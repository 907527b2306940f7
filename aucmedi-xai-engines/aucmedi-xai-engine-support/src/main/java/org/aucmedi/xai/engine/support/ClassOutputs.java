package org.aucmedi.xai.engine.support;

import static com.google.common.base.Preconditions.checkArgument;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import com.google.common.primitives.Floats;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.List;
import org.aucmedi.xai.error.XAIException;
import org.aucmedi.xai.model.OutputActivation;
import org.aucmedi.xai.model.UnsupportedModelException;

/**
 * A model's output, viewed as (N, classes).
 *
 * <p>(N), (N, 1, 1) and (N, classes, 1, ...) are accepted too. A single sigmoid unit p becomes two
 * classes, 1 - p and p; so the derivative of a score with respect to p is that with respect to
 * class 1 minus that with respect to class 0.
 */
final class ClassOutputs {

  private final Shape shape;
  private final float[] values;
  private final int images;
  private final boolean yesOrNo;

  private ClassOutputs(Shape shape, float[] values, int images, boolean yesOrNo) {
    this.shape = shape;
    this.values = values;
    this.images = images;
    this.yesOrNo = yesOrNo;
  }

  /**
   * Validates an output.
   *
   * @throws UnsupportedModelException if it is not the output of a classifier
   * @throws XAIException if it does not have a row for each image
   */
  static ClassOutputs of(EngineModel model, NDArray output, NDArray batch) {
    Shape shape = output.getShape();
    if (!output.getDataType().isFloating()) {
      throw new UnsupportedModelException(
          model
              + " returns numbers of type "
              + output.getDataType()
              + "; a classifier returns probabilities or logits, of a float type");
    }
    boolean classifier = shape.dimension() >= 1 && shape.size() > 0;
    for (int axis = 2; axis < shape.dimension(); axis++) {
      classifier &= shape.get(axis) == 1;
    }
    if (!classifier) {
      throw new UnsupportedModelException(message(model, output, batch));
    }
    if (shape.get(0) != batch.getShape().get(0)) {
      throw new XAIException(message(model, output, batch));
    }
    float[] values = output.toType(DataType.FLOAT32, false).toFloatArray();
    int images = Math.toIntExact(shape.get(0));
    boolean yesOrNo =
        values.length == images && model.outputActivation() == OutputActivation.SIGMOID;
    return new ClassOutputs(shape, values, images, yesOrNo);
  }

  private static String message(EngineModel model, NDArray output, NDArray batch) {
    return model
        + " returns an output of shape "
        + output.getShape()
        + " for a batch of shape "
        + batch.getShape()
        + "; a classifier returns (N, classes)";
  }

  private int classes() {
    return yesOrNo ? 2 : values.length / images;
  }

  /** Returns the outputs, {@code [image][class]}. */
  float[][] rows() {
    float[][] rows = new float[images][];
    int units = values.length / images;
    for (int n = 0; n < images; n++) {
      rows[n] =
          yesOrNo
              ? new float[] {1 - values[n], values[n]}
              : Arrays.copyOfRange(values, n * units, (n + 1) * units);
    }
    return rows;
  }

  /** Returns the outputs as an array (N, classes). */
  NDArray array(NDManager manager) {
    return manager.create(FloatBuffer.wrap(Floats.concat(rows())), new Shape(images, classes()));
  }

  /**
   * Converts derivatives with respect to (N, classes) into derivatives with respect to the output.
   */
  NDList gradients(NDManager manager, List<float[]> gradients) {
    NDList own = new NDList();
    for (float[] gradient : gradients) {
      checkArgument(
          gradient.length == images * classes(),
          "an output gradient must have one value for each of %s images and %s classes, got %s",
          images,
          classes(),
          gradient.length);
      float[] folded = gradient;
      if (yesOrNo) {
        folded = new float[images];
        for (int n = 0; n < images; n++) {
          folded[n] = gradient[2 * n + 1] - gradient[2 * n];
        }
      }
      own.add(manager.create(FloatBuffer.wrap(folded), shape));
    }
    return own;
  }
}

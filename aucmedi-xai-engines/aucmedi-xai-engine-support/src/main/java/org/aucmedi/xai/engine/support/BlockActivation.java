package org.aucmedi.xai.engine.support;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.LambdaBlock;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.norm.Dropout;
import ai.djl.training.ParameterStore;
import ai.djl.util.Pair;
import com.google.common.collect.Lists;
import java.nio.FloatBuffer;
import java.util.function.DoubleUnaryOperator;
import org.aucmedi.xai.model.LayerKind;
import org.aucmedi.xai.model.OutputActivation;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds the last operation of a tree of blocks.
 *
 * <p>DJL's own blocks with weights are not activations. A function is applied to one array (images,
 * classes): if it returns the values of a softmax, log-softmax or sigmoid, it is one; if it returns
 * its input, as dropout and flattening do, the search continues before it. A block with custom code
 * is unknown.
 */
final class BlockActivation {

  private static final Logger logger = LoggerFactory.getLogger(BlockActivation.class);
  private static final int IMAGES = 3;
  private static final int CLASSES = 5;

  private final NDManager manager;
  private final float[] values = new float[IMAGES * CLASSES];

  private BlockActivation(NDManager manager) {
    this.manager = manager;
    for (int i = 0; i < values.length; i++) {
      values[i] = (i * 7 % 15 - 7) / 3f;
    }
  }

  /**
   * Finds the last operation.
   *
   * @param root the model's block
   * @param manager any manager of the model's engine
   * @return the activation, {@link OutputActivation#UNKNOWN} if the blocks do not show it
   */
  static OutputActivation of(Block root, NDManager manager) {
    try (NDManager scope = manager.newSubManager()) {
      OutputActivation found = new BlockActivation(scope).last(root);
      return found == null ? OutputActivation.NONE : found;
    }
  }

  /** Returns null for a block that returns its input. */
  private @Nullable OutputActivation last(Block wrapped) {
    Block block = BlockTree.unwrap(wrapped);
    if (BlockTree.isSequence(block)) {
      return ((SequentialBlock) block).isReturnIntermediate()
          ? OutputActivation.UNKNOWN
          : lastOf(block);
    }
    if (block instanceof Dropout) {
      return null;
    }
    boolean weights = !block.getDirectParameters().isEmpty();
    if (weights && block.getClass().getName().startsWith("ai.djl.nn.")) {
      return OutputActivation.NONE;
    }
    return block instanceof LambdaBlock ? tried(block) : OutputActivation.UNKNOWN;
  }

  private @Nullable OutputActivation lastOf(Block sequence) {
    for (Pair<String, Block> child : Lists.reverse(sequence.getChildren().stream().toList())) {
      OutputActivation found = last(child.getValue());
      if (found != null) {
        return found;
      }
    }
    return null;
  }

  private @Nullable OutputActivation tried(Block block) {
    try {
      NDArray input = manager.create(FloatBuffer.wrap(values), new Shape(IMAGES, CLASSES));
      NDArray output =
          block
              .forward(new ParameterStore(manager, false), new NDList(input), false)
              .singletonOrThrow()
              .toType(DataType.FLOAT32, false);
      return output.getShape().equals(new Shape(IMAGES, CLASSES))
          ? ofValues(output.toFloatArray())
          : OutputActivation.UNKNOWN;
    } catch (RuntimeException e) {
      logger.debug("block {} takes no array (images, classes)", block, e);
      boolean pools = BlockTree.kind(block) == LayerKind.POOL;
      return pools ? OutputActivation.NONE : OutputActivation.UNKNOWN;
    }
  }

  private @Nullable OutputActivation ofValues(float[] found) {
    if (close(found, x -> x, false)) {
      return null;
    }
    if (close(found, x -> 1 / (1 + Math.exp(-x)), false)) {
      return OutputActivation.SIGMOID;
    }
    if (close(found, Math::exp, true)) {
      return OutputActivation.SOFTMAX;
    }
    float[] powers = found.clone();
    for (int i = 0; i < powers.length; i++) {
      powers[i] = (float) Math.exp(found[i]);
    }
    if (close(powers, Math::exp, true)) {
      return OutputActivation.LOG_SOFTMAX;
    }
    for (float value : found) {
      if (!(value >= 0 && value <= 1)) {
        return OutputActivation.NONE;
      }
    }
    // An unknown activation whose outputs are probabilities.
    return OutputActivation.UNKNOWN;
  }

  /**
   * Returns whether values are those of a function, optionally normalised by their sum over the
   * classes.
   */
  private boolean close(float[] found, DoubleUnaryOperator function, boolean shares) {
    for (int from = 0; from < values.length; from += CLASSES) {
      double sum = 0;
      for (int c = 0; c < CLASSES; c++) {
        sum += function.applyAsDouble(values[from + c]);
      }
      for (int c = 0; c < CLASSES; c++) {
        double expected = function.applyAsDouble(values[from + c]) / (shares ? sum : 1);
        if (!(Math.abs(found[from + c] - expected) < 1e-5)) {
          return false;
        }
      }
    }
    return true;
  }
}

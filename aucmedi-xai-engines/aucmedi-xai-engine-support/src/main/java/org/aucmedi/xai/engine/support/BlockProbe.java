package org.aucmedi.xai.engine.support;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.nn.Block;
import ai.djl.nn.SymbolBlock;
import ai.djl.training.ParameterStore;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.aucmedi.xai.model.LayerKind;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Identifies functions by applying them to test values, since a lambda expression has no name.
 *
 * <p>Each block is tested once, with an array of the rank and channels of its input in the model,
 * and with both signs of several magnitudes at every position. If a function throws, its name
 * decides.
 */
final class BlockProbe {

  /**
   * The traits of a function.
   *
   * @param kind the kind of layer
   * @param relu the ReLU that it applies to its argument or to the sum of its arguments, or null
   */
  record Traits(LayerKind kind, @Nullable ReluKind relu) {}

  private static final Logger logger = LoggerFactory.getLogger(BlockProbe.class);

  private final IdentityHashMap<Block, Traits> known = new IdentityHashMap<>();
  private int failures;

  /** Identifies a block that is neither sequential nor parallel. */
  Traits ofBlock(String path, Block block, NDList inputs) {
    return known.computeIfAbsent(
        block,
        unknown ->
            isFunction(unknown, inputs) ? tried(path, unknown, inputs.head()) : named(unknown));
  }

  private static Traits named(Block block) {
    return new Traits(BlockTree.kind(block), null);
  }

  private static boolean isFunction(Block block, NDList inputs) {
    return block.getChildren().isEmpty()
        && block.getDirectParameters().isEmpty()
        && !(block instanceof SymbolBlock)
        && inputs.size() == 1
        && inputs.head().getDataType().isFloating();
  }

  private Traits tried(String path, Block block, NDArray like) {
    try (NDManager scope = like.getManager().newSubManager()) {
      ParameterStore none = new ParameterStore(scope, false);
      UnaryOperator<NDArray> function =
          x -> block.forward(none, new NDList(x), false).singletonOrThrow();
      ProbeValues values = ProbeValues.like(like.getShape(), 0);
      NDArray output = function.apply(array(scope, values));
      if (output.getShape().equals(values.shape())) {
        float[] found = floats(output);
        for (ReluKind relu : ReluKind.values()) {
          if (values.become(found, relu::of)) {
            return new Traits(LayerKind.ACTIVATION, relu);
          }
        }
        if (values.areBent(found) || values.areShares(found)) {
          return new Traits(LayerKind.ACTIVATION, null);
        }
      } else if (values.arePooled(output.getShape(), floats(output))) {
        return new Traits(LayerKind.POOL, null);
      }
      return named(block);
    } catch (RuntimeException e) {
      failed(path, e);
      return named(block);
    }
  }

  /** Identifies the function of a parallel block. */
  Traits ofFunction(String path, Block parallel, List<NDList> branches) {
    return known.computeIfAbsent(
        parallel,
        unknown ->
            haveOneShape(branches)
                ? triedSum(path, unknown, branches)
                : new Traits(LayerKind.OTHER, null));
  }

  private static boolean haveOneShape(List<NDList> branches) {
    return branches.stream()
        .allMatch(
            branch ->
                branch.size() == 1
                    && branch.head().getDataType().isFloating()
                    && branch.head().getShape().equals(branches.get(0).head().getShape()));
  }

  private Traits triedSum(String path, Block parallel, List<NDList> branches) {
    Function<List<NDList>, NDList> function = BlockTree.function(parallel);
    Traits other = new Traits(LayerKind.OTHER, null);
    NDArray like = branches.get(0).head();
    try (NDManager scope = like.getManager().newSubManager()) {
      List<NDList> arguments = new ArrayList<>();
      List<ProbeValues> values = new ArrayList<>();
      for (int k = 0; k < branches.size(); k++) {
        values.add(ProbeValues.like(like.getShape(), k));
        arguments.add(new NDList(array(scope, values.get(k))));
      }
      NDArray output = function.apply(arguments).singletonOrThrow();
      ProbeValues sum = ProbeValues.sum(values);
      if (!output.getShape().equals(sum.shape())) {
        return other;
      }
      float[] found = floats(output);
      if (branches.size() > 1 && sum.become(found, x -> x)) {
        return new Traits(LayerKind.ADD, null);
      }
      for (ReluKind relu : ReluKind.values()) {
        if (sum.become(found, relu::of)) {
          return new Traits(LayerKind.ACTIVATION, relu);
        }
      }
      return other;
    } catch (RuntimeException e) {
      failed(path, e);
      return other;
    }
  }

  private void failed(String path, RuntimeException failure) {
    failures++;
    logger.debug("the function of layer {} fails on test values", path, failure);
  }

  /** Returns the number of functions that have failed since the last call. */
  int takeFailures() {
    int count = failures;
    failures = 0;
    return count;
  }

  private static NDArray array(NDManager scope, ProbeValues values) {
    return scope.create(FloatBuffer.wrap(values.data()), values.shape());
  }

  private static float[] floats(NDArray array) {
    return array.toType(DataType.FLOAT32, false).toFloatArray();
  }
}

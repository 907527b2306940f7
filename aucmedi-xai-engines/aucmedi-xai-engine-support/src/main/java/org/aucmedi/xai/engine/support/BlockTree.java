package org.aucmedi.xai.engine.support;

import ai.djl.ndarray.NDList;
import ai.djl.nn.Block;
import ai.djl.nn.LambdaBlock;
import ai.djl.nn.ParallelBlock;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.convolutional.Convolution;
import ai.djl.nn.convolutional.Deconvolution;
import ai.djl.nn.core.Linear;
import ai.djl.nn.core.Prelu;
import ai.djl.nn.norm.BatchNorm;
import ai.djl.nn.norm.GhostBatchNorm;
import ai.djl.nn.norm.LayerNorm;
import ai.djl.util.Pair;
import java.lang.reflect.Field;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.aucmedi.xai.error.XAIException;
import org.aucmedi.xai.model.LayerKind;
import org.aucmedi.xai.model.TapBlock;

/** What is known about DJL's blocks without running them. */
final class BlockTree {

  private static final Set<String> FORWARD = Set.of("forward", "forwardInternal");

  private BlockTree() {}

  static Block unwrap(Block block) {
    return block instanceof TapBlock tap ? unwrap(tap.getBlock()) : block;
  }

  /** Returns whether DJL's own code runs the block's children one after the other. */
  static boolean isSequence(Block block) {
    return block instanceof SequentialBlock && keepsForward(block, SequentialBlock.class);
  }

  /** Returns whether DJL's own code runs the block's children on the same input. */
  static boolean isParallel(Block block) {
    return block instanceof ParallelBlock && keepsForward(block, ParallelBlock.class);
  }

  static boolean isComposite(Block block) {
    return isSequence(block) || isParallel(block);
  }

  private static boolean keepsForward(Block block, Class<?> base) {
    for (Class<?> type = block.getClass(); type != base; type = type.getSuperclass()) {
      if (Arrays.stream(type.getDeclaredMethods())
          .anyMatch(method -> FORWARD.contains(method.getName()))) {
        return false;
      }
    }
    return true;
  }

  /** Returns the path of the root: empty, or a name if the root is the only layer. */
  static String rootPath(Block root) {
    Block block = unwrap(root);
    if (isComposite(block)) {
      return "";
    }
    String name = block.getClass().getSimpleName();
    return name.isEmpty() ? "block" : name;
  }

  static String join(String path, String name) {
    return path.isEmpty() ? name : path + "/" + name;
  }

  /** Finds the {@link TapBlock}s that a block's own code may call, with their paths. */
  static Map<TapBlock, String> taps(String path, Block block) {
    Map<TapBlock, String> taps = new HashMap<>();
    addTaps(path, block, taps);
    return taps;
  }

  private static void addTaps(String path, Block block, Map<TapBlock, String> taps) {
    for (Pair<String, Block> child : block.getChildren()) {
      String name = join(path, child.getKey());
      if (child.getValue() instanceof TapBlock tap) {
        taps.putIfAbsent(tap, name);
      } else {
        addTaps(name, child.getValue(), taps);
      }
    }
  }

  /** Returns the function that joins a parallel block's branches, a private field in DJL. */
  @SuppressWarnings("unchecked")
  static Function<List<NDList>, NDList> function(Block parallel) {
    try {
      Field field = ParallelBlock.class.getDeclaredField("function");
      field.setAccessible(true);
      return (Function<List<NDList>, NDList>) field.get(parallel);
    } catch (ReflectiveOperationException | RuntimeException e) {
      throw new XAIException(
          "cannot inspect a ParallelBlock in this version of DJL; use DJL 0.36.0, or wrap the block"
              + " in a TapBlock inside a custom block",
          e);
    }
  }

  /** Infers the kind of a block from its class or name. */
  static LayerKind kind(Block block) {
    if (block instanceof Convolution || block instanceof Deconvolution) {
      return LayerKind.CONV;
    }
    if (block instanceof Linear) {
      return LayerKind.DENSE;
    }
    if (block instanceof BatchNorm
        || block instanceof GhostBatchNorm
        || block instanceof LayerNorm) {
      return LayerKind.NORM;
    }
    if (block instanceof Prelu) {
      return LayerKind.ACTIVATION;
    }
    return block.getChildren().isEmpty() ? kindOfName(name(block)) : LayerKind.OTHER;
  }

  private static String name(Block block) {
    String name =
        block instanceof LambdaBlock lambda ? lambda.getName() : block.getClass().getSimpleName();
    // The name of a lambda expression's class starts with that of the enclosing class.
    return name.contains("$$Lambda") ? "" : name.toLowerCase(Locale.ROOT);
  }

  private static LayerKind kindOfName(String name) {
    if (name.contains("pool")) {
      return LayerKind.POOL;
    }
    return name.matches(".*(relu|sigmoid|softplus|softsign|tanh|elu|swish|mish|softmax).*")
        ? LayerKind.ACTIVATION
        : LayerKind.OTHER;
  }
}

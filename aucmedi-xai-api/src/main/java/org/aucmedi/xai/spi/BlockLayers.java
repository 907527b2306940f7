package org.aucmedi.xai.spi;

import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.LambdaBlock;
import ai.djl.nn.ParallelBlock;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.convolutional.Convolution;
import ai.djl.nn.convolutional.Deconvolution;
import ai.djl.nn.core.Linear;
import ai.djl.nn.norm.BatchNorm;
import ai.djl.nn.norm.GhostBatchNorm;
import ai.djl.nn.norm.LayerNorm;
import ai.djl.util.Pair;
import com.google.common.collect.ImmutableList;
import java.util.List;
import java.util.Locale;
import org.aucmedi.xai.model.Layer;
import org.aucmedi.xai.model.LayerKind;
import org.jspecify.annotations.Nullable;

/**
 * Lists the layers of DJL's own blocks.
 *
 * <p>{@link SequentialBlock} and {@link ParallelBlock} are walked; any other block is one layer,
 * since only its own code knows in which order it calls its children. A layer's name is the path of
 * child names, joined by slashes.
 */
public final class BlockLayers {

  private BlockLayers() {}

  /**
   * Lists the layers of a block.
   *
   * @param root the block
   * @return its layers in execution order, with output shapes where the block is initialised
   */
  public static List<Layer> of(Block root) {
    ImmutableList.Builder<Layer> layers = ImmutableList.builder();
    Shape[] input = root.isInitialized() ? root.getInputShapes() : null;
    walk("", root, input, layers);
    return layers.build();
  }

  private static void walk(
      String path, Block block, Shape @Nullable [] input, ImmutableList.Builder<Layer> layers) {
    boolean sequential = block instanceof SequentialBlock;
    if (sequential || block instanceof ParallelBlock) {
      Shape[] current = input;
      for (Pair<String, Block> child : block.getChildren()) {
        String name = path.isEmpty() ? child.getKey() : path + "/" + child.getKey();
        walk(name, child.getValue(), current, layers);
        if (sequential && current != null) {
          current = child.getValue().getOutputShapes(current);
        }
      }
    }
    if (!path.isEmpty()) {
      Shape[] output = input == null ? null : block.getOutputShapes(input);
      layers.add(
          new Layer(path, kind(block), output == null || output.length != 1 ? null : output[0]));
    }
  }

  private static LayerKind kind(Block block) {
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
    if (block instanceof LambdaBlock lambda) {
      return kindOfName(lambda.getName());
    }
    return LayerKind.OTHER;
  }

  private static LayerKind kindOfName(String name) {
    String folded = name.toLowerCase(Locale.ROOT);
    if (folded.contains("pool")) {
      return LayerKind.POOL;
    }
    return folded.matches(".*(relu|sigmoid|softplus|softsign|tanh|elu|gelu|swish|mish|softmax).*")
        ? LayerKind.ACTIVATION
        : LayerKind.OTHER;
  }
}

package org.aucmedi.xai.engine.support;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.nn.Block;
import ai.djl.nn.SequentialBlock;
import ai.djl.training.ParameterStore;
import ai.djl.util.Pair;
import ai.djl.util.PairList;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.aucmedi.xai.model.LayerKind;
import org.aucmedi.xai.model.TapBlock;
import org.jspecify.annotations.Nullable;

/**
 * One forward pass through a tree of blocks, in inference mode and on the model's own parameters,
 * that shows every layer to an observer.
 *
 * <p>It reimplements DJL's sequential and parallel blocks; every other block runs its own code. As
 * the pass's parameter store, it is handed through that code to every {@link TapBlock}.
 */
final class BlockRun extends ParameterStore implements TapBlock.Hook {

  private final Block root;
  private final BlockProbe probe;
  private final BlockObserver observer;
  private Map<TapBlock, String> taps = Map.of();

  BlockRun(Block root, BlockProbe probe, BlockObserver observer, NDArray input) {
    super(input.getManager(), false);
    this.root = root;
    this.probe = probe;
    this.observer = observer;
  }

  /** Runs the model. */
  NDList run(NDArray input) {
    return run(BlockTree.rootPath(root), root, new NDList(input), null);
  }

  @Override
  public NDList forward(TapBlock tap, NDList inputs, @Nullable PairList<String, Object> params) {
    String path = taps.get(tap);
    return path == null
        ? tap.getBlock().forward(this, inputs, false, params)
        : run(path, tap, inputs, params);
  }

  private NDList run(
      String path, Block wrapped, NDList inputs, @Nullable PairList<String, Object> params) {
    Block block = BlockTree.unwrap(wrapped);
    if (BlockTree.isSequence(block)) {
      return shown(path, LayerKind.OTHER, sequence(path, (SequentialBlock) block, inputs));
    }
    return BlockTree.isParallel(block)
        ? parallel(path, block, inputs, params)
        : single(path, block, inputs, params);
  }

  private NDList sequence(String path, SequentialBlock block, NDList inputs) {
    NDList all = new NDList();
    NDList current = inputs;
    for (Pair<String, Block> child : block.getChildren()) {
      current = run(BlockTree.join(path, child.getKey()), child.getValue(), current, null);
      all.addAll(current);
    }
    return block.isReturnIntermediate() ? all : current;
  }

  private NDList parallel(
      String path, Block block, NDList inputs, @Nullable PairList<String, Object> params) {
    List<NDList> branches = new ArrayList<>();
    for (Pair<String, Block> child : block.getChildren()) {
      // A function may change its argument lists.
      branches.add(
          new NDList(run(BlockTree.join(path, child.getKey()), child.getValue(), inputs, params)));
    }
    BlockProbe.Traits traits = probe.ofFunction(path, block, branches);
    if (traits.relu() == null) {
      return shown(path, traits.kind(), BlockTree.function(block).apply(branches));
    }
    NDArray sum = branches.get(0).head();
    for (NDList branch : branches.subList(1, branches.size())) {
      sum = sum.add(branch.head());
    }
    if (branches.size() > 1) {
      sum = observer.layer(BlockTree.join(path, "add"), LayerKind.ADD, sum);
    }
    NDArray output = observer.rectify(traits.relu(), sum, traits.relu()::of);
    return shown(path, LayerKind.ACTIVATION, new NDList(output));
  }

  private NDList single(
      String path, Block block, NDList inputs, @Nullable PairList<String, Object> params) {
    BlockProbe.Traits traits = probe.ofBlock(path, block, inputs);
    if (traits.relu() == null) {
      return shown(path, traits.kind(), own(path, block, inputs, params));
    }
    NDArray output =
        observer.rectify(
            traits.relu(),
            inputs.head(),
            input -> block.forward(this, new NDList(input), false, params).head());
    return shown(path, LayerKind.ACTIVATION, new NDList(output));
  }

  private NDList own(
      String path, Block block, NDList inputs, @Nullable PairList<String, Object> params) {
    Map<TapBlock, String> before = taps;
    taps = BlockTree.taps(path, block);
    try {
      return block.forward(this, inputs, false, params);
    } finally {
      taps = before;
    }
  }

  private NDList shown(String path, LayerKind kind, NDList outputs) {
    if (path.isEmpty() || outputs.size() != 1 || !outputs.head().getDataType().isFloating()) {
      return outputs;
    }
    return new NDList(observer.layer(path, kind, outputs.head()));
  }
}

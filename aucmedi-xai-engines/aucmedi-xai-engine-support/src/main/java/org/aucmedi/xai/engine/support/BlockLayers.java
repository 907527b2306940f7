package org.aucmedi.xai.engine.support;

import ai.djl.nn.Block;
import ai.djl.util.Pair;
import com.google.common.collect.ImmutableList;
import java.util.List;
import org.aucmedi.xai.model.Layer;
import org.aucmedi.xai.model.LayerKind;
import org.aucmedi.xai.model.TapBlock;

/** Lists the layers that a tree of blocks shows without running it. */
final class BlockLayers {

  private final ImmutableList.Builder<Layer> layers = ImmutableList.builder();

  private BlockLayers() {}

  /** Lists layers without shapes; their kinds are inferred from names and classes. */
  static List<Layer> of(Block root) {
    BlockLayers list = new BlockLayers();
    list.add(BlockTree.rootPath(root), BlockTree.unwrap(root));
    return list.layers.build();
  }

  private void add(String path, Block block) {
    LayerKind kind = LayerKind.OTHER;
    if (BlockTree.isComposite(block)) {
      for (Pair<String, Block> child : block.getChildren()) {
        add(BlockTree.join(path, child.getKey()), BlockTree.unwrap(child.getValue()));
      }
    } else {
      addTaps(path, block);
      kind = BlockTree.kind(block);
    }
    if (!path.isEmpty()) {
      layers.add(new Layer(path, kind, null));
    }
  }

  private void addTaps(String path, Block block) {
    for (Pair<String, Block> child : block.getChildren()) {
      String name = BlockTree.join(path, child.getKey());
      if (child.getValue() instanceof TapBlock) {
        add(name, BlockTree.unwrap(child.getValue()));
      } else {
        addTaps(name, child.getValue());
      }
    }
  }
}

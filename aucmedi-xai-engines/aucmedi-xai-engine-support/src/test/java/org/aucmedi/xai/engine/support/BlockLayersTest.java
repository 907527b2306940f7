package org.aucmedi.xai.engine.support;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.AbstractBlock;
import ai.djl.nn.Activation;
import ai.djl.nn.Block;
import ai.djl.nn.Blocks;
import ai.djl.nn.LambdaBlock;
import ai.djl.nn.ParallelBlock;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.convolutional.Conv2d;
import ai.djl.nn.core.Linear;
import ai.djl.nn.norm.BatchNorm;
import ai.djl.nn.pooling.Pool;
import ai.djl.training.ParameterStore;
import ai.djl.util.PairList;
import java.util.List;
import org.aucmedi.xai.model.Layer;
import org.aucmedi.xai.model.LayerKind;
import org.aucmedi.xai.model.TapBlock;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

final class BlockLayersTest {

  @Test
  void of_nestedBlocks_haveTheirPathsAndFinishInsideOut() {
    Block relu = Activation.reluBlock();
    Block root =
        new SequentialBlock()
            .add(conv())
            .add(
                new ParallelBlock(
                    list -> list.get(0),
                    List.of(
                        new SequentialBlock().add(BatchNorm.builder().build()).add(relu),
                        Pool.maxPool2dBlock(new Shape(2, 2)))))
            .add(relu)
            .add(x -> x)
            .add(Linear.builder().setUnits(2).build());

    assertThat(BlockLayers.of(root))
        .containsExactly(
            new Layer("01Conv2d", LayerKind.CONV, null),
            new Layer("02ParallelBlock/01SequentialBlock/01BatchNorm", LayerKind.NORM, null),
            new Layer(
                "02ParallelBlock/01SequentialBlock/02LambdaBlock", LayerKind.ACTIVATION, null),
            new Layer("02ParallelBlock/01SequentialBlock", LayerKind.OTHER, null),
            new Layer("02ParallelBlock/02LambdaBlock", LayerKind.POOL, null),
            new Layer("02ParallelBlock", LayerKind.OTHER, null),
            new Layer("03LambdaBlock", LayerKind.ACTIVATION, null),
            new Layer("04LambdaBlock", LayerKind.OTHER, null),
            new Layer("05Linear", LayerKind.DENSE, null));
  }

  @Test
  void of_compositeWithOwnCode_isOneLayerExceptForItsTaps() {
    Block root =
        new SequentialBlock()
            .add(new Custom(conv(), Blocks.identityBlock()))
            .add(
                new Custom(
                    new TapBlock(new SequentialBlock().add(conv())),
                    new SequentialBlock().add(new TapBlock(conv()))))
            .add(new TapBlock(conv()));

    assertThat(BlockLayers.of(root).stream().map(Layer::name))
        .containsExactly(
            "01Custom",
            "02Custom/01part/01Conv2d",
            "02Custom/01part",
            "02Custom/02part/01TapBlock",
            "02Custom",
            "03TapBlock");
  }

  @Test
  void of_subclass_isWalkedUnlessItHasAForwardOfItsOwn() {
    Block plain = new Named().add(conv());
    Block own = new Overriding().add(conv());

    assertThat(BlockLayers.of(new SequentialBlock().add(plain).add(own)).stream().map(Layer::name))
        .containsExactly("01Named/01Conv2d", "01Named", "02Overriding");
  }

  @Test
  void of_singleBlock_isALayerCalledLikeItsClass() {
    assertThat(BlockLayers.of(conv())).containsExactly(new Layer("Conv2d", LayerKind.CONV, null));
    assertThat(BlockLayers.of(new TapBlock(new Custom())))
        .containsExactly(new Layer("Custom", LayerKind.OTHER, null));
  }

  @Test
  void kind_lambdaNamedAfterTheClassAroundIt_isNotGuessed() {
    // DJL names this one after the expression's class: BlockLayersTest$ReluPool$$Lambda...
    assertThat(BlockTree.kind(ReluPool.identity())).isEqualTo(LayerKind.OTHER);
  }

  @Test
  void function_ofAParallelBlock_isFound() {
    NDList answer = new NDList();
    assertThat(BlockTree.function(new ParallelBlock(list -> answer)).apply(List.of()))
        .isSameAs(answer);
  }

  private static Block conv() {
    return Conv2d.builder().setKernelShape(new Shape(3, 3)).setFilters(2).build();
  }

  private static final class ReluPool {
    static Block identity() {
      return LambdaBlock.singleton(x -> x);
    }
  }

  private static class Named extends SequentialBlock {}

  private static final class Overriding extends Named {
    @Override
    protected NDList forwardInternal(
        ParameterStore parameterStore,
        NDList inputs,
        boolean training,
        @Nullable PairList<String, Object> params) {
      return inputs;
    }
  }

  private static final class Custom extends AbstractBlock {

    Custom(Block... parts) {
      for (Block part : parts) {
        addChildBlock("part", part);
      }
    }

    @Override
    protected NDList forwardInternal(
        ParameterStore parameterStore,
        NDList inputs,
        boolean training,
        @Nullable PairList<String, Object> params) {
      return inputs;
    }

    @Override
    public Shape[] getOutputShapes(Shape[] inputShapes) {
      return inputShapes;
    }
  }
}

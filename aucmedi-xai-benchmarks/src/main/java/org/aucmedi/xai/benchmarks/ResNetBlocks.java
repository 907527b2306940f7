package org.aucmedi.xai.benchmarks;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import ai.djl.nn.Block;
import ai.djl.nn.Blocks;
import ai.djl.nn.ParallelBlock;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.convolutional.Conv2d;
import ai.djl.nn.core.Linear;
import ai.djl.nn.norm.BatchNorm;
import ai.djl.nn.pooling.Pool;
import java.util.List;

/**
 * ResNet-18 as DJL's blocks, for engines of which no model file can be had.
 *
 * <p>Paper: K. He et al., <a href="https://arxiv.org/abs/1512.03385">Deep Residual Learning for
 * Image Recognition</a>, 2015.
 */
final class ResNetBlocks {

  private static final int[] WIDTHS = {64, 128, 256, 512};

  private ResNetBlocks() {}

  static Block resnet18() {
    SequentialBlock network =
        new SequentialBlock()
            .add(convolution(64, 7, 2))
            .add(BatchNorm.builder().build())
            .add(Activation.reluBlock())
            .add(Pool.maxPool2dBlock(new Shape(3, 3), new Shape(2, 2), new Shape(1, 1)));
    for (int width : WIDTHS) {
      boolean first = width == WIDTHS[0];
      network.add(unit(width, first ? 1 : 2, !first)).add(unit(width, 1, false));
    }
    return network
        .add(Pool.globalAvgPool2dBlock())
        .add(Blocks.batchFlattenBlock())
        .add(Linear.builder().setUnits(1000).build());
  }

  private static Block unit(int width, int stride, boolean projected) {
    Block residual =
        new SequentialBlock()
            .add(convolution(width, 3, stride))
            .add(BatchNorm.builder().build())
            .add(Activation.reluBlock())
            .add(convolution(width, 3, 1))
            .add(BatchNorm.builder().build());
    Block shortcut =
        projected
            ? new SequentialBlock()
                .add(convolution(width, 1, stride))
                .add(BatchNorm.builder().build())
            : Blocks.identityBlock();
    return new ParallelBlock(ResNetBlocks::sum, List.of(residual, shortcut));
  }

  private static NDList sum(List<NDList> branches) {
    NDArray sum = branches.get(0).singletonOrThrow().add(branches.get(1).singletonOrThrow());
    return new NDList(Activation.relu(sum));
  }

  private static Block convolution(int filters, int side, int stride) {
    return Conv2d.builder()
        .setFilters(filters)
        .setKernelShape(new Shape(side, side))
        .optStride(new Shape(stride, stride))
        .optPadding(new Shape(side / 2, side / 2))
        .optBias(false)
        .build();
  }
}

package org.aucmedi.xai.engine.support;

import ai.djl.ndarray.NDArray;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.aucmedi.xai.model.ReluRule;

/**
 * Cuts the graph at every ReLU and propagates gradients back piece by piece.
 *
 * <p>A piece runs from ReLUs to later ones. The list is in order of execution, so when the walk
 * back reaches a ReLU, everything that used its output has already contributed its gradient. This
 * also holds where branches meet and where one block is used twice.
 */
final class ReluTape implements BlockObserver {

  private final Autograd autograd;
  private final List<Cut> cuts = new ArrayList<>();

  ReluTape(Autograd autograd) {
    this.autograd = autograd;
  }

  private record Cut(ReluKind relu, NDArray input, NDArray output, NDArray leaf) {}

  int size() {
    return cuts.size();
  }

  /** The model gets copies of both ends of a piece, since it might change them in place. */
  @Override
  public NDArray rectify(ReluKind relu, NDArray input, UnaryOperator<NDArray> own) {
    NDArray end = input.add(0);
    NDArray output = relu.of(input.stopGradient());
    NDArray leaf = autograd.leaf(output);
    cuts.add(new Cut(relu, end, output, leaf));
    return leaf.add(0);
  }

  /** Differentiates the output with respect to the input, with a rule for every ReLU. */
  NDArray gradient(NDArray output, NDArray outputGradient, NDArray input, ReluRule rule) {
    autograd.backward(output, outputGradient, true);
    for (int k = cuts.size() - 1; k >= 0; k--) {
      Cut cut = cuts.get(k);
      try (NDArray arrived = BlockPasses.taken(autograd, cut.leaf());
          NDArray passed = cut.relu().back(arrived, cut.output(), rule)) {
        // Pieces overlap where an array is used both with and without the ReLU.
        autograd.backward(cut.input(), passed, true);
      }
    }
    return BlockPasses.taken(autograd, input);
  }
}

package org.aucmedi.xai.importer;

import java.util.List;
import java.util.function.Function;

/**
 * An operation on tensors.
 *
 * @param expression the TorchScript expression, in the form that PyTorch itself saves; {@code {0}}
 *     stands for the first input, {@code {1}} for the second
 * @param results computes the types of the results from those of the inputs
 */
public record Operation(String expression, Function<List<TensorType>, List<TensorType>> results) {

  /**
   * Makes an operation with one result.
   *
   * @param expression the TorchScript expression
   * @param result computes the type of the result
   * @return the operation
   */
  public static Operation of(String expression, Function<List<TensorType>, TensorType> result) {
    return new Operation(expression, inputs -> List.of(result.apply(inputs)));
  }

  /**
   * Makes an operation whose result has the type of its first input.
   *
   * @param expression the TorchScript expression
   * @return the operation
   */
  public static Operation sameType(String expression) {
    return of(expression, inputs -> inputs.get(0));
  }
}

package org.aucmedi.xai.engine.tensorflow;

import java.util.Set;
import org.aucmedi.xai.engine.tensorflow.ModelGraph.Step;
import org.tensorflow.exceptions.TensorFlowException;

/**
 * An operation that blocks gradients.
 *
 * @param operation its type and where it is, {@code ArgMax (head/ArgMax)}
 * @param reason the reason, to follow its name in a message; possibly empty
 * @param remedy the remedy, as an imperative
 */
record Obstacle(String operation, String reason, String remedy) {

  private static final Set<String> LOOPS = Set.of("While", "StatelessWhile");
  private static final Set<String> BRANCHES = Set.of("If", "StatelessIf", "Case", "StatelessCase");

  /** Returns whether an operation runs functions, which gradients cannot enter. */
  static boolean isControlFlow(Step step) {
    return LOOPS.contains(step.node().op()) || BRANCHES.contains(step.node().op());
  }

  static Obstacle of(Step step) {
    return of(step, "");
  }

  /**
   * Creates the obstacle for an operation that neither TensorFlow nor our rules can differentiate.
   */
  static Obstacle of(Step step, RuntimeException failure) {
    String reason = TensorFlowErrors.firstLine(failure);
    boolean only =
        failure instanceof TensorFlowException && reason.startsWith("No gradient defined");
    return of(step, only ? ", which TensorFlow's C++ library cannot differentiate" : ": " + reason);
  }

  private static Obstacle of(Step step, String reason) {
    String op = step.node().op();
    String name = op + " (" + step.node().name() + ")";
    if (LOOPS.contains(op)) {
      return new Obstacle(
          name,
          ", a loop, as LSTM and GRU layers are",
          "build them with unroll=True and export the model again");
    }
    if (BRANCHES.contains(op)) {
      return new Obstacle(
          name, ", a branch that is chosen at run time", "export the model without it");
    }
    if (step.node().name().equals(WholeNumbers.INPUT)) {
      return new Obstacle(
          "its input",
          ", which the model needs as integers",
          "export the model with an input of float32");
    }
    return new Obstacle(name, reason, "explain an output before it (--output-name, LoadOptions)");
  }
}

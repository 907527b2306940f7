package org.aucmedi.xai.decoder;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.List;
import org.aucmedi.xai.Objective;
import org.aucmedi.xai.Target;
import org.aucmedi.xai.model.OutputActivation;
import org.jspecify.annotations.Nullable;

/**
 * What a run explains: a target, evaluated on the given predictions or else on the model's outputs.
 * Samples are identified by their position in the run, not in a batch.
 *
 * @param target names the objectives
 * @param predictions given predictions, one row per sample; null to use the model's outputs
 * @param samples the number of samples of the run
 * @param activation the model's last operation
 */
record DecoderTarget(
    Target target, float @Nullable [][] predictions, int samples, OutputActivation activation) {

  /** Thrown when the target itself is invalid, rather than an image. */
  static final class InvalidTargetException extends IllegalArgumentException {

    private static final long serialVersionUID = 1;

    InvalidTargetException(String message, IllegalArgumentException cause) {
      super(message, cause);
    }
  }

  List<Objective> objectives(float[] outputs, int index) {
    try {
      if (predictions == null) {
        return distinct(target.objectives(outputs, index, samples));
      }
      float[] row = predictions[index];
      checkArgument(
          row.length == outputs.length,
          "row %s of the predictions has %s values, and the model's output has %s; give the"
              + " predictions of this model",
          index,
          row.length,
          outputs.length);
      return distinct(target.objectives(row, index, samples));
    } catch (IllegalArgumentException e) {
      throw new InvalidTargetException(e.getMessage() + hint(outputs.length), e);
    }
  }

  /** Files are named after objectives. */
  private static List<Objective> distinct(List<Objective> objectives) {
    List<String> labels = objectives.stream().map(Objective::label).toList();
    checkArgument(
        labels.stream().map(OutputNames::plain).distinct().count() == labels.size(),
        "the target names two objectives alike: %s; give each a name of its own",
        labels);
    return objectives;
  }

  private String hint(int classes) {
    return classes == 1 && activation == OutputActivation.UNKNOWN
        ? "; if its single output is a sigmoid, declare it (--activation sigmoid," + " LoadOptions)"
        : "";
  }
}

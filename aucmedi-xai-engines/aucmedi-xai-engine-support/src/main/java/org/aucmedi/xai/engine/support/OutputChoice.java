package org.aucmedi.xai.engine.support;

import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.aucmedi.xai.model.UnsupportedModelException;
import org.jspecify.annotations.Nullable;

/** Selects the output to explain: the only one, or the one that was named. */
public final class OutputChoice {

  private OutputChoice() {}

  /**
   * An output, as a model declares or returns it.
   *
   * @param name its name, or null if it has none
   * @param form its shape or element type, for messages; empty if unknown
   */
  public record Output(@Nullable String name, String form) {

    /** Checks the parts. */
    public Output {
      Objects.requireNonNull(form, "form");
    }
  }

  /**
   * Selects an output. Names take precedence over numbers, so that an output called "1" is found.
   *
   * @param model what messages call the model
   * @param outputs every output, in the model's order
   * @param wanted the name or the number, from 0, of the one to explain, or null for the only one
   * @return its number
   * @throws UnsupportedModelException if there are several and none is named, or there is no such
   *     output
   */
  public static int of(Object model, List<Output> outputs, @Nullable String wanted) {
    if (wanted == null) {
      if (outputs.size() == 1) {
        return 0;
      }
      throw new UnsupportedModelException(
          model
              + " has "
              + outputs.size()
              + " outputs: "
              + describe(outputs)
              + "; select one by name or number (--output-name, LoadOptions)");
    }
    for (int i = 0; i < outputs.size(); i++) {
      if (wanted.equals(outputs.get(i).name())) {
        return i;
      }
    }
    for (int i = 0; i < outputs.size(); i++) {
      if (wanted.equals(String.valueOf(i))) {
        return i;
      }
    }
    throw new UnsupportedModelException(
        model + " has no output '" + wanted + "'; its outputs are " + describe(outputs));
  }

  private static String describe(List<Output> outputs) {
    return IntStream.range(0, outputs.size())
        .mapToObj(
            i -> {
              Output output = outputs.get(i);
              String name = output.name() == null ? "" : " '" + output.name() + "'";
              return i + name + (output.form().isEmpty() ? "" : " " + output.form());
            })
        .collect(Collectors.joining(", "));
  }
}

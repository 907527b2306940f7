package org.aucmedi.xai.cli;

import java.util.List;
import org.aucmedi.xai.decoder.automl.AucmediFolder;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** What the classes are called. */
final class ClassNames {

  @Spec(Spec.Target.MIXEE)
  private CommandSpec spec;

  @Option(
      names = "--class-names",
      split = ",",
      paramLabel = "NAME",
      description =
          "the names of the classes, in the order of the model's outputs; by default those of"
              + " AUCMEDI's model folder, else 0, 1 and so on")
  private @Nullable List<String> names;

  /**
   * Returns the names, null if nobody has said them.
   *
   * @param folder the model folder, which names them too, or null
   */
  @Nullable List<String> of(@Nullable AucmediFolder folder) {
    if (folder != null && names != null) {
      throw new ParameterException(
          spec.commandLine(),
          "AUCMEDI's model folder names the classes "
              + folder.classNames()
              + "; leave out --class-names");
    }
    return folder == null ? names : folder.classNames();
  }
}

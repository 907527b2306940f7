package org.aucmedi.xai.cli;

import org.aucmedi.xai.report.RunViewer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Which page is made beside the report page. */
final class ViewerOption {

  @Spec(Spec.Target.MIXEE)
  private CommandSpec spec;

  @Option(
      names = "--viewer",
      paramLabel = "niivue",
      description =
          "beside the report page another one for volumes, report-niivue.html, which shows them with"
              + " NiiVue, in 3D too, where the browser has WebGL 2")
  private @Nullable String name;

  /** Returns the viewer, null if none is asked for. */
  @Nullable RunViewer viewer() {
    try {
      return name == null ? null : RunViewer.of(name);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(
          spec.commandLine(), "Invalid value for option '--viewer': " + e.getMessage(), e);
    }
  }
}

package org.aucmedi.xai.cli;

import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Makes the report page of a run that is done, or as far as it is. */
@Command(
    name = "report",
    description =
        "Makes the report page of a run: report.html in its output folder, to open in a browser."
            + " It holds images and file names, and loads nothing from the network.",
    footer = {
      "",
      "Maps of a run without --report are read from their files: of npy, nii.gz, mha and nrrd"
          + " everything works, pictures are shown as they were drawn. An earlier page is replaced.",
      "",
      "Exit code: 0 if the page is made, 2 if the folder is no run's or the page cannot be written."
    },
    mixinStandardHelpOptions = true)
final class ReportCommand implements Callable<Integer> {

  @Spec private CommandSpec spec;

  @Parameters(paramLabel = "DIR", description = "the output folder of the run")
  private Path output;

  @Mixin private ViewerOption viewer;

  @Override
  public Integer call() {
    RunPage.write(output, viewer.viewer(), spec.commandLine().getOut());
    return 0;
  }
}

package org.aucmedi.xai.cli;

import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.aucmedi.xai.decoder.Predictor;
import org.aucmedi.xai.error.XAIException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Predicts images and writes AUCMEDI's file of predictions. */
@Command(
    name = "predict",
    description =
        "Predicts images and writes a CSV file as AUCMEDI's: a column SAMPLE, the image's name"
            + " without extension, and one per class; explain --predictions takes it.",
    footer = {
      "",
      "Exit code: 0 if all is done, 1 if some images failed (the others are written), 2 for a usage"
          + " or model error."
    },
    mixinStandardHelpOptions = true,
    sortOptions = false)
final class PredictCommand implements Callable<Integer> {

  @Spec private CommandSpec spec;

  @Mixin private ModelOptions model;

  @Mixin private ImageOptions images;

  @Mixin private ClassNames classNames;

  @Option(
      names = "--output",
      defaultValue = "preds.csv",
      paramLabel = "FILE",
      description = "the file to write (default: ${DEFAULT-VALUE})")
  private Path output;

  @Option(names = "--overwrite", description = "replace the file if it is there")
  private boolean overwrite;

  @Override
  public Integer call() {
    NewFile.check(spec, output, overwrite);
    List<String> names = classNames.of(model.folder());
    ImageFiles found = images.find(output);
    int samples = found.files().size();
    RunProgress progress = RunProgress.ofConsole(spec.commandLine().getErr(), false);
    RunReport report =
        new RunReport(spec.commandLine().getErr(), progress, "", AucmediXai.debug(spec), false);
    Predictor.Result result;
    try (LoadedModel loaded = model.open(model.activation());
        progress) {
      Predictor predictor =
          new Predictor(loaded.model(), images.generator(found, loaded), report.of("predict"));
      progress.start("predict", samples);
      result = names == null ? predictor.predict() : predictor.predict(names);
    } finally {
      report.end();
    }
    if (result.predictions().samples().isEmpty()) {
      throw new XAIException(
          (samples == 1
                  ? "the image cannot be predicted, see above; nothing is written"
                  : "none of "
                      + samples
                      + " images can be predicted, see above; nothing is written")
              + images.hint(found));
    }
    result.predictions().write(output);
    spec.commandLine()
        .getOut()
        .printf(
            Locale.ROOT,
            "%d of %d images predicted, written to %s%s%n",
            samples - report.failed(),
            samples,
            Printable.of(output),
            found.leftOut().isEmpty() ? "" : "; " + Printable.of(found.leftOut()));
    return report.failed() == 0 ? 0 : AucmediXai.SOME_FAILED;
  }
}

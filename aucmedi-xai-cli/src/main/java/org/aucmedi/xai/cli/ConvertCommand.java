package org.aucmedi.xai.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import org.aucmedi.xai.error.XAIException;
import org.aucmedi.xai.imaging.AtomicFiles;
import org.aucmedi.xai.imaging.FileErrors;
import org.aucmedi.xai.model.ImportFolder;
import org.aucmedi.xai.model.LoadOptions;
import org.aucmedi.xai.model.ModelImporter;
import org.aucmedi.xai.model.Services;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Writes the TorchScript file that a model of another kind is compiled to. */
@Command(
    name = "convert",
    description =
        "Converts a Keras (.keras, .h5) or ONNX file, or AUCMEDI's model folder, to TorchScript,"
            + " which any DJL program and PyTorch load. The input keeps the axes that it has in the"
            + " file: channels last in Keras.",
    mixinStandardHelpOptions = true,
    sortOptions = false)
final class ConvertCommand implements Runnable {

  @Spec private CommandSpec spec;

  @Mixin private ModelFileOptions model;

  @Option(
      names = "--output",
      required = true,
      paramLabel = "FILE",
      description = "the TorchScript file to write, for instance model.pt")
  private Path output;

  @Option(names = "--overwrite", description = "replace the file if it is there")
  private boolean overwrite;

  @Override
  public void run() {
    NewFile.check(spec, output, overwrite);
    Path file = model.file();
    ModelImporter importer =
        Services.load(ModelImporter.class).stream()
            .filter(candidate -> Files.exists(file) && candidate.canImport(file))
            .findFirst()
            .orElseThrow(() -> new XAIException(refusal(file)));
    LoadOptions.Builder options = LoadOptions.builder();
    if (model.weights() != null) {
      options.optWeights(model.weights());
    }
    try (ImportFolder folder = ImportFolder.create(file)) {
      write(importer.importInto(file, folder.path(), options.build()));
    } catch (IOException e) {
      throw new XAIException(
          "cannot convert " + file + " to " + output + ": " + FileErrors.reason(e), e);
    }
    spec.commandLine()
        .getOut()
        .printf(
            Locale.ROOT, "%s converted, written to %s%n", Printable.of(file), Printable.of(output));
  }

  private void write(Path converted) throws IOException {
    Path parent = output.toAbsolutePath().getParent();
    if (parent != null) {
      Files.createDirectories(parent);
    }
    AtomicFiles.write(output, out -> Files.copy(converted, out));
  }

  private static String refusal(Path file) {
    return Files.exists(file)
        ? file + " is no Keras or ONNX file, which is what can be converted"
        : "there is no model file " + file;
  }
}

package org.aucmedi.xai.cli;

import com.google.common.io.MoreFiles;
import com.google.common.io.RecursiveDeleteOption;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import org.aucmedi.xai.error.XAIException;
import org.aucmedi.xai.imaging.AtomicFiles;
import org.aucmedi.xai.imaging.FileErrors;
import org.aucmedi.xai.model.LoadOptions;
import org.aucmedi.xai.model.ModelImporter;
import org.aucmedi.xai.model.Services;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
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

  @Option(
      names = "--model",
      required = true,
      paramLabel = "PATH",
      description = "the model file, or AUCMEDI's model folder")
  private Path path;

  @Option(
      names = "--member",
      paramLabel = "NAME",
      description = "which model of an AUCMEDI ensemble, for instance cv_0")
  private @Nullable String member;

  @Option(
      names = "--weights",
      paramLabel = "FILE",
      description =
          "the weights, where the model file is an architecture as Keras's to_json() writes it")
  private @Nullable Path weights;

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
    Path file = ModelOptions.file(spec, path, member);
    ModelImporter importer =
        Services.load(ModelImporter.class).stream()
            .filter(candidate -> Files.exists(file) && candidate.canImport(file))
            .findFirst()
            .orElseThrow(() -> new XAIException(refusal(file)));
    LoadOptions.Builder options = LoadOptions.builder();
    if (weights != null) {
      options.optWeights(weights);
    }
    try {
      Path folder = Files.createTempDirectory("aucmedi-xai-convert");
      try {
        write(importer.importInto(file, folder, options.build()));
      } finally {
        MoreFiles.deleteRecursively(folder, RecursiveDeleteOption.ALLOW_INSECURE);
      }
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

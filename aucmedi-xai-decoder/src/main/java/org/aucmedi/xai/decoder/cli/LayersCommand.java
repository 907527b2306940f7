package org.aucmedi.xai.decoder.cli;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.aucmedi.xai.model.ExplainableModel;
import org.aucmedi.xai.model.Layer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Lists the layers of a model file. */
@Command(
    name = "layers",
    description = "Lists the layers of a model: name, kind and, where known, output shape.",
    mixinStandardHelpOptions = true)
final class LayersCommand implements Runnable {

  @Spec private CommandSpec spec;

  @Option(names = "--model", required = true, paramLabel = "PATH", description = "the model file")
  private Path model;

  @Option(
      names = "--engine",
      paramLabel = "NAME",
      description = "the engine that reads the model; by default told from the file")
  private @Nullable String engine;

  @Override
  public void run() {
    PrintWriter out = spec.commandLine().getOut();
    try (ExplainableModel loaded = ExplainableModel.load(model, engine)) {
      List<Layer> layers = loaded.layers();
      int width = layers.stream().mapToInt(layer -> layer.name().length()).max().orElse(0);
      String format = "%-" + Math.max(4, width) + "s  %-10s  %s%n";
      out.printf(format, "NAME", "KIND", "OUTPUT");
      for (Layer layer : layers) {
        out.printf(
            format,
            layer.name(),
            layer.kind().name().toLowerCase(Locale.ROOT),
            layer.outputShape() == null ? "-" : layer.outputShape());
      }
    }
  }
}

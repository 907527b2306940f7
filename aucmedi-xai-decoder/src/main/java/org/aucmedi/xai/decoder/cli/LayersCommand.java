package org.aucmedi.xai.decoder.cli;

import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;
import org.aucmedi.xai.model.ExplainableModel;
import org.aucmedi.xai.model.Layer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Lists the layers of a model file. */
@Command(
    name = "layers",
    description = "Lists the layers of a model: name, kind and, where known, output shape.",
    mixinStandardHelpOptions = true)
final class LayersCommand implements Runnable {

  @Spec private CommandSpec spec;

  @Mixin private ModelOptions model;

  @Override
  public void run() {
    PrintWriter out = spec.commandLine().getOut();
    try (ExplainableModel loaded = model.load()) {
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

package org.aucmedi.xai.cli;

import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.aucmedi.xai.methods.cam.LayerChoice;
import org.aucmedi.xai.methods.cam.LayerUse;
import org.aucmedi.xai.model.ChannelLayout;
import org.aucmedi.xai.model.ExplainableModel;
import org.aucmedi.xai.model.Layer;
import org.aucmedi.xai.model.UnsupportedModelException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

/** Lists the layers of a model file. */
@Command(
    name = "layers",
    description =
        "Lists the layers of a model: name, kind, output shape, and which one Grad-CAM looks at by"
            + " itself under each profile.",
    mixinStandardHelpOptions = true,
    sortOptions = false)
final class LayersCommand implements Runnable {

  private static final List<String> HEADER = List.of("NAME", "KIND", "OUTPUT", "GRAD-CAM");

  @Spec private CommandSpec spec;

  @Mixin private ModelOptions model;

  @Option(
      names = "--input",
      paramLabel = "SIZES",
      converter = InputConverter.class,
      description =
          "one image as the model takes it, for instance 3x224x224 with channels first or 224x224x3"
              + " with channels last; by default what the model declares")
  private @Nullable Input input;

  @Override
  public void run() {
    try (LoadedModel opened = model.open(model.activation())) {
      ExplainableModel loaded = opened.model();
      Shape image = input == null ? LayerUse.declaredImage(loaded) : new Shape(input.sizes());
      if (image == null) {
        print(loaded, loaded.layers().stream().map(layer -> row(layer, "")).toList());
        spec.commandLine()
            .getErr()
            .println(
                "the model does not declare its input: give --input, for instance --input "
                    + (loaded.channelLayout() == ChannelLayout.CHANNELS_FIRST
                        ? "3x224x224"
                        : "224x224x3")
                    + " ("
                    + loaded.channelLayout().name().toLowerCase(Locale.ROOT).replace('_', ' ')
                    + "; --layout says otherwise), to see every output shape and what Grad-CAM looks"
                    + " at");
      } else {
        print(loaded, rows(loaded, image));
      }
    }
  }

  private List<List<String>> rows(ExplainableModel loaded, Shape image) {
    List<LayerUse> uses = LayerUse.of(loaded, image);
    List<Layer> layers = uses.stream().map(LayerUse::layer).toList();
    Shape batch = new Shape(1).addAll(image);
    Arrays.stream(LayerChoice.values())
        .flatMap(choice -> choice.doubt(layers, loaded.channelLayout(), batch).stream())
        .forEach(doubt -> spec.commandLine().getErr().println("warning: " + doubt));
    return uses.stream()
        .map(use -> row(use.layer(), profiles(use, layers, loaded.channelLayout(), batch)))
        .toList();
  }

  /** The profiles under which Grad-CAM looks at a layer where none is named. */
  private static String profiles(
      LayerUse use, List<Layer> layers, ChannelLayout layout, Shape batch) {
    return use.choiceOf().stream()
        .map(
            profile ->
                profile.name().toLowerCase(Locale.ROOT)
                    + LayerChoice.OPTION
                        .defaultOf(profile)
                        .doubt(layers, layout, batch)
                        .map(doubt -> " (early)")
                        .orElse(""))
        .collect(Collectors.joining(", "));
  }

  private static List<String> row(Layer layer, String mark) {
    Shape shape = layer.outputShape();
    return List.of(
        layer.name(),
        layer.kind().name().toLowerCase(Locale.ROOT),
        shape == null ? "?" : shape.toString(),
        mark);
  }

  private void print(ExplainableModel loaded, List<List<String>> rows) {
    if (rows.isEmpty()) {
      throw new UnsupportedModelException(
          loaded
              + " shows no layers; choose a method that needs none, see 'methods', or export the"
              + " network without freezing or inlining its layers");
    }
    List<List<String>> table = new ArrayList<>(rows);
    table.add(0, HEADER);
    TextTable.lines(table).forEach(spec.commandLine().getOut()::println);
  }

  /** The sizes of one image; picocli would take a bare array for a repeated option. */
  private record Input(long[] sizes) {}

  /** Reads {@code --input}. */
  private static final class InputConverter implements ITypeConverter<Input> {

    @Override
    public Input convert(String value) {
      if (!value.matches("[1-9]\\d{0,5}(x[1-9]\\d{0,5}){2,3}")) {
        throw new TypeConversionException(
            "'"
                + value
                + "' is no image; write the channels and two or three sizes as the model takes"
                + " them, without the batch, for instance 3x224x224 or 224x224x3");
      }
      return new Input(Arrays.stream(value.split("x", -1)).mapToLong(Long::parseLong).toArray());
    }
  }
}

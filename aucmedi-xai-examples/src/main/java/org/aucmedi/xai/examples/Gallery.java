package org.aucmedi.xai.examples;

import ai.djl.Model;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import org.aucmedi.xai.MethodDescription;
import org.aucmedi.xai.Profile;
import org.aucmedi.xai.XAIMethodProvider;
import org.aucmedi.xai.XAIMethodRegistry;
import org.aucmedi.xai.array.Overlay;
import org.aucmedi.xai.cli.Printable;
import org.aucmedi.xai.cli.Subcommand;
import org.aucmedi.xai.imaging.OutputFolder;
import org.aucmedi.xai.model.ExplainableModel;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Draws what every method makes of the same cells in both profiles: the pictures of its page. */
@Command(
    name = "gallery",
    description = "Draws every method's maps of the quickstart's cells, in both profiles.",
    mixinStandardHelpOptions = true)
public final class Gallery implements Subcommand {

  private static final long SEED = 7;

  /** Two cells with a lesion and a healthy one, which the network has not learnt from. */
  private static final int[] CELLS = {1, 3, 2};

  @Spec private CommandSpec spec;

  @Option(
      names = "--output",
      defaultValue = "gallery",
      paramLabel = "DIR",
      description = "where the pictures go (default: ${DEFAULT-VALUE})")
  private Path output;

  @Option(
      names = "--method",
      split = ",",
      paramLabel = "KEY",
      description = "the methods to draw; by default all")
  private List<String> methods = List.of();

  /** Constructs the command; picocli fills the options. */
  public Gallery() {}

  @Override
  public Integer call() throws IOException {
    OutputFolder folder = OutputFolder.open(output, List.of());
    List<CellImages.Sample> cells =
        IntStream.of(CELLS)
            .mapToObj(i -> CellImages.draw(SEED, Quickstart.FIRST_HELD_OUT + i))
            .toList();
    try (Model trained = Quickstart.train(SEED);
        ExplainableModel model = ExplainableModel.of(trained);
        ExplainableModel script = script(trained);
        ExplainableModel transformer = transformer()) {
      XAIMethodRegistry registry = new XAIMethodRegistry();
      List<XAIMethodProvider<?>> chosen =
          methods.isEmpty()
              ? registry.providers()
              : methods.stream().<XAIMethodProvider<?>>map(registry::get).toList();
      for (XAIMethodProvider<?> method : chosen) {
        MethodDescription known = method.description();
        // A network in DJL has no code to read, and no attention.
        ExplainableModel explained =
            known.readsAttention()
                ? transformer
                : model.capabilities().containsAll(known.requires()) ? model : script;
        List<ContactSheet.Row> rows = new ArrayList<>();
        List<BufferedImage> images =
            cells.stream()
                .map(cell -> Pictures.outlined(LesionReport.image(cell), cell.mask()))
                .toList();
        rows.add(new ContactSheet.Row(List.of("image,", "lesion outlined"), images));
        for (Profile profile : Profile.values()) {
          Quickstart.Maps maps =
              Quickstart.explain(explained, method, Quickstart.options(method, profile), cells);
          rows.add(new ContactSheet.Row(List.of("profile", profile.name()), overlays(cells, maps)));
        }
        Path file =
            folder.writePicture(
                registry.keysOf(method).get(0) + ".png",
                ContactSheet.draw(known.name(), columns(explained, cells), rows));
        spec.commandLine().getOut().println(Printable.of(file));
      }
    }
    return 0;
  }

  private static List<String> columns(ExplainableModel model, List<CellImages.Sample> cells) {
    return Arrays.stream(Quickstart.predict(model, cells))
        .map(Quickstart::predictedClass)
        .map(label -> "predicted: " + (label == 1 ? "lesion" : "healthy"))
        .toList();
  }

  /** A vision transformer for the same cells; {@code tools/lesion_vit.py} has trained it. */
  private static ExplainableModel transformer() throws IOException {
    Path file = Files.createTempFile("transformer", ".pt");
    try (InputStream in =
        Objects.requireNonNull(Gallery.class.getResourceAsStream("lesion_vit.pt"))) {
      Files.copy(in, file, StandardCopyOption.REPLACE_EXISTING);
      return ExplainableModel.load(file);
    } finally {
      Files.deleteIfExists(file);
    }
  }

  private static ExplainableModel script(Model trained) throws IOException {
    Path file = Files.createTempFile("lesions", ".pt");
    try {
      LesionScript.write(trained, file);
      return ExplainableModel.load(file);
    } finally {
      Files.deleteIfExists(file);
    }
  }

  private static List<BufferedImage> overlays(List<CellImages.Sample> cells, Quickstart.Maps maps) {
    return IntStream.range(0, cells.size())
        .mapToObj(
            n ->
                Overlay.blend(LesionReport.image(cells.get(n)), maps.values(n), LesionReport.ALPHA))
        .toList();
  }
}

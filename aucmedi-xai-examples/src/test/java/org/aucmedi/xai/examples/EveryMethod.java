package org.aucmedi.xai.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.aucmedi.xai.Heatmap;
import org.aucmedi.xai.MapStatus;
import org.aucmedi.xai.MethodCost;
import org.aucmedi.xai.MethodDescription;
import org.aucmedi.xai.MethodOptions;
import org.aucmedi.xai.Profile;
import org.aucmedi.xai.Target;
import org.aucmedi.xai.XAIMethodProvider;
import org.aucmedi.xai.XAIMethodRegistry;
import org.aucmedi.xai.array.Npy;
import org.aucmedi.xai.cli.AucmediXai;
import org.aucmedi.xai.decoder.DataGenerator;
import org.aucmedi.xai.decoder.DecoderResult;
import org.aucmedi.xai.decoder.XAIDecoder;
import org.aucmedi.xai.imaging.Standardize;
import org.aucmedi.xai.methods.cam.Cam;
import org.aucmedi.xai.model.Capability;
import org.aucmedi.xai.model.ExplainableModel;
import org.aucmedi.xai.model.ExplainableModelProvider;
import org.aucmedi.xai.model.MissingCapabilityException;
import org.aucmedi.xai.model.ModelKind;
import org.aucmedi.xai.model.Services;
import org.aucmedi.xai.model.UnsupportedModelException;
import org.aucmedi.xai.testkit.Golden;
import org.aucmedi.xai.testkit.GoldenKind;
import org.aucmedi.xai.testkit.Maps;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Runs every registered method on the golden networks in every kind of model of one engine, and so
 * proves the table that {@code aucmedi-xai methods} prints. Extend it for each engine: they must
 * not meet in one process.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class EveryMethod {

  /** Values that make methods of many passes quick, for those that have such an option. */
  private static final Map<String, String> QUICK =
      Map.of(
          "steps",
          "2",
          "samples",
          "16",
          "max-channels",
          "8",
          "segmentation",
          "grid",
          "segments",
          "8");

  private static final int[] CLASSES = {0, 2};

  private static final int[] VOLUME = {32, 32, 32};
  private static final int FEW_PASSES = 4;

  private final XAIMethodRegistry registry = new XAIMethodRegistry();
  private final List<GoldenKind> kinds;

  @TempDir private Path folder;

  EveryMethod(String engine) {
    kinds = Stream.of(GoldenKind.values()).filter(kind -> kind.engine().equals(engine)).toList();
  }

  /** One kind of each format: another way to a file of that format adds nothing here. */
  Stream<GoldenKind> formats() {
    Set<String> seen = new HashSet<>();
    return kinds.stream().filter(kind -> seen.add(kind.format()));
  }

  /** Passes over volumes take long, so that they are left to the engine's first kind. */
  Stream<Arguments> networks() {
    return kinds.stream()
        .flatMap(
            kind ->
                Stream.of("vanilla2d", "resmini", "vanilla3d")
                    .filter(network -> !network.equals("vanilla3d") || kind == kinds.get(0))
                    .map(network -> Arguments.of(kind, network)));
  }

  @ParameterizedTest
  @MethodSource("networks")
  void everyMethod_onEveryNetwork_explainsOrSaysWhyNot(GoldenKind kind, String network)
      throws IOException {
    Golden.Array predictions = Golden.array(network + "_aucmedi.npz", "y").get(0);
    DataGenerator generator =
        DataGenerator.builder()
            .optStandardize(Standardize.NONE)
            .addSample("image.npy", image(network))
            .build();
    try (ExplainableModel model = kind.open(network, folder)) {
      ModelKind declared = declared(kind);
      assertThat(model.capabilities()).isEqualTo(declared.capabilities());
      for (XAIMethodProvider<?> method : registry.providers()) {
        if (network.equals("vanilla3d") && isSlowOnVolumes(method, kind)) {
          continue;
        }
        XAIDecoder.Builder decoder =
            XAIDecoder.builder()
                .setModel(model)
                .setGenerator(generator)
                .optMethod(registry.keysOf(method).get(0))
                .optOptions(quick(method))
                .optTarget(Target.ofClasses(CLASSES))
                .optResizeMaps(false);
        if (!declared.offers(method.description().requires())) {
          assertRefused(method, model, decoder);
        } else if (method.description().readsAttention()) {
          // The golden networks have none.
          assertThatExceptionOfType(UnsupportedModelException.class)
              .isThrownBy(() -> decoder.build().decode())
              .withMessageContaining("no layer of the model gives attention weights");
        } else if (method.equals(Cam.PROVIDER) && network.equals("resmini")) {
          // It is flattened before its dense layer.
          assertThatExceptionOfType(UnsupportedModelException.class)
              .isThrownBy(() -> decoder.build().decode())
              .withMessageContaining("which CAM needs");
        } else {
          check(method, network, predictions.data(), decoder.build().decode());
        }
      }
    }
  }

  /** MXNet's passes over a volume take a second, so that it makes few of them. */
  private boolean isSlowOnVolumes(XAIMethodProvider<?> method, GoldenKind kind) {
    MethodDescription known = method.description();
    MethodOptions options = MethodOptions.parse(Profile.AUCMEDI, known.options(), quick(method));
    MethodCost.Passes passes = known.passes(options, VOLUME, CLASSES.length);
    return kind.engine().equals("MXNet") && passes.forward() + passes.backward() > FEW_PASSES;
  }

  private static void check(
      XAIMethodProvider<?> method, String network, float[] predictions, DecoderResult result) {
    assertThat(result.failures()).as(method.description().name()).isEmpty();
    List<Heatmap> maps = result.explained().get(0).maps();
    assertThat(maps.stream().mapToInt(Heatmap::classIndex)).containsExactly(0, 2);
    int[] shape = mapShape(method, network);
    for (Heatmap map : maps) {
      String what = method.description().name() + ", " + network + ", class " + map.classIndex();
      assertThat((double) map.score())
          .as(what)
          .isCloseTo(predictions[map.classIndex()], within(1e-4));
      assertThat(map.shape()).as(what).isEqualTo(shape);
      for (float value : map.values()) {
        assertThat(value).as(what).isBetween(0f, 1f);
      }
      boolean constant =
          Maps.maxDifference(map.values(), filled(map.values().length, map.values()[0])) == 0;
      // Two steps are too few for integrated gradients, and it says so.
      assertThat(map.status())
          .as(what)
          .isIn(
              // A few samples may give little but noise, and a class that the network does not see
              // in the image may be seen in the fill.
              constant
                  ? List.of(MapStatus.FLAT)
                  : List.of(
                      MapStatus.OK,
                      MapStatus.NOT_CONVERGED,
                      MapStatus.UNSTABLE,
                      MapStatus.FILL_WITHOUT_EFFECT));
    }
    assertThat(result.warnings())
        .as(method.description().name())
        .hasSize((int) maps.stream().filter(map -> map.status() != MapStatus.OK).count());
  }

  private static void assertRefused(
      XAIMethodProvider<?> method, ExplainableModel model, XAIDecoder.Builder decoder) {
    assertThatExceptionOfType(MissingCapabilityException.class)
        .as(method.description().name())
        .isThrownBy(decoder::build)
        .satisfies(
            e -> {
              assertThat(method.description().requires()).contains(e.capability());
              assertThat(e)
                  .hasMessageStartingWith(
                      model + " does not provide " + e.capability().description())
                  .hasMessageContaining("it provides: " + Capability.PREDICTION.description())
                  .hasMessageContaining("supported methods: ");
            });
  }

  /** The launcher reads files, so blocks are left out. */
  @ParameterizedTest
  @MethodSource("formats")
  void explain_everyMethodOnAPhotograph_writesAPictureOrSaysWhyNot(GoldenKind kind)
      throws IOException {
    assumeTrue(kind.isRunnable(), () -> "skipped: no native library of " + kind.engine());
    Path cells = Golden.file("bccd");
    Path file = kind.file("vanilla2d", folder);
    assumeTrue(file != null, "skipped: blocks have no file");
    Path cell;
    try (Stream<Path> files = Files.list(cells.resolve("WBC"))) {
      cell = files.sorted().findFirst().orElseThrow();
    }
    for (XAIMethodProvider<?> method : registry.providers()) {
      String key = registry.keysOf(method).get(0);
      Path output = folder.resolve(kind + "-" + key);
      List<String> command =
          new ArrayList<>(List.of("explain", "--model", file.toString(), "--method", key));
      command.addAll(List.of("--engine", kind.engine()));
      command.addAll(List.of("--images", cell.toString(), "--standardize", "tf"));
      command.addAll(List.of("--output", output.toString()));
      quick(method)
          .forEach((name, value) -> command.addAll(List.of("--option", name + "=" + value)));
      StringWriter out = new StringWriter();
      StringWriter err = new StringWriter();
      int code =
          AucmediXai.commandLine()
              .setOut(new PrintWriter(out, true))
              .setErr(new PrintWriter(err, true))
              .execute(command.toArray(String[]::new));
      if (!declared(kind).offers(method.description().requires())) {
        assertThat(code).as(key).isEqualTo(AucmediXai.ERROR);
        assertThat(err.toString())
            .startsWith("error: ")
            .contains("'" + file.getFileName().toString().replace(".onnx", "") + "'")
            .contains(" does not provide ", "supported methods: ")
            .hasLineCount(1);
        assertThat(output).doesNotExist();
      } else if (method.description().readsAttention()) {
        assertThat(code).as(key).isEqualTo(AucmediXai.ERROR);
        assertThat(err.toString())
            .startsWith("error: ")
            .contains("no layer of the model gives attention weights", "gradcam")
            .hasLineCount(1);
      } else {
        assertThat(code).as(key + ": " + err).isZero();
        assertThat(out.toString()).startsWith("1 of 1 images explained, 1 maps written");
        BufferedImage picture = ImageIO.read(output.resolve(cell.getFileName()).toFile());
        assertThat(List.of(picture.getWidth(), picture.getHeight())).containsExactly(64, 64);
      }
    }
  }

  private static ModelKind declared(GoldenKind kind) {
    return Services.load(ExplainableModelProvider.class).stream()
        .filter(provider -> provider.engineName().equals(kind.engine()))
        .flatMap(provider -> provider.kinds().stream())
        .filter(found -> found.name().equals(kind.format()))
        .findFirst()
        .orElseThrow(() -> new AssertionError(kind + " is not declared"));
  }

  private static Map<String, String> quick(XAIMethodProvider<?> method) {
    Map<String, String> options = new LinkedHashMap<>(QUICK);
    options
        .keySet()
        .removeIf(
            name -> method.description().options().stream().noneMatch(o -> o.name().equals(name)));
    // Samples of gradients take backward passes, which are slow on volumes.
    boolean usesGradients = !method.description().requires().isEmpty();
    options.computeIfPresent("samples", (name, samples) -> usesGradients ? "2" : samples);
    return options;
  }

  private Path image(String network) throws IOException {
    Golden.Array image = Golden.array(network + "_aucmedi.npz", "x").get(0);
    Path file = folder.resolve(network + ".npy");
    Npy.write(file, image.shape(), image.data());
    return file;
  }

  /** What AUCMEDI's layer has where the method shows a layer as it is, else the image. */
  private static int[] mapShape(XAIMethodProvider<?> method, String network) {
    String array = showsLayer(method) ? "gc" : "x";
    int[] shape = Golden.array(network + "_aucmedi.npz", array).shape();
    return array.equals("gc")
        ? Arrays.copyOfRange(shape, 2, shape.length)
        : Arrays.copyOfRange(shape, 1, shape.length - 1);
  }

  private static boolean showsLayer(XAIMethodProvider<?> method) {
    MethodDescription description = method.description();
    return description.usesLayer() && !description.requires().contains(Capability.GUIDED_GRADIENTS);
  }

  private static float[] filled(int size, float value) {
    float[] filled = new float[size];
    Arrays.fill(filled, value);
    return filled;
  }
}

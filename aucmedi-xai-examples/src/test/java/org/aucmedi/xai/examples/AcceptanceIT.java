package org.aucmedi.xai.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.aucmedi.xai.Heatmap;
import org.aucmedi.xai.MethodOptions;
import org.aucmedi.xai.Profile;
import org.aucmedi.xai.Target;
import org.aucmedi.xai.XAIMethodBase;
import org.aucmedi.xai.XAIMethodProvider;
import org.aucmedi.xai.XAIMethodRegistry;
import org.aucmedi.xai.array.ImageArray;
import org.aucmedi.xai.array.ImageAxes;
import org.aucmedi.xai.array.Npy;
import org.aucmedi.xai.decoder.DataGenerator;
import org.aucmedi.xai.decoder.DecoderListener;
import org.aucmedi.xai.decoder.DecoderResult;
import org.aucmedi.xai.decoder.InputInterface;
import org.aucmedi.xai.decoder.OutputFormat;
import org.aucmedi.xai.decoder.Predictor;
import org.aucmedi.xai.decoder.SampleResult.Explained;
import org.aucmedi.xai.decoder.XAIDecoder;
import org.aucmedi.xai.imaging.ImageLoader;
import org.aucmedi.xai.imaging.Standardize;
import org.aucmedi.xai.methods.cam.GradCam;
import org.aucmedi.xai.methods.cam.GradCamPlusPlus;
import org.aucmedi.xai.methods.cam.GuidedGradCam;
import org.aucmedi.xai.methods.gradient.GuidedBackpropagation;
import org.aucmedi.xai.methods.gradient.IntegratedGradients;
import org.aucmedi.xai.methods.gradient.SaliencyMap;
import org.aucmedi.xai.methods.perturbation.LimeCon;
import org.aucmedi.xai.methods.perturbation.LimePro;
import org.aucmedi.xai.methods.perturbation.OcclusionSensitivity;
import org.aucmedi.xai.model.ExplainableModel;
import org.aucmedi.xai.testkit.Maps;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The 42 tests of AUCMEDI's {@code tests/test_xai.py}, on its fixtures: ten random RGB pictures of
 * 32 x 32, ten scans of 32 x 32 x 32 in Hounsfield units and ten of RGB, and untrained Vanilla
 * networks of four classes. The 3-D networks have an eighth of AUCMEDI's filters, to be quick.
 *
 * <p>AUCMEDI's tests look at shapes only. Here the values of the maps are compared, too, with
 * AUCMEDI's formulas on {@link VanillaNet}'s float64 gradients; those of LIME, whose superpixels
 * and samples are random, with what their definition says.
 *
 * <p>{@link #TESTS} names them in AUCMEDI's order.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class AcceptanceIT {

  private static final int SIZE = 32;
  private static final int CLASSES = 4;
  private static final int IMAGES = 10;
  private static final double TOLERANCE = 2e-4;

  /** For each method its keys in AUCMEDI, class, and whether AUCMEDI tests it in 3-D. */
  private record Method(List<String> keys, Class<?> type, Map<String, String> options) {

    String key() {
      return keys.get(0);
    }

    /** Whether the reference takes many passes, so that fewer of its maps are compared. */
    boolean isCostly() {
      return type.equals(IntegratedGradients.class);
    }

    boolean isLime() {
      return key().startsWith("Lime");
    }
  }

  private static final Method GRADCAM =
      new Method(List.of("gradcam", "gc"), GradCam.class, Map.of());
  private static final Method GRADCAM_PP =
      new Method(List.of("gradcam++", "gc++"), GradCamPlusPlus.class, Map.of());
  private static final Method SALIENCY =
      new Method(List.of("saliency", "sm"), SaliencyMap.class, Map.of());
  private static final Method GUIDED_BACKPROP =
      new Method(List.of("guidedbackprop", "gb"), GuidedBackpropagation.class, Map.of());
  private static final Method INTEGRATED_GRADIENTS =
      new Method(List.of("IntegratedGradients", "ig"), IntegratedGradients.class, Map.of());
  private static final Method GUIDED_GRADCAM =
      new Method(List.of("GuidedGradCAM", "ggc"), GuidedGradCam.class, Map.of());
  private static final Method OCCLUSION =
      new Method(
          List.of("OcclusionSensitivity", "os"), OcclusionSensitivity.class, Map.of("patch", "16"));
  private static final Method LIME_CON =
      new Method(List.of("LimeCon", "lc"), LimeCon.class, Map.of("samples", "10"));
  private static final Method LIME_PRO =
      new Method(List.of("LimePro", "lp"), LimePro.class, Map.of("samples", "10"));

  /** One of AUCMEDI's tests. */
  @FunctionalInterface
  private interface Check {
    void run(AcceptanceIT tests) throws IOException;
  }

  private static final Map<String, Check> TESTS = tests();

  private static Map<String, Check> tests() {
    Map<String, Check> all = new LinkedHashMap<>();
    all.put("1 Decoder_argmax_output", AcceptanceIT::argmaxOutput);
    all.put("2 Decoder_argmax_visualize", AcceptanceIT::argmaxVisualize);
    all.put("3 Decoder_allclasses_output", tests -> tests.decoder2d(GRADCAM));
    all.put("4 Decoder_allclasses_visualize", AcceptanceIT::allClassesVisualize);
    all.put("5 Decoder_directoryInterface", AcceptanceIT::directoryInterface);
    int number = 6;
    for (Method method : List.of(GRADCAM, GRADCAM_PP, SALIENCY, GUIDED_BACKPROP)) {
      number = add(all, number, method, true);
    }
    number = add(all, number, INTEGRATED_GRADIENTS, false);
    number = add(all, number, GUIDED_GRADCAM, true);
    for (Method method : List.of(OCCLUSION, LIME_CON, LIME_PRO)) {
      number = add(all, number, method, false);
    }
    return all;
  }

  private static int add(Map<String, Check> all, int first, Method method, boolean volumes) {
    int number = first;
    String name = method.type().getSimpleName();
    all.put(number++ + " " + name + "_init", tests -> tests.init(method));
    all.put(number++ + " " + name + "_heatmap", tests -> tests.heatmap2d(method));
    if (volumes) {
      all.put(number++ + " " + name + "_heatmap_3D", tests -> tests.heatmap3d(method));
    }
    all.put(number++ + " " + name + "_decoder", tests -> tests.decoder2d(method));
    if (volumes) {
      all.put(number++ + " " + name + "_decoder_3D", tests -> tests.decoder3d(method));
    }
    return number;
  }

  static Stream<Arguments> numbered() {
    return TESTS.entrySet().stream().map(test -> Arguments.of(test.getKey(), test.getValue()));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("numbered")
  void aucmedi(String name, Check test) throws IOException {
    test.run(this);
  }

  @Test
  void tests_areAucmedis42() {
    assertThat(TESTS.keySet().stream().map(name -> name.substring(0, name.indexOf(' '))))
        .containsExactlyElementsOf(IntStream.rangeClosed(1, 42).mapToObj(String::valueOf).toList());
    assertThat(TESTS).containsKeys("10 GradCam_decoder_3D", "36 OcclusionSensitivity_decoder");
  }

  /** Images, and a network that takes them. */
  private record Fixture(
      VanillaNet net, Model blocks, ExplainableModel model, int rank, DataGenerator images) {

    void close() {
      model.close();
      blocks.close();
    }
  }

  private final XAIMethodRegistry registry = new XAIMethodRegistry();
  private Path folder;
  private Path pictures;
  private Fixture rgb;
  private Fixture scans;
  private Fixture rgbScans;

  /** By network and sample. */
  private final Map<List<Object>, VanillaReference> references = new HashMap<>();

  @BeforeAll
  void make(@TempDir Path temporary) throws IOException {
    folder = temporary;
    SplittableRandom random = new SplittableRandom(1234);
    pictures = Files.createDirectory(folder.resolve("pictures"));
    List<String> names = new ArrayList<>();
    List<String> volumes = new ArrayList<>();
    Path hu = Files.createDirectory(folder.resolve("hu"));
    Path rgbVolumes = Files.createDirectory(folder.resolve("rgb"));
    for (int i = 0; i < IMAGES; i++) {
      names.add("image.sample_" + i + ".RGB.png");
      savePicture(pictures.resolve(names.get(i)), random);
      volumes.add("image.sample_" + i + ".npy");
      int[] shape = {SIZE, SIZE, SIZE};
      Npy.write(hu.resolve(volumes.get(i)), shape, drawn(random, 32_768, -500, 1500));
      Npy.write(
          rgbVolumes.resolve(volumes.get(i)),
          new int[] {SIZE, SIZE, SIZE, 3},
          drawn(random, 3 * 32_768, 0, 256));
    }
    rgb =
        fixture(
            new VanillaNet(2, 3, new int[] {32, 64, 128, 256}, CLASSES, 0.05, 1),
            2,
            generator().addSamples(pictures, names).build());
    int[] few = {4, 8, 16, 32};
    scans =
        fixture(
            new VanillaNet(3, 1, few, CLASSES, 0.01, 2),
            3,
            generator()
                .addSamples(hu, volumes)
                .optAxes(ImageAxes.of("DHW"))
                .optResize(SIZE, SIZE, SIZE)
                .build());
    rgbScans =
        fixture(
            new VanillaNet(3, 3, few, CLASSES, 0.05, 3),
            3,
            generator()
                .addSamples(rgbVolumes, volumes)
                .optAxes(ImageAxes.of("DHWC"))
                .optResize(SIZE, SIZE, SIZE)
                .build());
  }

  @AfterAll
  void close() {
    rgb.close();
    scans.close();
    rgbScans.close();
  }

  private static DataGenerator.Builder generator() {
    return DataGenerator.builder().optStandardize(Standardize.NONE).optBatchSize(3);
  }

  private static Fixture fixture(VanillaNet net, int rank, DataGenerator images) {
    Model blocks = net.blocks("PyTorch", SIZE);
    return new Fixture(net, blocks, ExplainableModel.of(blocks), rank, images);
  }

  private static float[] drawn(SplittableRandom random, int count, int from, int to) {
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = random.nextInt(from, to);
    }
    return values;
  }

  private static void savePicture(Path file, SplittableRandom random) throws IOException {
    BufferedImage picture = new BufferedImage(SIZE, SIZE, BufferedImage.TYPE_INT_RGB);
    for (int i = 0; i < SIZE * SIZE; i++) {
      picture.setRGB(i % SIZE, i / SIZE, random.nextInt(1 << 24));
    }
    Files.createDirectories(file.getParent());
    ImageIO.write(picture, "png", file.toFile());
  }

  // The decoder

  /** Tests 1 and 2 hand over predictions that differ from the model's own. */
  private float[][] predictions() {
    float[][] rows = new float[IMAGES][CLASSES];
    for (int i = 0; i < IMAGES; i++) {
      rows[i][i % CLASSES] = 1;
    }
    return rows;
  }

  private void argmaxOutput() {
    DecoderResult result =
        XAIDecoder.builder()
            .setModel(rgb.model)
            .setGenerator(rgb.images)
            .optPredictions(predictions())
            .build()
            .decode();

    assertThat(result.failures()).isEmpty();
    assertThat(result.explained()).hasSize(IMAGES);
    for (int i = 0; i < IMAGES; i++) {
      Explained sample = result.explained().get(i);
      assertThat(sample.image().spatialShape()).containsExactly(SIZE, SIZE);
      assertThat(sample.image().channels()).isEqualTo(3);
      assertThat(sample.maps()).hasSize(1);
      assertThat(sample.maps().get(0).classIndex()).isEqualTo(i % CLASSES);
      assertMap(GRADCAM, rgb, i, sample.maps().get(0), true);
    }
    // The model's own predictions are those of the reference.
    float[][] own =
        new Predictor(rgb.model, rgb.images, new DecoderListener() {})
            .predict()
            .predictions()
            .rows(rgb.images.samples());
    for (int i = 0; i < IMAGES; i++) {
      double[] expected = reference(rgb, i).probabilities();
      // A saturated softmax has no derivative to compare.
      assertThat(Arrays.stream(expected).max().orElseThrow()).isLessThan(0.95);
      for (int c = 0; c < CLASSES; c++) {
        assertThat((double) own[i][c]).isCloseTo(expected[c], within(1e-5));
      }
    }
  }

  private void argmaxVisualize() throws IOException {
    Path out = folder.resolve("argmax");
    XAIDecoder.builder()
        .setModel(rgb.model)
        .setGenerator(rgb.images)
        .optPredictions(predictions())
        .optOutput(out, OutputFormat.PNG)
        .build()
        .decode();

    assertThat(out.toFile().list()).containsExactlyInAnyOrderElementsOf(rgb.images.samples());
    for (int i = 0; i < IMAGES; i++) {
      assertOverlay(out.resolve(rgb.images.samples().get(i)), i, i % CLASSES);
    }
  }

  private void allClassesVisualize() throws IOException {
    Path out = folder.resolve("all");
    XAIDecoder.builder()
        .setModel(rgb.model)
        .setGenerator(rgb.images)
        .optTarget(Target.all())
        .optOutput(out, OutputFormat.PNG)
        .build()
        .decode();

    assertThat(out.toFile().list()).hasSize(IMAGES * CLASSES);
    for (int i = 0; i < IMAGES; i++) {
      for (int c = 0; c < CLASSES; c++) {
        assertOverlay(out.resolve("image.sample_" + i + ".RGB.class_" + c + ".png"), i, c);
      }
    }
  }

  /** Tests 2 and 4: a quarter of jet's colour of Grad-CAM, and three of the picture. */
  private void assertOverlay(Path file, int sample, int c) throws IOException {
    ImageArray overlay = ImageLoader.load(file, false);
    ImageArray picture = rgb.images.load(sample).original();
    assertThat(overlay.spatialShape()).containsExactly(SIZE, SIZE);
    float[] map = VanillaReference.onImage(reference(GRADCAM, rgb, sample, c), 2, SIZE);
    float[] expected = new float[picture.values().length];
    for (int i = 0; i < map.length; i++) {
      double[] colour = jet((int) (map[i] * 255) / 255.0);
      for (int channel = 0; channel < 3; channel++) {
        int at = 3 * i + channel;
        expected[at] = (float) (0.25 * 255 * colour[channel] + 0.75 * picture.values()[at]);
      }
    }
    // Rounding may choose the next of jet's colours, at most 1.14 away with this weight; 1 is cut
    // off.
    Maps.assertClose(file.getFileName().toString(), overlay.values(), expected, 2.14);
    assertThat(Maps.meanDifference(overlay.values(), picture.values())).isGreaterThan(10);
  }

  /** Matplotlib's jet, from its published nodes. */
  private static double[] jet(double t) {
    double[][] x = {{0, .35, .66, .89, 1}, {0, .125, .375, .64, .91, 1}, {0, .11, .34, .65, 1}};
    double[][] y = {{0, 0, 1, 1, .5}, {0, 0, 1, 1, 0, 0}, {.5, 1, 1, 0, 0}};
    double[] colour = new double[3];
    for (int channel = 0; channel < 3; channel++) {
      int i = 0;
      while (i < x[channel].length - 2 && t > x[channel][i + 1]) {
        i++;
      }
      double part = (t - x[channel][i]) / (x[channel][i + 1] - x[channel][i]);
      colour[channel] = y[channel][i] * (1 - part) + y[channel][i + 1] * part;
    }
    return colour;
  }

  private void directoryInterface() throws IOException {
    SplittableRandom random = new SplittableRandom(5);
    Path classes = folder.resolve("classes");
    for (int i = 0; i < 25; i++) {
      savePicture(classes.resolve("class_" + i % 5 + "/image_" + i + ".png"), random);
    }
    InputInterface input = InputInterface.classDirectories(classes);
    assertThat(input.classNames()).hasSize(5);
    assertThat(input.samples()).hasSize(25).contains("class_3/image_13.png");
    assertThat(input.labels()[24]).containsExactly(0, 0, 0, 0, 1);
    DataGenerator.Builder images = generator();
    input.files().forEach(images::addSample);

    DecoderResult result =
        XAIDecoder.builder()
            .setModel(rgb.model)
            .setGenerator(images.build())
            .optTarget(Target.all())
            .optOutput(folder.resolve("xai"), OutputFormat.PNG)
            .build()
            .decode();

    assertThat(result.failures()).isEmpty();
    assertThat(folder.resolve("xai").toFile().list())
        .hasSize(100)
        .contains("class_3.image_13.class_2.png");
  }

  // The methods

  private void init(Method method) {
    XAIMethodProvider<?> provider = registry.get(method.key());
    for (String key : method.keys()) {
      assertThat(registry.get(key)).isSameAs(provider);
      assertThat(registry.create(key, rgb.model, null)).isInstanceOf(method.type());
    }
    assertThat(create(method, rgb).model()).isSameAs(rgb.model);
  }

  private XAIMethodBase create(Method method, Fixture fixture) {
    XAIMethodProvider<?> provider = registry.get(method.key());
    return provider.create(
        fixture.model,
        null,
        MethodOptions.parse(Profile.AUCMEDI, provider.description().options(), method.options()));
  }

  private void heatmap2d(Method method) {
    for (int c = 0; c < CLASSES; c++) {
      Heatmap map = heatmap(method, rgb, 0, c);
      int size = isCam(method) ? 2 : SIZE;
      assertThat(map.shape()).containsExactly(size, size);
      if (c == 0 || !method.isCostly()) {
        assertMap(method, rgb, 0, map, false);
      }
    }
    if (method.isLime()) {
      assertLime(0);
    }
  }

  private void heatmap3d(Method method) {
    for (Fixture fixture : List.of(scans, rgbScans)) {
      Heatmap map = heatmap(method, fixture, 0, 0);
      int size = isCam(method) ? 2 : SIZE;
      assertThat(map.shape()).containsExactly(size, size, size);
      assertMap(method, fixture, 0, map, false);
    }
  }

  private static boolean isCam(Method method) {
    return method.equals(GRADCAM) || method.equals(GRADCAM_PP);
  }

  private Heatmap heatmap(Method method, Fixture fixture, int sample, int c) {
    ImageArray image = fixture.images.load(sample).input();
    long[] shape = new long[fixture.rank + 2];
    Arrays.fill(shape, SIZE);
    shape[0] = 1;
    shape[1] = image.channels();
    try (NDManager manager = fixture.model.newManager()) {
      NDArray batch = manager.create(FloatBuffer.wrap(image.toChannelsFirst()), new Shape(shape));
      return create(method, fixture).explain(batch, Target.ofClasses(c)).get(0).get(0);
    }
  }

  /** The maps of all ten and of every class; those of one or two are compared. */
  private void decoder2d(Method method) {
    assertDecoder(method, rgb, method.isCostly() ? new int[] {7} : new int[] {3, 7});
  }

  private void decoder3d(Method method) {
    assertDecoder(method, scans, 4);
    assertDecoder(method, rgbScans, 9);
  }

  private void assertDecoder(Method method, Fixture fixture, int... compared) {
    XAIDecoder.Builder decoder =
        XAIDecoder.builder().setGenerator(fixture.images).optTarget(Target.all());
    // AUCMEDI gives LIME as an object, the others by their keys.
    if (method.isLime()) {
      decoder.optMethod(create(method, fixture));
    } else {
      decoder.setModel(fixture.model).optMethod(method.key()).optOptions(method.options());
    }

    DecoderResult result = decoder.build().decode();

    assertThat(result.failures()).isEmpty();
    assertThat(result.explained()).hasSize(IMAGES);
    int[] shape = new int[fixture.rank];
    Arrays.fill(shape, SIZE);
    for (Explained sample : result.explained()) {
      assertThat(sample.maps()).hasSize(CLASSES);
      for (Heatmap map : sample.maps()) {
        assertThat(map.shape()).isEqualTo(shape);
        for (float value : map.values()) {
          assertThat(value).isBetween(0f, 1f);
        }
      }
    }
    for (int sample : compared) {
      for (int c : method.isCostly() ? new int[] {2} : new int[] {0, 2}) {
        assertMap(method, fixture, sample, result.explained().get(sample).maps().get(c), true);
      }
    }
  }

  private void assertMap(
      Method method, Fixture fixture, int sample, Heatmap map, boolean inSizeOfImage) {
    if (method.isLime()) {
      // Superpixels that speak for the class, or against it, are 1, others 0.
      for (float value : map.values()) {
        assertThat(value == 0 || value > 1 - 1e-6).isTrue();
      }
      return;
    }
    float[] expected = reference(method, fixture, sample, map.classIndex());
    Maps.assertClose(
        method.key() + " of " + sample + ", class " + map.classIndex(),
        map.values(),
        inSizeOfImage ? VanillaReference.onImage(expected, fixture.rank, SIZE) : expected,
        TOLERANCE);
  }

  /** No superpixel speaks for a class and against it, and the draws are the same in each run. */
  private void assertLime(int c) {
    float[] pro = heatmap(LIME_PRO, rgb, 0, c).values();
    float[] con = heatmap(LIME_CON, rgb, 0, c).values();
    int shown = 0;
    for (int i = 0; i < pro.length; i++) {
      assertThat(pro[i] * con[i]).isZero();
      shown += pro[i] + con[i] > 0 ? 1 : 0;
    }
    assertThat(shown).isPositive();
    assertThat(heatmap(LIME_PRO, rgb, 0, c).values()).containsExactly(pro);
  }

  private float[] reference(Method method, Fixture fixture, int sample, int c) {
    return reference(fixture, sample).map(method.key(), c);
  }

  private VanillaReference reference(Fixture fixture, int sample) {
    return references.computeIfAbsent(
        List.of(fixture.net, sample),
        key ->
            new VanillaReference(
                fixture.net,
                fixture.rank,
                SIZE,
                fixture.images.load(sample).input().toChannelsFirst()));
  }
}

package org.aucmedi.xai.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import com.google.common.primitives.Floats;
import com.google.common.primitives.Ints;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Supplier;
import org.aucmedi.xai.model.Capability;
import org.aucmedi.xai.model.ChannelLayout;
import org.aucmedi.xai.model.ExplainableModel;
import org.aucmedi.xai.model.Layer;
import org.aucmedi.xai.model.LayerGradients;
import org.aucmedi.xai.model.LayerNotFoundException;
import org.aucmedi.xai.model.MissingCapabilityException;
import org.aucmedi.xai.model.OutputGradient;
import org.aucmedi.xai.model.PropagationRule.AlphaBeta;
import org.aucmedi.xai.model.RelevanceRules;
import org.aucmedi.xai.model.ReluRule;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The contract of every engine and kind of model, checked on the golden networks: the same weights
 * in every format, with reference values from PyTorch's autograd.
 *
 * <p>Extend it once per kind of model. If the kind lacks a capability, the check is that it reports
 * this. Without the golden files the tests are skipped.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
public abstract class ModelConformance {

  /** The layers whose activations and gradients are in the golden files, by TorchScript path. */
  private static final Map<String, List<String>> GOLDEN_LAYERS =
      Map.of(
          "vanilla2d", List.of("features.9", "features.11"),
          "resmini", List.of("b0.conv1", "b1", "head"),
          "vanilla3d", List.of("features.11"));

  /** How many times the golden networks apply a ReLU. */
  private static final Map<String, Integer> RELUS =
      Map.of("vanilla2d", 4, "resmini", 7, "vanilla3d", 4);

  private final ConformanceReport report = new ConformanceReport();

  /** For subclasses. */
  protected ModelConformance() {}

  /**
   * {@return the name of this kind of model in the table of results, for instance "PyTorch,
   * TorchScript scripted"}
   */
  protected abstract String kind();

  /**
   * Opens a golden network.
   *
   * @param network its name
   * @return the model; closing it frees all it holds
   */
  protected abstract ExplainableModel open(String network);

  /**
   * Translates the name of a golden layer.
   *
   * @param network the network
   * @param path the TorchScript path of the layer
   * @return its name in models of this kind
   */
  protected abstract String layerName(String network, String path);

  /** {@return the names of the networks of this kind} */
  protected List<String> networks() {
    return List.of("resmini", "vanilla2d", "vanilla3d");
  }

  /**
   * {@return the TorchScript paths of the golden layers that this kind has, at least one; an
   * exporter may have merged some with others}
   *
   * @param network the network
   */
  protected List<String> goldenLayers(String network) {
    return GOLDEN_LAYERS.get(network);
  }

  /**
   * {@return the largest error allowed, relative to the golden file's maximum}
   *
   * @param network the network
   */
  protected double tolerance(String network) {
    return 1e-5;
  }

  /** Writes the report. */
  @AfterAll
  void writeReport() {
    report.write(kind());
  }

  @ParameterizedTest
  @MethodSource("networks")
  void predict_matchesGolden(String network) {
    try (ExplainableModel model = open(network);
        NDManager manager = model.newManager()) {
      Golden.Array y = Golden.array(network + "_aucmedi.npz", "y");
      NDArray batch = batch(model, manager, network, y.shape()[0]);
      check(network, "predict", model.predict(batch).toFloatArray(), y.data());
      report.addTime(network, "predict", 1);
    }
  }

  @ParameterizedTest
  @MethodSource("networks")
  void inputGradients_matchGolden(String network) {
    try (ExplainableModel model = open(network);
        NDManager manager = model.newManager()) {
      Golden.Array expected = Golden.array(network + "_raw.npz", "input_gradient");
      NDArray batch = batch(model, manager, network, expected.shape()[0]);
      OutputGradient scores = goldenClasses(network);
      if (lacks(model, Capability.INPUT_GRADIENTS, () -> model.inputGradients(batch, scores))) {
        return;
      }
      compare(network, "inputGradients", model, model.inputGradients(batch, scores), expected);
      time(model, network, "inputGradients", model::inputGradients);
    }
  }

  @ParameterizedTest
  @MethodSource("networks")
  void layerActivations_matchGolden(String network) {
    try (ExplainableModel model = open(network);
        NDManager manager = model.newManager()) {
      for (String path : goldenLayers(network)) {
        Golden.Array expected = Golden.array(network + "_raw.npz", path + "/activation");
        NDArray batch = batch(model, manager, network, expected.shape()[0]);
        String layer = layerName(network, path);
        if (lacks(
            model, Capability.LAYER_ACTIVATIONS, () -> model.layerActivations(batch, layer))) {
          return;
        }
        NDArray found = model.layerActivations(batch, layer);
        check(network, "layerActivations", channelsFirst(model, found), expected.data());
        time(model, network, "layerActivations", (x, none) -> model.layerActivations(x, layer));
      }
    }
  }

  /** Of every layer of the network that has residual sums and a ReLU that runs several times. */
  @ParameterizedTest
  @MethodSource("networks")
  void predictFromLayer_itsOwnOutput_predictsTheSame(String network) {
    try (ExplainableModel model = open(network);
        NDManager manager = model.newManager()) {
      NDArray batch = smallBatch(model, manager, network, 2);
      String golden = layerName(network, goldenLayers(network).get(0));
      if (lacks(
          model,
          Capability.PREDICTION_FROM_LAYER,
          () -> model.predictFromLayer(batch, golden, batch))) {
        return;
      }
      float[] expected = model.predict(batch).toFloatArray();
      List<String> names =
          network.equals("resmini")
              ? model.layers(batch).stream().map(Layer::name).toList()
              : goldenLayers(network).stream().map(path -> layerName(network, path)).toList();
      for (String name : names) {
        NDArray activations = model.layerActivations(batch, name);
        float[] found = model.predictFromLayer(batch, name, activations).toFloatArray();
        Maps.assertClose(name, found, expected, tolerance(network) * Maps.maxAbs(expected));
      }
    }
  }

  /** All of the image passes through the last of the golden layers. */
  @ParameterizedTest
  @MethodSource("networks")
  void predictFromLayer_outputsOfTheOtherImage_predictsThatImage(String network) {
    try (ExplainableModel model = open(network);
        NDManager manager = model.newManager()) {
      assumeCan(model, Capability.PREDICTION_FROM_LAYER);
      List<String> paths = goldenLayers(network);
      String layer = layerName(network, paths.get(paths.size() - 1));
      NDArray batch = smallBatch(model, manager, network, 2);
      NDArray activations = model.layerActivations(batch, layer);
      float[] swapped = swapped(activations.toFloatArray());
      NDArray given = manager.create(FloatBuffer.wrap(swapped), activations.getShape());
      float[] expected = swapped(model.predict(batch).toFloatArray());
      float[] found = model.predictFromLayer(batch, layer, given).toFloatArray();
      Maps.assertClose(layer, found, expected, tolerance(network) * Maps.maxAbs(expected));
      assertThat(given.toFloatArray()).as("the activations are untouched").isEqualTo(swapped);
    }
  }

  private static float[] swapped(float[] ofTwo) {
    int half = ofTwo.length / 2;
    return joined(Arrays.copyOfRange(ofTwo, half, ofTwo.length), Arrays.copyOf(ofTwo, half));
  }

  /** By how much a larger output of the layer moves the prediction, by the golden gradients. */
  @ParameterizedTest
  @MethodSource("networks")
  void predictFromLayer_scaledOutput_followsTheGradient(String network) {
    try (ExplainableModel model = open(network);
        NDManager manager = model.newManager()) {
      assumeCan(model, Capability.PREDICTION_FROM_LAYER);
      for (String path : goldenLayers(network)) {
        String layer = layerName(network, path);
        NDArray batch = batch(model, manager, network, 1);
        NDArray activations = model.layerActivations(batch, layer);
        int classIndex = (int) Golden.array(network + "_raw.npz", "classes").data()[0];
        double step = 0.001;
        double[] outputs = new double[2];
        for (int side = 0; side < 2; side++) {
          float[] scaled = activations.toFloatArray();
          for (int i = 0; i < scaled.length; i++) {
            scaled[i] *= (float) (side == 0 ? 1 - step : 1 + step);
          }
          NDArray given = manager.create(FloatBuffer.wrap(scaled), activations.getShape());
          outputs[side] = model.predictFromLayer(batch, layer, given).toFloatArray()[classIndex];
        }
        float[] gradient =
            Golden.array(network + "_raw.npz", path + "/gradient").get(0).get(0).data();
        float[] values = Golden.array(network + "_raw.npz", path + "/activation").get(0).data();
        assertThat((outputs[1] - outputs[0]) / (2 * step))
            .as("%s, layer %s", network, layer)
            .isCloseTo(dot(gradient, values), org.assertj.core.data.Percentage.withPercentage(2));
      }
    }
  }

  @Test
  void predictFromLayer_whatCannotStandIn_isRefused() {
    String network = networks().get(0);
    try (ExplainableModel model = open(network);
        NDManager manager = model.newManager()) {
      assumeCan(model, Capability.PREDICTION_FROM_LAYER);
      String layer = layerName(network, goldenLayers(network).get(0));
      NDArray batch = batch(model, manager, network, 1);
      NDArray activations = model.layerActivations(batch, layer);
      NDArray wider =
          manager.create(
              FloatBuffer.allocate(Math.toIntExact(2 * activations.getShape().size())),
              activations
                  .getShape()
                  .slice(0, activations.getShape().dimension() - 1)
                  .add(2 * activations.getShape().tail()));
      assertThatIllegalArgumentException()
          .isThrownBy(() -> model.predictFromLayer(batch, layer, wider))
          .withMessageContaining("'" + layer + "'")
          .withMessageContaining(activations.getShape().toString())
          .withMessageContaining(wider.getShape().toString());
      NDArray two = batch(model, manager, network, 2);
      assertThatIllegalArgumentException()
          .isThrownBy(() -> model.predictFromLayer(two, layer, activations))
          .withMessageContaining("2 images");
      assertThatExceptionOfType(LayerNotFoundException.class)
          .isThrownBy(() -> model.predictFromLayer(batch, "no such layer", activations));
      assertThat(model.predictFromLayer(batch, layer, activations).toFloatArray()).isNotEmpty();
    }
  }

  @ParameterizedTest
  @MethodSource("networks")
  void layerGradients_matchGolden(String network) {
    try (ExplainableModel model = open(network);
        NDManager manager = model.newManager()) {
      for (String path : goldenLayers(network)) {
        Golden.Array expected = Golden.array(network + "_raw.npz", path + "/gradient");
        NDArray batch = batch(model, manager, network, expected.shape()[0]);
        OutputGradient scores = goldenClasses(network);
        String layer = layerName(network, path);
        if (lacks(
            model, Capability.LAYER_GRADIENTS, () -> model.layerGradients(batch, scores, layer))) {
          return;
        }
        LayerGradients found = model.layerGradients(batch, scores, layer);
        float[] output = model.predict(batch).toFloatArray();
        check(network, "layerGradients", found.output().toFloatArray(), output);
        float[] activations = Golden.array(network + "_raw.npz", path + "/activation").data();
        check(network, "layerGradients", channelsFirst(model, found.activations()), activations);
        compare(network, "layerGradients", model, found.gradients(), expected);
        time(model, network, "layerGradients", (x, one) -> model.layerGradients(x, one, layer));
      }
    }
  }

  @ParameterizedTest
  @MethodSource("networks")
  void guidedGradients_matchGolden(String network) {
    try (ExplainableModel model = open(network);
        NDManager manager = model.newManager()) {
      for (ReluRule rule : ReluRule.values()) {
        String key = rule == ReluRule.GUIDED ? "guided" : "deconv";
        Golden.Array expected = Golden.array(network + "_raw.npz", key + "_gradient");
        NDArray batch = batch(model, manager, network, expected.shape()[0]);
        OutputGradient scores = goldenClasses(network);
        if (lacks(
            model, Capability.GUIDED_GRADIENTS, () -> model.guidedGradients(batch, scores, rule))) {
          return;
        }
        var found = model.guidedGradients(batch, scores, rule);
        assertThat(found.relus()).isEqualTo(RELUS.get(network));
        compare(network, key + "Gradients", model, found.gradients(), expected);
        time(model, network, key + "Gradients", (x, one) -> model.guidedGradients(x, one, rule));
      }
    }
  }

  @ParameterizedTest
  @MethodSource("networks")
  void inputGradients_matchCentralDifferences(String network) {
    try (ExplainableModel model = open(network);
        NDManager manager = model.newManager()) {
      assumeCan(model, Capability.INPUT_GRADIENTS);
      NDArray batch = batch(model, manager, network, 1);
      float[] x = batch.toFloatArray();
      float[] outputGradient = new float[classes(network)];
      outputGradient[classes(network) - 1] = 1;
      float[] gradient =
          model
              .inputGradients(batch, OutputGradients.constant(outputGradient))
              .head()
              .toFloatArray();
      SplittableRandom random = new SplittableRandom(1);
      float[] along = gradient.clone();
      float[] across = gradient.clone();
      for (int i = 0; i < across.length; i++) {
        across[i] *= random.nextInt(4);
      }
      for (float[] direction : List.of(along, across)) {
        double expected = dot(gradient, direction) / norm(direction);
        double found =
            Differences.alongDirection(
                model, batch.getShape(), x, outputGradient, direction, 0.02f);
        assertThat(found).isCloseTo(expected, org.assertj.core.data.Percentage.withPercentage(2));
      }
    }
  }

  @ParameterizedTest
  @MethodSource("networks")
  void passes_twice_giveTheSameBits(String network) {
    try (ExplainableModel model = open(network);
        NDManager manager = model.newManager()) {
      NDArray batch = smallBatch(model, manager, network, 1);
      Map<String, float[]> first = everything(model, batch, network);
      assertSame(first, everything(model, batch, network), 0);
      assertThat(batch.toFloatArray())
          .as("the batch is untouched")
          .isEqualTo(smallInput(model, network, 1).data());
    }
  }

  @ParameterizedTest
  @MethodSource("networks")
  void passes_batchOfTwo_equalTwoBatchesOfOne(String network) {
    try (ExplainableModel model = open(network);
        NDManager manager = model.newManager()) {
      NDArray both = smallBatch(model, manager, network, 2);
      Map<String, float[]> together = everything(model, both, network);
      Map<String, float[]> first = everything(model, image(model, manager, network, 0), network);
      Map<String, float[]> second = everything(model, image(model, manager, network, 1), network);
      Map<String, float[]> joined = new LinkedHashMap<>();
      first.forEach((key, value) -> joined.put(key, joined(value, second.get(key))));
      assertSame(together, joined, 1e-5);
    }
  }

  @ParameterizedTest
  @MethodSource("networks")
  void inputGradients_anotherClassPerRow_areThoseOfEachRow(String network) {
    try (ExplainableModel model = open(network);
        NDManager manager = model.newManager()) {
      assumeCan(model, Capability.INPUT_GRADIENTS);
      NDArray batch = smallBatch(model, manager, network, 2);
      int classes = classes(network);
      float[] mixed = new float[2 * classes];
      mixed[0] = 1;
      mixed[classes + 1] = -0.5f;
      float[] found =
          model.inputGradients(batch, OutputGradients.constant(mixed)).head().toFloatArray();
      NDList pure = model.inputGradients(batch, OutputGradient.ofClasses(0, 1));
      float[] first = pure.get(0).get(0).toFloatArray();
      float[] second = pure.get(1).get(1).toFloatArray();
      for (int i = 0; i < second.length; i++) {
        second[i] *= -0.5f;
      }
      float[] expected = joined(first, second);
      Maps.assertClose(network, found, expected, 1e-5 * Maps.maxAbs(expected));
    }
  }

  @ParameterizedTest
  @MethodSource("networks")
  void layers_ofABatch_runInOrderAndKnowTheirShapes(String network) {
    try (ExplainableModel model = open(network);
        NDManager manager = model.newManager()) {
      assertThat(model.layers()).isNotEmpty();
      List<Layer> layers = model.layers(batch(model, manager, network, 2));
      List<String> names = layers.stream().map(Layer::name).toList();
      assertThat(names).doesNotHaveDuplicates();
      int last = -1;
      for (String path : goldenLayers(network)) {
        int index = names.indexOf(layerName(network, path));
        assertThat(index).as(path + " in " + names).isGreaterThan(last);
        last = index;
        int[] shape = Golden.array(network + "_raw.npz", path + "/activation").shape().clone();
        assertThat(channelsFirst(model, layers.get(index).outputShape()))
            .isEqualTo(Arrays.stream(shape, 1, shape.length).asLongStream().toArray());
        assertThat(layers.get(index).outputShape().get(0)).isEqualTo(2);
      }
    }
  }

  @Test
  void layers_unknownName_listsTheKnownOnes() {
    String network = networks().get(0);
    try (ExplainableModel model = open(network);
        NDManager manager = model.newManager()) {
      assumeCan(model, Capability.LAYER_ACTIVATIONS);
      NDArray batch = batch(model, manager, network, 1);
      assertThatExceptionOfType(LayerNotFoundException.class)
          .isThrownBy(() -> model.layerActivations(batch, "no such layer"))
          .withMessageContaining("'no such layer'")
          .withMessageContaining(model.layers().get(0).name());
    }
  }

  @Test
  void outputGradients_ofAnotherSize_areRefused() {
    String network = networks().get(0);
    try (ExplainableModel model = open(network);
        NDManager manager = model.newManager()) {
      assumeCan(model, Capability.INPUT_GRADIENTS);
      NDArray batch = batch(model, manager, network, 1);
      assertThatIllegalArgumentException()
          .isThrownBy(() -> model.inputGradients(batch, OutputGradients.constant(new float[99])))
          .withMessageContaining("got 99");
      assertThatIllegalArgumentException()
          .isThrownBy(() -> model.predict(batch.toType(DataType.FLOAT64, true)));
      assertThat(everything(model, batch, network)).isNotEmpty();
    }
  }

  @ParameterizedTest
  @MethodSource("networks")
  void close_freesEveryNativeArray(String network) {
    String engine = engineName(network);
    int before = NativeArrays.alive(engine);
    try (ExplainableModel model = open(network)) {
      callOnce(model, network);
      int open = NativeArrays.alive(engine);
      callOnce(model, network);
      assertThat(NativeArrays.alive(engine)).as("arrays left by a call").isEqualTo(open);
    }
    assertThat(NativeArrays.alive(engine)).as("arrays left by the model").isEqualTo(before);
  }

  @Test
  void passes_eightThreads_equalOne() throws Exception {
    String network = "resmini";
    ExecutorService threads = Executors.newFixedThreadPool(8);
    try (ExplainableModel model = open(network)) {
      List<Map<String, float[]>> expected = new ArrayList<>();
      for (int i = 0; i < 2; i++) {
        expected.add(ofImage(model, network, i));
      }
      List<Future<Map<String, float[]>>> results = new ArrayList<>();
      for (int i = 0; i < 32; i++) {
        int image = i % 2;
        results.add(threads.submit(() -> ofImage(model, network, image)));
      }
      for (int i = 0; i < results.size(); i++) {
        assertSame(results.get(i).get(), expected.get(i % 2), 0);
      }
    } finally {
      threads.shutdownNow();
    }
  }

  @Test
  void passes_twoHundred_leaveNoMemoryAllocated() {
    assumeTrue(
        NativeArrays.showsAllocatedBytes(), "skipped: this system does not tell what is allocated");
    String network = "resmini";
    // One leaked array of the input's size per pass would be 10 MB.
    long bound = 4_000_000;
    try (ExplainableModel model = open(network)) {
      long growth = bound;
      // The compilers of the virtual machine take memory too, until they have done the hot code,
      // which takes them longer on a busy machine.
      for (int round = 0; round < 12 && growth >= bound; round++) {
        long before = NativeArrays.allocatedBytes();
        for (int i = 0; i < 200 / passes(model); i++) {
          callOnce(model, network);
        }
        growth = NativeArrays.allocatedBytes() - before;
      }
      assertThat(growth).isLessThan(bound);
    }
  }

  /** One pass over the golden images of this network, in this model's layout. */
  @FunctionalInterface
  private interface Pass {
    Object run(NDArray batch, OutputGradient scores);
  }

  private void compare(
      String network, String what, ExplainableModel model, NDList found, Golden.Array expected) {
    int classes = expected.shape()[1];
    assertThat(found).hasSize(classes);
    for (int k = 0; k < classes; k++) {
      float[] ofClass = new float[expected.data().length / classes];
      for (int n = 0; n < expected.shape()[0]; n++) {
        float[] image = expected.get(n).get(k).data();
        System.arraycopy(image, 0, ofClass, n * image.length, image.length);
      }
      check(network, what, channelsFirst(model, found.get(k)), ofClass);
    }
  }

  private void check(String network, String what, float[] found, float[] expected) {
    double scale = Maps.maxAbs(expected);
    report.addDifference(network, what, Maps.maxDifference(found, expected) / scale);
    Maps.assertClose(
        kind() + " " + network + " " + what, found, expected, tolerance(network) * scale);
  }

  private static boolean lacks(ExplainableModel model, Capability capability, Supplier<?> call) {
    if (model.capabilities().contains(capability)) {
      return false;
    }
    assertThatExceptionOfType(MissingCapabilityException.class)
        .isThrownBy(call::get)
        .withMessageContaining(capability.description());
    return true;
  }

  private static void assumeCan(ExplainableModel model, Capability capability) {
    assumeTrue(
        model.capabilities().contains(capability),
        () -> "skipped: " + model + " has no " + capability.description());
  }

  /**
   * Measures a pass for one class in units of forward passes, as medians after a warm-up, where the
   * documentation's table is to be written.
   */
  private void time(ExplainableModel model, String network, String operation, Pass pass) {
    if (System.getProperty("tables.write") == null) {
      return;
    }
    report.addTime(network, operation, forwards(model, network, pass));
  }

  private static double forwards(ExplainableModel model, String network, Pass pass) {
    try (NDManager manager = model.newManager()) {
      NDArray batch = batch(model, manager, network, 2);
      return median(batch, pass) / median(batch, (x, none) -> model.predict(x));
    }
  }

  /** Nine runs after three warm-up runs, or as many as time allows. */
  private static double median(NDArray batch, Pass pass) {
    List<Double> nanos = new ArrayList<>();
    long end = System.nanoTime() + 1_000_000_000L;
    for (int i = 0; i < 12 && (i < 2 || System.nanoTime() < end); i++) {
      long start = System.nanoTime();
      pass.run(batch, OutputGradient.ofClasses(0));
      nanos.add((double) (System.nanoTime() - start));
    }
    List<Double> warm = nanos.subList(nanos.size() / 4 + (nanos.size() < 4 ? 1 : 0), nanos.size());
    return warm.stream().sorted().toList().get(warm.size() / 2);
  }

  /** Runs every pass that the model supports and flattens the results. */
  private Map<String, float[]> everything(ExplainableModel model, NDArray batch, String network) {
    OutputGradient scores = OutputGradient.ofClasses(1);
    String path = goldenLayers(network).get(0);
    String layer = layerName(network, path);
    Map<String, float[]> results = new LinkedHashMap<>();
    results.put("predict", model.predict(batch).toFloatArray());
    if (model.capabilities().contains(Capability.LAYER_ACTIVATIONS)) {
      results.put("activations", model.layerActivations(batch, layer).toFloatArray());
    }
    if (model.capabilities().contains(Capability.PREDICTION_FROM_LAYER)) {
      NDArray activations = model.layerActivations(batch, layer);
      results.put(
          "predictFromLayer", model.predictFromLayer(batch, layer, activations).toFloatArray());
    }
    if (model.capabilities().contains(Capability.INPUT_GRADIENTS)) {
      results.put("inputGradients", model.inputGradients(batch, scores).head().toFloatArray());
    }
    if (model.capabilities().contains(Capability.LAYER_GRADIENTS)) {
      LayerGradients found = model.layerGradients(batch, scores, layer);
      results.put("layerGradients", found.gradients().head().toFloatArray());
    }
    if (model.capabilities().contains(Capability.GUIDED_GRADIENTS)) {
      var found = model.guidedGradients(batch, scores, ReluRule.GUIDED);
      results.put("guidedGradients", found.gradients().head().toFloatArray());
    }
    if (model.capabilities().contains(Capability.PROPAGATION)) {
      var found = model.relevances(batch, scores, RelevanceRules.all(new AlphaBeta(2)));
      results.put("relevances", found.relevances().head().toFloatArray());
    }
    return results;
  }

  private static int passes(ExplainableModel model) {
    int withoutPass = model.capabilities().contains(Capability.LAYERS) ? 1 : 0;
    return model.capabilities().size() - withoutPass;
  }

  private void callOnce(ExplainableModel model, String network) {
    try (NDManager manager = model.newManager()) {
      everything(model, smallBatch(model, manager, network, 2), network);
    }
  }

  private Map<String, float[]> ofImage(ExplainableModel model, String network, int image) {
    try (NDManager manager = model.newManager()) {
      return everything(model, image(model, manager, network, image), network);
    }
  }

  private String engineName(String network) {
    try (ExplainableModel model = open(network)) {
      return model.engineName();
    }
  }

  private static void assertSame(
      Map<String, float[]> found, Map<String, float[]> expected, double tolerance) {
    assertThat(found).containsOnlyKeys(expected.keySet());
    expected.forEach(
        (key, values) ->
            Maps.assertClose(key, found.get(key), values, tolerance * Maps.maxAbs(values)));
  }

  private static NDArray batch(
      ExplainableModel model, NDManager manager, String network, int images) {
    return create(manager, input(model, network, images));
  }

  private static NDArray smallBatch(
      ExplainableModel model, NDManager manager, String network, int images) {
    return create(manager, smallInput(model, network, images));
  }

  private static NDArray create(NDManager manager, Golden.Array x) {
    return manager.create(FloatBuffer.wrap(x.data()), shape(x));
  }

  /** A batch of one, made without slicing, which not every engine supports. */
  private static NDArray image(
      ExplainableModel model, NDManager manager, String network, int index) {
    Golden.Array x = smallInput(model, network, index + 1).get(index);
    return manager.create(FloatBuffer.wrap(x.data()), new Shape(1).addAll(shape(x)));
  }

  private static Shape shape(Golden.Array array) {
    return new Shape(Arrays.stream(array.shape()).asLongStream().toArray());
  }

  private static Golden.Array input(ExplainableModel model, String network, int images) {
    return arranged(model, Golden.array(network + "_aucmedi.npz", "x").first(images));
  }

  /** Checks without reference values use smaller volumes, which are many times faster. */
  private static Golden.Array smallInput(ExplainableModel model, String network, int images) {
    Golden.Array x = Golden.array(network + "_aucmedi.npz", "x").first(images);
    boolean anySize = model.inputShape() == null;
    return arranged(model, x.shape().length == 5 && anySize ? x.halved() : x);
  }

  private static Golden.Array arranged(ExplainableModel model, Golden.Array x) {
    return model.channelLayout() == ChannelLayout.CHANNELS_FIRST ? x.channelsFirst() : x;
  }

  private static int classes(String network) {
    return Golden.array(network + "_aucmedi.npz", "y").shape()[1];
  }

  private static OutputGradient goldenClasses(String network) {
    float[] classes = Golden.array(network + "_raw.npz", "classes").data();
    return OutputGradient.ofClasses(Ints.toArray(Floats.asList(classes)));
  }

  private static float[] channelsFirst(ExplainableModel model, NDArray array) {
    float[] values = array.toFloatArray();
    if (model.channelLayout() == ChannelLayout.CHANNELS_FIRST || array.getShape().dimension() < 3) {
      return values;
    }
    int[] shape = Arrays.stream(array.getShape().getShape()).mapToInt(Math::toIntExact).toArray();
    return new Golden.Array(shape, values).channelsFirst().data();
  }

  /** The shape of one image's array, channels first. */
  private static long[] channelsFirst(ExplainableModel model, Shape shape) {
    long[] sizes = shape.slice(1).getShape().clone();
    if (model.channelLayout() == ChannelLayout.CHANNELS_LAST) {
      long channels = sizes[sizes.length - 1];
      System.arraycopy(sizes, 0, sizes, 1, sizes.length - 1);
      sizes[0] = channels;
    }
    return sizes;
  }

  private static float[] joined(float[] first, float[] second) {
    float[] joined = Arrays.copyOf(first, first.length + second.length);
    System.arraycopy(second, 0, joined, first.length, second.length);
    return joined;
  }

  private static double dot(float[] a, float[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += (double) a[i] * b[i];
    }
    return sum;
  }

  private static double norm(float[] a) {
    return Math.sqrt(dot(a, a));
  }
}

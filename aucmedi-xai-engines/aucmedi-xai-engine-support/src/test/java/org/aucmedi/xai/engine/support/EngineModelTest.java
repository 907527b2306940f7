package org.aucmedi.xai.engine.support;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.LongFunction;
import org.aucmedi.xai.error.XAIException;
import org.aucmedi.xai.model.Capability;
import org.aucmedi.xai.model.ChannelLayout;
import org.aucmedi.xai.model.LayerGradients;
import org.aucmedi.xai.model.LoadOptions;
import org.aucmedi.xai.model.OutputActivation;
import org.aucmedi.xai.model.OutputGradient;
import org.aucmedi.xai.model.UnsupportedModelException;
import org.aucmedi.xai.testkit.LinearModel;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What every engine's models have from their base, shown by one in plain Java. */
final class EngineModelTest {

  /** Two values an image, three units. */
  private static final float[][] WEIGHTS = {{1, 2}, {-3, 0.5f}, {4, -1}};

  private static final LoadOptions SIGMOID =
      LoadOptions.builder().optActivation(OutputActivation.SIGMOID).build();

  private static final OutputGradient NOTHING = outputs -> List.of();

  /** Unit u of an image x is the sum of weights[u] * x, whatever shape that is given. */
  private static final class Units extends EngineModel {

    private final float[][] weights;
    private final LongFunction<Shape> shape;
    private final List<Integer> passes = new ArrayList<>();
    private int most = Integer.MAX_VALUE;
    private @Nullable Shape declared;
    private List<String> names = List.of("y");
    private Runnable duringPass = () -> {};
    private int released;

    Units(float[][] weights, LoadOptions options, LongFunction<Shape> shape) {
      super(heap(), options, ChannelLayout.CHANNELS_FIRST);
      this.weights = weights;
      this.shape = shape;
    }

    private static NDManager heap() {
      return new LinearModel(WEIGHTS, ChannelLayout.CHANNELS_FIRST, "heap").newManager();
    }

    @Override
    public Set<Capability> capabilities() {
      return EnumSet.allOf(Capability.class);
    }

    @Override
    public @Nullable Shape inputShape() {
      return declared;
    }

    @Override
    protected NDArray forward(NDManager scope, NDArray batch) {
      int images = (int) batch.getShape().get(0);
      passes.add(images);
      duringPass.run();
      if (images > most) {
        throw cannotRun(batch, "shape '[1, 2]' is invalid", new IllegalStateException());
      }
      float[] x = batch.toFloatArray();
      float[] units = new float[images * weights.length];
      for (int i = 0; i < units.length; i++) {
        int n = i / weights.length;
        float[] w = weights[i % weights.length];
        units[i] = w[0] * x[2 * n] + w[1] * x[2 * n + 1];
      }
      NDList outputs = new NDList();
      for (String name : names) {
        NDArray output = scope.create(FloatBuffer.wrap(units.clone()), shape.apply(images));
        output.setName(name);
        outputs.add(output);
      }
      return choose(outputs);
    }

    @Override
    protected NDList differentiate(NDManager scope, NDArray batch, OutputGradient scores) {
      NDArray output = forward(scope, batch);
      NDList gradients = new NDList();
      for (NDArray outputGradient : outputGradients(scope, output, batch, scores)) {
        assertThat(outputGradient.getShape()).isEqualTo(output.getShape());
        float[] s = outputGradient.toFloatArray();
        float[] gradient = new float[(int) batch.getShape().size()];
        for (int i = 0; i < s.length; i++) {
          for (int v = 0; v < 2; v++) {
            gradient[i / weights.length * 2 + v] += s[i] * weights[i % weights.length][v];
          }
        }
        gradients.add(scope.create(FloatBuffer.wrap(gradient), batch.getShape()));
      }
      return gradients;
    }

    @Override
    protected LayerGradients differentiateLayer(
        NDManager scope, NDArray batch, OutputGradient scores, String layerName) {
      return new LayerGradients(forward(scope, batch), batch, differentiate(scope, batch, scores));
    }

    /** The layer x is the input. */
    @Override
    protected NDArray forwardFrom(
        NDManager scope, NDArray batch, String layerName, NDArray activations) {
      checkReplaces(layerName, activations.getShape(), batch.getShape());
      return forward(scope, activations);
    }

    @Override
    protected void release() {
      released++;
    }

    @Override
    public String toString() {
      return "the model";
    }
  }

  private static Units model(LoadOptions options) {
    return new Units(WEIGHTS, options, n -> new Shape(n, 3));
  }

  private static NDArray batch(NDManager manager, int images) {
    float[] values = new float[2 * images];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) Math.sin(i + 1);
    }
    return manager.create(FloatBuffer.wrap(values), new Shape(images, 1, 1, 2));
  }

  @Test
  void predict_shapesThatCanOnlyMeanClasses_areClasses() {
    for (LongFunction<Shape> shape :
        List.<LongFunction<Shape>>of(
            n -> new Shape(n, 3), n -> new Shape(n, 3, 1, 1), n -> new Shape(n, 3, 1, 1, 1))) {
      Units model = new Units(WEIGHTS, LoadOptions.NONE, shape);
      try (NDManager manager = model.newManager()) {
        NDArray output = model.predict(batch(manager, 2));
        assertThat(output.getShape()).isEqualTo(new Shape(2, 3));
        NDList gradients = model.inputGradients(batch(manager, 2), OutputGradient.ofClasses(2));
        assertThat(gradients.get(0).toFloatArray()).containsExactly(4, -1, 4, -1);
      }
    }
    Units one = new Units(new float[][] {{1, 2}}, LoadOptions.NONE, Shape::new);
    try (NDManager manager = one.newManager()) {
      assertThat(one.predict(batch(manager, 4)).getShape()).isEqualTo(new Shape(4, 1));
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void oneSigmoidUnit_isTwoClasses(boolean flat) {
    Units model =
        new Units(new float[][] {{1, 2}}, SIGMOID, n -> flat ? new Shape(n) : new Shape(n, 1));
    try (NDManager manager = model.newManager()) {
      NDArray batch = batch(manager, 2);
      float[] output = model.predict(batch).toFloatArray();
      float[] x = batch.toFloatArray();
      for (int n = 0; n < 2; n++) {
        float p = x[2 * n] + 2 * x[2 * n + 1];
        assertThat(output[2 * n]).isEqualTo(1 - p);
        assertThat(output[2 * n + 1]).isEqualTo(p);
      }
      assertThat(model.inputGradients(batch, OutputGradient.ofClasses(1)).get(0).toFloatArray())
          .containsExactly(1, 2, 1, 2);
      assertThat(model.inputGradients(batch, OutputGradient.ofClasses(0)).get(0).toFloatArray())
          .containsExactly(-1, -2, -1, -2);
      LayerGradients layer = model.layerGradients(batch, OutputGradient.ofClasses(0), "x");
      assertThat(layer.output().toFloatArray()).containsExactly(output);
      assertThat(layer.gradients().get(0).toFloatArray()).containsExactly(-1, -2, -1, -2);
    }
  }

  @Test
  void predict_outputThatIsNoClassifiers_isTheModelsFault() {
    for (LongFunction<Shape> shape :
        List.<LongFunction<Shape>>of(n -> new Shape(n, 1, 3), n -> new Shape(n, 1, 1, 3))) {
      Units model = new Units(WEIGHTS, LoadOptions.NONE, shape);
      try (NDManager manager = model.newManager()) {
        assertThatExceptionOfType(UnsupportedModelException.class)
            .isThrownBy(() -> model.predict(batch(manager, 1)))
            .withMessageContaining("returns an output of shape " + shape.apply(1))
            .withMessageContaining("a classifier returns (N, classes)");
      }
    }
  }

  @Test
  void severalOutputs_noneChosen_areNamedWithTheirShapes() {
    Units model = model(LoadOptions.NONE);
    model.names = List.of("features", "logits");
    try (NDManager manager = model.newManager()) {
      NDArray batch = batch(manager, 2);
      assertThatExceptionOfType(UnsupportedModelException.class)
          .isThrownBy(() -> model.predict(batch))
          .withMessageContaining("2 outputs: 0 'features' (2, 3), 1 'logits' (2, 3)")
          .withMessageContaining("--output-name");
      assertThatExceptionOfType(UnsupportedModelException.class)
          .isThrownBy(() -> model.inputGradients(batch, NOTHING));
    }
  }

  @Test
  void severalOutputs_oneChosen_isThatOne() {
    for (String chosen : List.of("logits", "1")) {
      Units model = model(LoadOptions.builder().optOutput(chosen).build());
      model.names = List.of("features", "logits");
      try (NDManager manager = model.newManager()) {
        NDArray output = model.forward(manager, batch(manager, 1));
        assertThat(output.getName()).isEqualTo("logits");
      }
    }
    Units model = model(LoadOptions.builder().optOutput("2").build());
    model.names = List.of("features", "logits");
    try (NDManager manager = model.newManager()) {
      assertThatExceptionOfType(UnsupportedModelException.class)
          .isThrownBy(() -> model.predict(batch(manager, 1)))
          .withMessage(
              "the model has no output '2'; its outputs are 0 'features' (1, 3), 1 'logits' (1,"
                  + " 3)");
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 4})
  void fixedBatch_batchOfAnotherSize_runsInParts(int size) {
    Units free = model(LoadOptions.NONE);
    Units fixed = model(LoadOptions.NONE);
    fixed.declared = new Shape(size, 1, 1, 2);
    try (NDManager manager = free.newManager()) {
      NDArray batch = batch(manager, 6);
      assertThat(fixed.predict(batch).toFloatArray())
          .containsExactly(free.predict(batch).toFloatArray());
      assertThat(fixed.passes).hasSize(size == 1 ? 6 : 2).containsOnly(size);
      List<float[][]> asked = new ArrayList<>();
      OutputGradient largest =
          outputs -> {
            asked.add(outputs);
            float[] gradient = new float[18];
            for (int n = 0; n < 6; n++) {
              gradient[3 * n + n % 3] = n + 1;
            }
            return List.of(gradient);
          };
      LayerGradients expected = free.layerGradients(batch, largest, "x");
      LayerGradients found = fixed.layerGradients(batch, largest, "x");
      assertThat(asked).hasSize(2);
      assertThat(asked.get(1)).isDeepEqualTo(asked.get(0));
      assertThat(found.activations().getShape()).isEqualTo(batch.getShape());
      assertThat(found.activations().toFloatArray()).containsExactly(batch.toFloatArray());
      assertThat(found.gradients().get(0).toFloatArray())
          .containsExactly(expected.gradients().get(0).toFloatArray());
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 4})
  void fixedBatch_predictionFromALayer_getsTheRowsOfEachPart(int size) {
    Units fixed = model(LoadOptions.NONE);
    fixed.declared = new Shape(size, 1, 1, 2);
    try (NDManager manager = fixed.newManager()) {
      NDArray batch = batch(manager, 6);
      float[] turned = new float[12];
      for (int i = 0; i < turned.length; i++) {
        turned[i] = batch.toFloatArray()[11 - i];
      }
      NDArray activations = manager.create(FloatBuffer.wrap(turned), batch.getShape());
      assertThat(fixed.predictFromLayer(batch, "x", activations).toFloatArray())
          .containsExactly(model(LoadOptions.NONE).predict(activations).toFloatArray());
      assertThat(fixed.passes).hasSize(size == 1 ? 6 : 2).containsOnly(size);
      assertThatIllegalArgumentException()
          .isThrownBy(() -> fixed.predictFromLayer(batch, "x", batch(manager, 5)))
          .withMessageContaining("6 images");
    }
  }

  @Test
  void batchThatIsRefused_whereOneImageRuns_runsOneByOneFromThenOn() {
    Units model = model(LoadOptions.NONE);
    model.most = 1;
    try (NDManager manager = model.newManager()) {
      NDArray batch = batch(manager, 3);
      float[] output = model.predict(batch).toFloatArray();
      assertThat(output).containsExactly(model(LoadOptions.NONE).predict(batch).toFloatArray());
      model.passes.clear();
      assertThat(model.predict(batch).toFloatArray()).containsExactly(output);
      assertThat(model.passes).containsExactly(1, 1, 1);
    }
  }

  @Test
  void batchThatIsRefused_whereOneImageIsToo_saysWhatTheBatchMet() {
    Units model = model(LoadOptions.NONE);
    model.most = 0;
    try (NDManager manager = model.newManager()) {
      assertThatExceptionOfType(XAIException.class)
          .isThrownBy(() -> model.predict(batch(manager, 3)))
          .withMessage(
              "the model cannot run on a batch of shape (3, 1, 1, 2): shape '[1, 2]' is invalid");
    }
  }

  @Test
  void inputGradients_gradientOfAnotherSize_isRefused() {
    Units model = model(LoadOptions.NONE);
    try (NDManager manager = model.newManager()) {
      assertThatIllegalArgumentException()
          .isThrownBy(
              () -> model.inputGradients(batch(manager, 2), outputs -> List.of(new float[5])))
          .withMessageContaining("2 images and 3 classes, got 5");
    }
  }

  @Test
  void close_duringAPass_waitsForIt() throws Exception {
    Units model = model(LoadOptions.NONE);
    CountDownLatch running = new CountDownLatch(1);
    CountDownLatch mayEnd = new CountDownLatch(1);
    model.duringPass =
        () -> {
          running.countDown();
          try {
            mayEnd.await();
          } catch (InterruptedException e) {
            throw new IllegalStateException(e);
          }
        };
    try (NDManager manager = model.newManager()) {
      NDArray batch = batch(manager, 1);
      CompletableFuture<NDArray> pass = CompletableFuture.supplyAsync(() -> model.predict(batch));
      running.await();
      CompletableFuture<Void> closing = CompletableFuture.runAsync(model::close);
      Thread.sleep(50);
      assertThat(model.released).isZero();
      mayEnd.countDown();
      assertThat(pass.get(10, TimeUnit.SECONDS).toFloatArray()).hasSize(3);
      closing.get(10, TimeUnit.SECONDS);
      assertThat(model.released).isOne();
    }
  }

  @Test
  void everyCall_afterClose_saysSoAndArraysStay() {
    Units model = model(LoadOptions.NONE);
    NDManager manager = model.newManager();
    NDArray batch = batch(manager, 2);
    NDArray output = model.predict(batch);
    model.close();
    model.close();
    assertThat(model.released).isOne();
    for (Runnable call :
        Arrays.<Runnable>asList(
            () -> model.predict(batch),
            () -> model.inputGradients(batch, NOTHING),
            () -> model.layerGradients(batch, NOTHING, "x"),
            () -> model.layerActivations(batch, "x"),
            model::layers,
            () -> model.layers(batch),
            model::newManager)) {
      assertThatIllegalStateException().isThrownBy(call::run).withMessage("the model is closed");
    }
    assertThat(output.toFloatArray()).hasSize(6);
    assertThat(batch.toFloatArray()).hasSize(4);
    manager.close();
  }
}

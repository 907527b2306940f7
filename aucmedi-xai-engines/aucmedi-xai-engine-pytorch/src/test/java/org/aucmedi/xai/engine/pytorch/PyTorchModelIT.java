package org.aucmedi.xai.engine.pytorch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ai.djl.MalformedModelException;
import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.LambdaBlock;
import ai.djl.nn.Parameter;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.core.Linear;
import ai.djl.pytorch.jni.JniUtils;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.aucmedi.xai.error.XAIException;
import org.aucmedi.xai.model.ExplainableModel;
import org.aucmedi.xai.model.OutputGradient;
import org.aucmedi.xai.testkit.OutputGradients;
import org.aucmedi.xai.testkit.TorchScriptArchive;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * What TorchScript modules and DJL blocks promise alike, on {@code (s, -s)} with {@code s = sum((2
 * x) ^ 2)}, so that {@code ds/dx = 8 x}. Both double their input in place.
 */
final class PyTorchModelIT {

  private static final float[] X = {1, -2, 0.5f, 3};

  @TempDir private Path folder;

  enum Kind {
    TORCH_SCRIPT {
      @Override
      Model load(Path folder) {
        String forward =
            """
            y = torch.flatten(torch.mul_(x, 2), 1)
            a = torch.dropout(torch.mul(y, y), 0.5, self.training)
            c = torch.sum(a, [1], True)
            return torch.cat([c, torch.neg(c)], 1)
            """;
        Model model = Model.newInstance("squares", "PyTorch");
        try {
          model.load(TorchScriptArchive.write(folder.resolve("squares.pt"), forward));
          return model;
        } catch (IOException e) {
          throw new UncheckedIOException(e);
        } catch (MalformedModelException e) {
          throw new IllegalStateException(e);
        }
      }
    },
    BLOCK {
      @Override
      Model load(Path folder) {
        Model model = Model.newInstance("squares", "PyTorch");
        SequentialBlock block =
            new SequentialBlock()
                .add(new LambdaBlock(PyTorchModelIT::squares, "squares"))
                .add(Linear.builder().setUnits(2).optBias(false).build());
        model.setBlock(block);
        block.initialize(model.getNDManager(), DataType.FLOAT32, new Shape(1, 1, 1, 4));
        Parameter weight = block.getParameters().valueAt(0);
        weight.getArray().set(FloatBuffer.wrap(new float[] {1, -1}));
        return model;
      }
    };

    abstract Model load(Path folder);
  }

  @ParameterizedTest
  @EnumSource
  void predict_inPlaceModel_isRepeatableAndLeavesTheBatch(Kind kind) {
    try (Model own = kind.load(folder);
        ExplainableModel model = ExplainableModel.of(own);
        NDManager manager = model.newManager()) {
      NDArray batch = batch(manager, 1, X);
      for (int run = 0; run < 5; run++) {
        assertThat(model.predict(batch).toFloatArray()).containsExactly(57, -57);
      }
      assertThat(batch.toFloatArray()).containsExactly(X);
    }
  }

  @ParameterizedTest
  @EnumSource
  void inputGradients_inPlaceModel_areExactAndLeaveTheBatch(Kind kind) {
    try (Model own = kind.load(folder);
        ExplainableModel model = ExplainableModel.of(own);
        NDManager manager = model.newManager()) {
      NDArray batch = batch(manager, 1, X);
      for (int run = 0; run < 5; run++) {
        assertThat(gradient(model, batch, 1, 0)).containsExactly(8, -16, 4, 24);
      }
      assertThat(batch.toFloatArray()).containsExactly(X);
      assertThat(batch.hasGradient()).isFalse();
    }
  }

  @ParameterizedTest
  @EnumSource
  void inputGradients_seedPerRow_explainEachImageByItself(Kind kind) {
    try (Model own = kind.load(folder);
        ExplainableModel model = ExplainableModel.of(own);
        NDManager manager = model.newManager()) {
      NDArray batch = batch(manager, 2, 1, 2, 3, 4, 5, 6, 7, 8);
      NDArray first = manager.create(new float[] {1, 0, 0, 1}, new Shape(2, 2));
      NDArray second = manager.create(new float[] {0, 2, 0, 0}, new Shape(2, 2));

      NDList both = model.inputGradients(batch, OutputGradients.of(first, second));

      assertThat(both.get(0).toFloatArray()).containsExactly(8, 16, 24, 32, -40, -48, -56, -64);
      assertThat(both.get(1).toFloatArray()).containsExactly(-16, -32, -48, -64, 0, 0, 0, 0);
    }
  }

  @ParameterizedTest
  @EnumSource
  void inputGradients_batchThatCollectsGradients_leaveItsOwnAlone(Kind kind) {
    try (Model own = kind.load(folder);
        ExplainableModel model = ExplainableModel.of(own);
        NDManager manager = model.newManager()) {
      NDArray batch = batch(manager, 1, X);
      batch.setRequiresGradient(true);

      assertThat(gradient(model, batch, 1, 0)).containsExactly(8, -16, 4, 24);
      assertThat(batch.hasGradient()).isTrue();
      assertThat(batch.getGradient().toFloatArray()).containsOnly(0);
    }
  }

  @ParameterizedTest
  @EnumSource
  void results_batchOfAnyManager_belongToIt(Kind kind) {
    try (Model own = kind.load(folder);
        ExplainableModel model = ExplainableModel.of(own)) {
      for (NDManager manager : List.of(model.newManager(), NDManager.newBaseManager("PyTorch"))) {
        NDArray batch = batch(manager, 1, X);
        OutputGradient scores = OutputGradients.constant(1, 0);
        NDArray gradient = model.inputGradients(batch, scores).head();
        NDArray prediction = model.predict(batch);

        assertThat(gradient.toFloatArray()).containsExactly(8, -16, 4, 24);
        assertThat(gradient.getManager()).isSameAs(manager);
        assertThat(prediction.getManager()).isSameAs(manager);
        manager.close();
        assertThat(gradient.isReleased()).isTrue();
        assertThat(prediction.isReleased()).isTrue();
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void calls_twoHundred_leaveNoArrayBehind(Kind kind) {
    try (Model own = kind.load(folder);
        ExplainableModel model = ExplainableModel.of(own);
        NDManager manager = model.newManager()) {
      NDArray batch = batch(manager, 1, X);
      OutputGradient scores = OutputGradients.constant(1, 0);
      model.inputGradients(batch, scores).head().close();
      int atBatch = manager.getManagedArrays().size();
      int atModel = own.getNDManager().getManagedArrays().size();
      for (int i = 0; i < 200; i++) {
        model.inputGradients(batch, scores).head().close();
        model.predict(batch).close();
      }
      assertThat(manager.getManagedArrays()).hasSize(atBatch);
      assertThat(own.getNDManager().getManagedArrays()).hasSize(atModel);
    }
  }

  @ParameterizedTest
  @EnumSource
  void calls_oneThousand_doNotGrowTheProcess(Kind kind) throws IOException {
    Path status = Path.of("/proc/self/status");
    assumeTrue(Files.exists(status), "skipped: resident memory is read from " + status);
    try (Model own = kind.load(folder);
        ExplainableModel model = ExplainableModel.of(own);
        NDManager manager = model.newManager()) {
      // Small enough for libtorch to stay on one thread, so a busy machine does not slow it down.
      NDArray batch = manager.ones(new Shape(1, 3, 100, 100));
      OutputGradient scores = OutputGradients.constant(1, 0);
      // Long enough for the allocator and the virtual machine to settle.
      for (int i = 0; i < 100; i++) {
        model.inputGradients(batch, scores).head().close();
        model.predict(batch).close();
      }
      long before = residentKilobytes(status);
      for (int i = 0; i < 1000; i++) {
        model.inputGradients(batch, scores).head().close();
        model.predict(batch).close();
      }
      // One leaked array per call would be 120 MB.
      assertThat(residentKilobytes(status) - before).isLessThan(60_000);
    }
  }

  @ParameterizedTest
  @EnumSource
  void calls_gradModeOfTheThread_isPutBackEvenAfterFailures(Kind kind) {
    try (Model own = kind.load(folder);
        ExplainableModel model = ExplainableModel.of(own);
        NDManager manager = model.newManager()) {
      NDArray batch = batch(manager, 1, X);
      boolean atFirst = JniUtils.isGradMode();
      try {
        for (boolean mode : new boolean[] {true, false}) {
          JniUtils.setGradMode(mode);
          model.predict(batch);
          gradient(model, batch, 1, 0);
          assertThat(JniUtils.isGradMode()).isEqualTo(mode);
          assertThatIllegalArgumentException()
              .isThrownBy(
                  () -> model.inputGradients(batch, OutputGradients.constant(new float[9])));
          assertThatExceptionOfType(XAIException.class)
              .isThrownBy(() -> model.predict(manager.ones(new Shape(4))));
          assertThat(JniUtils.isGradMode()).isEqualTo(mode);
        }
      } finally {
        JniUtils.setGradMode(atFirst);
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void inputGradients_eightThreads_giveWhatOneGives(Kind kind) throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(8);
    try (Model own = kind.load(folder);
        ExplainableModel model = ExplainableModel.of(own)) {
      List<Future<float[]>> results = new ArrayList<>();
      for (int i = 0; i < 160; i++) {
        float scale = i;
        results.add(
            threads.submit(
                () -> {
                  try (NDManager manager = model.newManager()) {
                    return gradient(model, batch(manager, 1, scale, 1, 1, 1), 1, 0);
                  }
                }));
      }
      for (int i = 0; i < 160; i++) {
        assertThat(results.get(i).get()).containsExactly(8 * i, 8, 8, 8);
      }
    } finally {
      threads.shutdownNow();
    }
  }

  @ParameterizedTest
  @EnumSource
  void inputGradients_outputGradientOfAnotherSize_nameBothAndWorkAfterwards(Kind kind) {
    try (Model own = kind.load(folder);
        ExplainableModel model = ExplainableModel.of(own);
        NDManager manager = model.newManager()) {
      NDArray batch = batch(manager, 1, X);
      for (int size : new int[] {1, 3, 4}) {
        assertThatIllegalArgumentException()
            .isThrownBy(
                () -> model.inputGradients(batch, OutputGradients.constant(new float[size])))
            .withMessage(
                "an output gradient must have one value for each of 1 images and 2 classes, got "
                    + size);
      }
      assertThat(gradient(model, batch, 1, 0)).containsExactly(8, -16, 4, 24);
    }
  }

  @ParameterizedTest
  @EnumSource
  void calls_batchOfAnotherRank_nameItAndWorkAfterwards(Kind kind) {
    try (Model own = kind.load(folder);
        ExplainableModel model = ExplainableModel.of(own);
        NDManager manager = model.newManager()) {
      assertThatExceptionOfType(XAIException.class)
          .isThrownBy(() -> model.inputGradients(manager.ones(new Shape(4)), OutputGradients.sum()))
          .satisfies(
              e ->
                  assertThat(e.getMessage())
                      .contains("'squares' cannot run on a batch of shape (4)")
                      .doesNotContain("\n"));
      assertThat(gradient(model, batch(manager, 1, X), 1, 0)).containsExactly(8, -16, 4, 24);
    }
  }

  @ParameterizedTest
  @EnumSource
  void calls_batchThatIsNotFloat32_nameItsType(Kind kind) {
    try (Model own = kind.load(folder);
        ExplainableModel model = ExplainableModel.of(own);
        NDManager manager = model.newManager()) {
      for (DataType type : List.of(DataType.FLOAT64, DataType.UINT8)) {
        NDArray batch = batch(manager, 1, 1, 2, 3, 4).toType(type, true);
        assertThatIllegalArgumentException()
            .isThrownBy(() -> model.predict(batch))
            .withMessageStartingWith("a batch must be float32, got " + type);
        assertThatIllegalArgumentException()
            .isThrownBy(() -> model.inputGradients(batch, OutputGradients.sum()))
            .withMessageStartingWith("a batch must be float32, got " + type);
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void calls_closedModel_failWithoutTakingTheJvmAlong(Kind kind) {
    Model own = kind.load(folder);
    ExplainableModel model = ExplainableModel.of(own);
    try (NDManager manager = NDManager.newBaseManager("PyTorch")) {
      NDArray batch = batch(manager, 1, X);
      gradient(model, batch, 1, 0);
      own.close();

      assertThatIllegalStateException().isThrownBy(() -> model.predict(batch));
      assertThatIllegalStateException().isThrownBy(() -> gradient(model, batch, 1, 0));
    }
    model.close();
  }

  private static NDList squares(NDList input) {
    NDArray doubled = input.singletonOrThrow().muli(2);
    return new NDList(doubled.mul(doubled).sum(new int[] {1, 2, 3}).expandDims(1));
  }

  private static NDArray batch(NDManager manager, int images, float... values) {
    return manager.create(
        FloatBuffer.wrap(values.clone()), new Shape(images, 1, 1, values.length / images));
  }

  private static float[] gradient(
      ExplainableModel model, NDArray batch, float firstClass, float secondClass) {
    OutputGradient scores = OutputGradients.constant(firstClass, secondClass);
    return model.inputGradients(batch, scores).head().toFloatArray();
  }

  private static long residentKilobytes(Path status) throws IOException {
    return Files.readAllLines(status).stream()
        .filter(line -> line.startsWith("VmRSS:"))
        .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
        .findFirst()
        .orElseThrow();
  }
}

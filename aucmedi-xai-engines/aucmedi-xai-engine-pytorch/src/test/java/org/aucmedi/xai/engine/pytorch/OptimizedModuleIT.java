package org.aucmedi.xai.engine.pytorch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import ai.djl.Device;
import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.engine.PtSymbolBlock;
import ai.djl.pytorch.jni.IValueUtils;
import ai.djl.pytorch.jni.JniUtils;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.SplittableRandom;
import org.aucmedi.xai.model.ExplainableModel;
import org.aucmedi.xai.model.LoadOptions;
import org.aucmedi.xai.model.OutputGradient;
import org.aucmedi.xai.testkit.Golden;
import org.aucmedi.xai.testkit.Maps;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Optimised copies against the originals. */
final class OptimizedModuleIT {

  private static final Path FOLDER = Path.of("src", "test", "resources", "torchscript");
  private static final int ALWAYS = 1;
  private static final int NEVER = Integer.MAX_VALUE;

  @ParameterizedTest
  @CsvSource({
    "foldable_scripted.pt, 5",
    "foldable_traced.pt, 4",
    "nested_scripted.pt, 1",
    "nested_traced.pt, 1",
    "kinds_traced.pt, 1",
    "kinds_scripted.pt, 0",
    "untied_scripted.pt, 0",
    "untied_traced.pt, 0",
    "frozen.pt, 0",
  })
  void rewrite_foldsWhatIsCertain(String file, int folds) throws IOException {
    assertThat(folds(FOLDER.resolve(file))).isEqualTo(folds);
  }

  @ParameterizedTest
  @CsvSource({"resmini_scripted, 5", "resmini_traced, 5", "vanilla2d_traced, 0"})
  void rewrite_golden_foldsAllThatFollowAConvolution(String network, int folds)
      throws IOException {
    assertThat(folds(Golden.file("models/" + network + ".pt"))).isEqualTo(folds);
  }

  private static int folds(Path file) throws IOException {
    try (ModuleArchive archive = ModuleArchive.open(file)) {
      Map<String, String> code =
          OptimizedCode.rewrite(archive.code(), archive.read("data.pkl"), ALWAYS);
      return String.join("", code.values()).split("\\(self\\)\\.aucmedi_fold\\(", -1).length - 1;
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "resmini_scripted",
        "resmini_traced",
        "vanilla2d_scripted",
        "vanilla2d_traced",
        "vanilla3d_scripted",
        "vanilla3d_traced"
      })
  void forward_golden_isTheOriginal(String network) throws Exception {
    int[] shape =
        Golden.array(network.replaceAll("_.*", "") + "_aucmedi.npz", "x")
            .first(2)
            .channelsFirst()
            .shape();
    Path file = Golden.file("models/" + network + ".pt");
    for (int largeImage : new int[] {ALWAYS, NEVER}) {
      assertSame(file, largeImage, new Shape(Arrays.stream(shape).asLongStream().toArray()));
    }
  }

  @ParameterizedTest
  @CsvSource({
    "foldable_scripted.pt",
    "foldable_traced.pt",
    "untied_scripted.pt",
    "untied_traced.pt",
    "nested_scripted.pt",
    "nested_traced.pt",
    "kinds_scripted.pt",
    "kinds_traced.pt",
    "clipped_traced.pt",
    "functional_scripted.pt",
    "script_scripted.pt"
  })
  void forward_fixture_isTheOriginal(String file) throws Exception {
    for (int largeImage : new int[] {ALWAYS, NEVER}) {
      assertSame(FOLDER.resolve(file), largeImage, new Shape(3, 2, 14, 11));
    }
  }

  /** Runs twice, since the first batch is also compared inside, and with two shapes of images. */
  private static void assertSame(Path file, int largeImage, Shape shape) throws Exception {
    try (Model model = Model.newInstance("original", Device.cpu(), "PyTorch");
        ModuleArchive archive = ModuleArchive.open(file)) {
      PtSymbolBlock block = load(model, file);
      OptimizedModule optimized =
          OptimizedModule.of(
              "copy",
              archive,
              largeImage,
              (PtNDManager) model.getNDManager(),
              OptimizedModuleIT::freeze);
      for (int run = 0; run < 3; run++) {
        try (NDManager scope = model.getNDManager().newSubManager()) {
          NDArray x = random(scope, shape, run);
          boolean[] asked = new boolean[1];
          NDList outputs =
              optimized.forward(
                  x,
                  () -> {
                    asked[0] = true;
                    return IValueUtils.forward(block, new NDList(x), true);
                  });
          assertThat(asked[0]).isEqualTo(run == 0);
          float[] expected = IValueUtils.forward(block, new NDList(x), true).get(0).toFloatArray();
          Maps.assertClose(
              file.getFileName() + ", large images from " + largeImage,
              outputs.get(0).toFloatArray(),
              expected,
              3e-6 * Maps.maxAbs(expected));
        }
      }
      assertThat(optimized.isUsed()).isTrue();
    }
  }

  @Test
  void forward_wrongOutputs_runsTheOriginal() throws Exception {
    try (Model model = Model.newInstance("original", Device.cpu(), "PyTorch")) {
      OptimizedModule optimized = foldable(model);
      NDManager scope = model.getNDManager();
      NDList other = new NDList(scope.create(new float[][] {{1, 2, 3}}));

      NDList outputs = optimized.forward(random(scope, new Shape(1, 2, 9, 9), 0), () -> other);

      assertThat(outputs).isSameAs(other);
      assertThat(optimized.isUsed()).isFalse();
    }
  }

  @Test
  void forward_largerDifferenceThanAllowed_isNoticed() throws Exception {
    try (Model model = Model.newInstance("original", Device.cpu(), "PyTorch")) {
      PtSymbolBlock block = load(model, FOLDER.resolve("foldable_traced.pt"));
      NDManager scope = model.getNDManager();
      NDArray x = random(scope, new Shape(2, 2, 9, 9), 0);
      NDArray exact = IValueUtils.forward(block, new NDList(x), true).head();

      OptimizedModule accepted = foldable(model);
      accepted.forward(x, () -> new NDList(exact.mul(1 + 5e-6f)));
      assertThat(accepted.isUsed()).isTrue();

      OptimizedModule rejected = foldable(model);
      rejected.forward(x, () -> new NDList(exact.mul(1 + 2e-5f)));
      assertThat(rejected.isUsed()).isFalse();
    }
  }

  @Test
  void forward_failingCopy_runsTheOriginal() throws Exception {
    try (Model model = Model.newInstance("original", Device.cpu(), "PyTorch")) {
      OptimizedModule optimized = foldable(model);
      NDManager scope = model.getNDManager();
      NDList other = new NDList(scope.create(new float[][] {{1, 2, 3}}));

      NDList outputs = optimized.forward(random(scope, new Shape(1, 5, 9, 9), 0), () -> other);

      assertThat(outputs).isSameAs(other);
      assertThat(optimized.isUsed()).isFalse();
    }
  }

  @Test
  void expect_manyImages_predictsWithTheCopy() {
    try (ExplainableModel model = ExplainableModel.load(FOLDER.resolve("foldable_traced.pt"));
        NDManager scope = model.newManager()) {
      NDArray x = random(scope, new Shape(2, 2, 14, 11), 1);
      float[] before = model.predict(x).toFloatArray();
      float[] gradient = gradient(model, x);
      model.expect(127);
      assertThat(((TorchScriptModel) model).isOptimized()).isFalse();
      model.expect(1);
      assertThat(((TorchScriptModel) model).isOptimized()).isTrue();

      float[] compared = model.predict(x).toFloatArray();
      float[] after = model.predict(x).toFloatArray();

      assertThat(after).isEqualTo(compared).isNotEqualTo(before);
      Maps.assertClose("predict", after, before, 3e-6 * Maps.maxAbs(before));
      assertThat(gradient(model, x)).isEqualTo(gradient);
      assertThat(((TorchScriptModel) model).isOptimized()).isTrue();
    }
  }

  @Test
  void expect_optimizeOff_predictsAsBefore() {
    LoadOptions asItIs = LoadOptions.builder().optOptimize(false).build();
    try (ExplainableModel model =
            ExplainableModel.load(FOLDER.resolve("foldable_traced.pt"), asItIs);
        NDManager scope = model.newManager()) {
      NDArray x = random(scope, new Shape(2, 2, 14, 11), 1);
      float[] before = model.predict(x).toFloatArray();
      model.expect(1000);
      assertThat(model.predict(x).toFloatArray()).isEqualTo(before);
    }
  }

  @Test
  void expect_modelOfTheUser_hasNoCopy() throws Exception {
    try (Model own = Model.newInstance("foldable_traced", Device.cpu(), "PyTorch")) {
      own.load(FOLDER);
      try (ExplainableModel model = ExplainableModel.of(own)) {
        model.expect(1000);
        assertThat(((TorchScriptModel) model).isOptimized()).isFalse();
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"half_traced.pt", "bfloat16_traced.pt", "double_traced.pt"})
  void expect_otherTypes_predictsAsBefore(String file) {
    try (ExplainableModel model = ExplainableModel.load(FOLDER.resolve(file));
        NDManager scope = model.newManager()) {
      NDArray x = random(scope, new Shape(2, 2, 6, 5), 1);
      float[] before = model.predict(x).toFloatArray();
      model.expect(1000);
      assertThat(model.predict(x).toFloatArray()).isEqualTo(before);
    }
  }

  @Test
  void expect_negative_isRefused() {
    try (ExplainableModel model = ExplainableModel.load(FOLDER.resolve("foldable_traced.pt"))) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> model.expect(-1))
          .withMessageContaining("-1");
    }
  }

  private static float[] gradient(ExplainableModel model, NDArray x) {
    return model.inputGradients(x, OutputGradient.ofClasses(0, 1)).head().toFloatArray();
  }

  private static OptimizedModule foldable(Model model) throws IOException {
    try (ModuleArchive archive = ModuleArchive.open(FOLDER.resolve("foldable_traced.pt"))) {
      return OptimizedModule.of(
          "copy",
          archive,
          ALWAYS,
          (PtNDManager) model.getNDManager(),
          OptimizedModuleIT::freeze);
    }
  }

  private static PtSymbolBlock load(Model model, Path file) throws Exception {
    model.load(file, null, Map.of("trainParam", "true"));
    PtSymbolBlock block = (PtSymbolBlock) model.getBlock();
    freeze(block);
    return block;
  }

  private static void freeze(PtSymbolBlock module) {
    JniUtils.enableInferenceMode(module);
    try (NDManager scope = NDManager.newBaseManager(Device.cpu(), "PyTorch")) {
      for (NDArray weight : JniUtils.moduleGetParams(module, (PtNDManager) scope)) {
        weight.setRequiresGradient(false);
      }
    }
  }

  private static NDArray random(NDManager scope, Shape shape, int seed) {
    SplittableRandom random = new SplittableRandom(seed);
    float[] values = new float[Math.toIntExact(shape.size())];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) (2 * random.nextDouble() - 1);
    }
    return scope.create(values, shape);
  }
}

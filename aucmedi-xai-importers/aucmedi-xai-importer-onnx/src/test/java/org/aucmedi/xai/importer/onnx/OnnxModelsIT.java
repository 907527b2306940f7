package org.aucmedi.xai.importer.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.aucmedi.xai.model.ExplainableModel;
import org.aucmedi.xai.model.LoadOptions;
import org.aucmedi.xai.model.UnsupportedModelException;
import org.aucmedi.xai.testkit.OnnxBuilder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Habits of ONNX files: a fixed batch, several outputs. */
final class OnnxModelsIT {

  private static final float[] IMAGES = {1, -2, 3, 4, 5, 6, -7, 8};

  @TempDir private Path folder;

  private ExplainableModel load(OnnxBuilder net, LoadOptions options) {
    return ExplainableModel.load(net.write(folder.resolve("net.onnx")), options);
  }

  /** Two images in one batch have the outputs that each has alone. */
  private static void assertIndependent(ExplainableModel model) {
    try (NDManager manager = model.newManager()) {
      NDArray batch = manager.create(IMAGES, new Shape(2, 1, 2, 2));
      float[][] together = model.outputs(batch);
      assertThat(together).hasNumberOfRows(2);
      for (int n = 0; n < 2; n++) {
        NDArray one =
            manager.create(Arrays.copyOfRange(IMAGES, 4 * n, 4 * n + 4), new Shape(1, 1, 2, 2));
        assertThat(model.outputs(one)[0]).containsExactly(together[n]);
      }
      assertThat(together[0]).isNotEqualTo(together[1]);
    }
  }

  @Test
  void predict_batchFixedToOne_isLiftedWhereImagesAreSeparate() {
    OnnxBuilder net =
        new OnnxBuilder()
            .versions(8, 17)
            .input("x", OnnxBuilder.FLOAT, 1, 1, 2, 2)
            .output("y", OnnxBuilder.FLOAT, 1, 3)
            .integers("tokens", 1, 2, 2)
            .integers("flat", 1, 6)
            .weight("token", new long[] {1, 1, 2}, 1, 2)
            .weight("w", new long[] {6, 3}, 1, 2, 3, 4, 5, 6, 7, 8, 9, 1, 2, 3, 4, 5, 6, 7, 8, 9)
            .node("Reshape", "r", "x,tokens", "t")
            .node("Concat", "c", "token,t", "u", Map.of("=axis", List.of(1L)))
            .node("Reshape", "f", "u,flat", "v")
            .node("MatMul", "m", "v,w", "y");
    try (ExplainableModel model = load(net, LoadOptions.NONE)) {
      assertThat(model.inputShape()).isEqualTo(new Shape(-1, 1, 2, 2));
      assertIndependent(model);
    }
  }

  /** The product mixes rows of the batch, so that the file's own size has to stay. */
  @Test
  void predict_batchFixedToOneThatCannotBeLifted_takesImagesOneByOne() {
    OnnxBuilder net =
        new OnnxBuilder()
            .versions(8, 17)
            .input("x", OnnxBuilder.FLOAT, 1, 1, 2, 2)
            .output("y", OnnxBuilder.FLOAT, 1, 2)
            .integers("matrix", 2, 2)
            .integers("row", 1, 2)
            .node("Reshape", "r", "x,matrix", "m")
            .node("MatMul", "square", "m,m", "s")
            .node("ReduceSum", "sum", "s", "t")
            .integers("both", 1, 1)
            .node("Reshape", "o", "t,both", "u")
            .node("Concat", "c", "u,u", "y", Map.of("=axis", List.of(1L)));
    try (ExplainableModel model = load(net, LoadOptions.NONE)) {
      assertThat(model.inputShape()).isEqualTo(new Shape(1, 1, 2, 2));
      assertIndependent(model);
    }
  }

  @Test
  void predict_severalOutputs_oneHasToBeChosen() {
    OnnxBuilder net =
        new OnnxBuilder()
            .versions(8, 17)
            .input("x", OnnxBuilder.FLOAT, -1, 1, 2, 2)
            .output("features", OnnxBuilder.FLOAT, -1, 4)
            .output("logits", OnnxBuilder.FLOAT, -1, 4)
            .node("Flatten", "flat", "x", "features")
            .node("Neg", "neg", "features", "logits");
    try (ExplainableModel model = load(net, LoadOptions.NONE);
        NDManager manager = model.newManager()) {
      NDArray batch = manager.create(IMAGES, new Shape(2, 1, 2, 2));
      assertThatExceptionOfType(UnsupportedModelException.class)
          .isThrownBy(() -> model.predict(batch))
          .withMessageContaining("features")
          .withMessageContaining("logits");
    }
    try (ExplainableModel model = load(net, LoadOptions.builder().optOutput("logits").build());
        NDManager manager = model.newManager()) {
      NDArray batch = manager.create(IMAGES, new Shape(2, 1, 2, 2));
      assertThat(model.outputs(batch)[0]).containsExactly(-1, 2, -3, -4);
    }
  }
}

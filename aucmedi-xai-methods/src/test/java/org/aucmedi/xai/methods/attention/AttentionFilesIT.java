package org.aucmedi.xai.methods.attention;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.net.URISyntaxException;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.aucmedi.xai.Heatmap;
import org.aucmedi.xai.MethodOptions;
import org.aucmedi.xai.Profile;
import org.aucmedi.xai.Target;
import org.aucmedi.xai.XAIMethodProvider;
import org.aucmedi.xai.XAIMethodRegistry;
import org.aucmedi.xai.model.ExplainableModel;
import org.aucmedi.xai.model.UnsupportedModelException;
import org.aucmedi.xai.testkit.Golden;
import org.aucmedi.xai.testkit.Maps;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Transformers in files, with maps that {@code tools/attention_fixture.py} made of their formulas.
 */
final class AttentionFilesIT {

  private static final int CLASSES = 3;

  @ParameterizedTest
  @CsvSource({
    "vit.pt, blocks.0.attn.attn_drop, blocks.1.attn.attn_drop",
    "pooled.pt, blocks.0.attn.attn_drop, blocks.1.attn.attn_drop",
    "vit.onnx, /blocks/blocks.0/attn/softmax/Softmax, /blocks/blocks.1/attn/softmax/Softmax"
  })
  void maps_visibleWeights_areThoseOfTheFormulas(String file, String first, String second) {
    String name = file.split("\\.", -1)[0];
    try (ExplainableModel model = ExplainableModel.load(resource(file), "PyTorch");
        NDManager manager = model.newManager()) {
      NDArray batch = batch(manager, array(name + "_x"));
      List<List<Heatmap>> gradients = explain(model, "attentiongradients", Map.of(), batch);
      Heatmap one = gradients.get(1).get(2);
      Maps.assertClose(
          "outputs", one.outputs(), Arrays.copyOfRange(array(name + "_y").data(), 3, 6), 1e-5);
      assertThat(one.shape()).containsExactly(4, 4);
      assertThat(one.provenance().layer()).isEqualTo(first + ", " + second);
      assertClose(gradients, array(name + "_gradients").data());
      for (String heads : List.of("mean", "max", "min")) {
        assertClose(
            explain(model, "attentionrollout", Map.of("heads", heads), batch),
            repeated(array(name + "_" + heads).data()));
      }
      assertClose(
          explain(model, "attentionrollout", Map.of("discard", "0.5"), batch),
          repeated(array(name + "_half").data()));
    }
  }

  /** The maps of all classes are the same. */
  private static float[] repeated(float[] maps) {
    int size = maps.length / 2;
    float[] all = new float[CLASSES * maps.length];
    for (int i = 0; i < 2 * CLASSES; i++) {
      System.arraycopy(maps, i / CLASSES * size, all, i * size, size);
    }
    return all;
  }

  private static void assertClose(List<List<Heatmap>> found, float[] expected) {
    int size = expected.length / (2 * CLASSES);
    for (int i = 0; i < 2 * CLASSES; i++) {
      Maps.assertClose(
          "image " + i / CLASSES + ", class " + i % CLASSES,
          found.get(i / CLASSES).get(i % CLASSES).values(),
          Arrays.copyOfRange(expected, i * size, (i + 1) * size),
          1e-5);
    }
  }

  @ParameterizedTest
  @CsvSource({"fused.pt, fused", "windows.pt, within windows"})
  void maps_weightsThatCannotBeUsed_areRefused(String file, String reason) {
    try (ExplainableModel model = ExplainableModel.load(resource(file), "PyTorch");
        NDManager manager = model.newManager()) {
      NDArray batch = batch(manager, array("vit_x"));
      for (String key : List.of("attentionrollout", "attentiongradients")) {
        assertThatExceptionOfType(UnsupportedModelException.class)
            .isThrownBy(() -> explain(model, key, Map.of(), batch))
            .withMessageContainingAll(reason, "gradcam on a layer of tokens", "perturbation");
      }
    }
  }

  private static List<List<Heatmap>> explain(
      ExplainableModel model, String key, Map<String, String> options, NDArray batch) {
    XAIMethodProvider<?> provider = new XAIMethodRegistry().get(key);
    return provider
        .create(
            model,
            null,
            MethodOptions.parse(Profile.AUCMEDI, provider.description().options(), options))
        .explainRaw(batch, Target.all());
  }

  static Path resource(String name) {
    try {
      return Path.of(
          Objects.requireNonNull(AttentionFilesIT.class.getResource("/attention/" + name)).toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  private static Golden.Array array(String name) {
    return Golden.array(resource("attention.npz"), name);
  }

  private static NDArray batch(NDManager manager, Golden.Array x) {
    return manager.create(
        FloatBuffer.wrap(x.data()), new Shape(Arrays.stream(x.shape()).asLongStream().toArray()));
  }
}

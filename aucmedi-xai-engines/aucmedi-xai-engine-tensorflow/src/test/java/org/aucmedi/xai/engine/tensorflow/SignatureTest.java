package org.aucmedi.xai.engine.tensorflow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import ai.djl.ndarray.types.Shape;
import java.util.Map;
import java.util.TreeMap;
import org.aucmedi.xai.XAIException;
import org.junit.jupiter.api.Test;
import org.tensorflow.proto.DataType;
import org.tensorflow.proto.SignatureDef;
import org.tensorflow.proto.TensorInfo;
import org.tensorflow.proto.TensorShapeProto;

final class SignatureTest {

  private static TensorInfo tensor(DataType type, long... sizes) {
    TensorShapeProto.Builder shape = TensorShapeProto.newBuilder();
    for (long size : sizes) {
      shape.addDim(TensorShapeProto.Dim.newBuilder().setSize(size));
    }
    return TensorInfo.newBuilder().setName("t:0").setDtype(type).setTensorShape(shape).build();
  }

  private static final TensorInfo IMAGE = tensor(DataType.DT_FLOAT, -1, 8, 8, 3);
  private static final TensorInfo CLASSES = tensor(DataType.DT_FLOAT, -1, 4);

  private static Map<String, SignatureDef> named(String... names) {
    Map<String, SignatureDef> signatures = new TreeMap<>();
    for (String name : names) {
      signatures.put(name, SignatureDef.getDefaultInstance());
    }
    return signatures;
  }

  @Test
  void choose_takesTheDefaultOrTheOnlyOne() {
    assertThat(Signature.choose(named("a", "serving_default"), null, "m"))
        .isEqualTo("serving_default");
    assertThat(Signature.choose(named("a"), null, "m")).isEqualTo("a");
    assertThat(Signature.choose(named("a", "b"), "b", "m")).isEqualTo("b");
  }

  @Test
  void choose_noneOrSeveral_listsThem() {
    assertThatExceptionOfType(XAIException.class)
        .isThrownBy(() -> Signature.choose(named(), null, "model m"))
        .withMessageContaining("model m has no signature; export it");
    assertThatExceptionOfType(XAIException.class)
        .isThrownBy(() -> Signature.choose(named("a", "b"), null, "m"))
        .withMessageContaining("a, b");
    assertThatExceptionOfType(XAIException.class)
        .isThrownBy(() -> Signature.choose(named("a"), "b", "m"))
        .withMessageContaining("no signature b but a");
  }

  @Test
  void of_severalOutputs_takesTheOnlyClasses() {
    SignatureDef signature =
        SignatureDef.newBuilder()
            .putInputs("image", IMAGE)
            .putOutputs("features", IMAGE)
            .putOutputs("classes", CLASSES)
            .putOutputs("best", tensor(DataType.DT_INT64, -1, 1))
            .build();
    Signature found = Signature.of("s", signature, "m");
    assertThat(found.output()).isEqualTo(CLASSES);
    assertThat(found.inputShape()).isEqualTo(new Shape(-1, 8, 8, 3));
  }

  @Test
  void of_noClassifier_saysWhy() {
    SignatureDef bytes =
        SignatureDef.newBuilder().putInputs("x", tensor(DataType.DT_UINT8, -1, 8, 8, 3)).build();
    assertThatExceptionOfType(XAIException.class)
        .isThrownBy(() -> Signature.of("s", bytes, "m"))
        .withMessageContaining("DT_UINT8");
    SignatureDef two =
        SignatureDef.newBuilder().putInputs("x", IMAGE).putInputs("z", IMAGE).build();
    assertThatExceptionOfType(XAIException.class)
        .isThrownBy(() -> Signature.of("s", two, "m"))
        .withMessageContaining("no single input, but x, z");
    SignatureDef heads =
        SignatureDef.newBuilder()
            .putInputs("x", IMAGE)
            .putOutputs("a", CLASSES)
            .putOutputs("b", CLASSES)
            .build();
    assertThatExceptionOfType(XAIException.class)
        .isThrownBy(() -> Signature.of("s", heads, "m"))
        .withMessageContaining("no single output (N, classes), but a, b");
  }
}

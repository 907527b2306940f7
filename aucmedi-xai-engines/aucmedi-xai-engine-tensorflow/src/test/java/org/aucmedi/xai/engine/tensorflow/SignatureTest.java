package org.aucmedi.xai.engine.tensorflow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import ai.djl.ndarray.types.Shape;
import java.util.Map;
import java.util.TreeMap;
import org.aucmedi.xai.error.XAIException;
import org.aucmedi.xai.model.UnsupportedModelException;
import org.jspecify.annotations.Nullable;
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
        .withMessageContaining("no signature b but a")
        .withMessageContaining("--signature, LoadOptions");
  }

  private static SignatureDef.Builder ofImages() {
    return SignatureDef.newBuilder().putInputs("image", IMAGE);
  }

  private static SignatureDef severalOutputs() {
    return ofImages()
        .putOutputs("features", IMAGE)
        .putOutputs("classes", CLASSES)
        .putOutputs("best", tensor(DataType.DT_INT64, -1, 1))
        .build();
  }

  private static void assertRefused(
      SignatureDef.Builder signature, @Nullable String output, String... parts) {
    assertThatExceptionOfType(UnsupportedModelException.class)
        .isThrownBy(() -> Signature.of("s", signature.build(), output, "model m"))
        .withMessageContaining("signature s of model m")
        .satisfies(e -> assertThat(e.getMessage()).contains(parts).hasSizeLessThan(250));
  }

  @Test
  void of_severalOutputs_takesTheNamedOrNumberedOne() {
    assertThat(Signature.of("s", severalOutputs(), "classes", "m").output()).isEqualTo(CLASSES);
    Signature second = Signature.of("s", severalOutputs(), "1", "m");
    assertThat(second.outputName()).isEqualTo("classes");
    assertThat(second.inputShape()).isEqualTo(new Shape(-1, 8, 8, 3));
  }

  @Test
  void of_severalOutputs_areNeverGuessed() {
    String all = "0 'best' (-1, 1), 1 'classes' (-1, 4), 2 'features' (-1, 8, 8, 3)";
    assertRefused(severalOutputs().toBuilder(), null, "has 3 outputs: " + all, "--output-name");
    assertRefused(severalOutputs().toBuilder(), "3", "no output '3'", all);
    assertRefused(severalOutputs().toBuilder(), "features", "output 'features'", all);
    assertRefused(severalOutputs().toBuilder(), "best", "is int64 of shape (-1, 1)", all);
  }

  @Test
  void of_outputsThatCanOnlyBeClasses_areTaken() {
    for (long[] shape : new long[][] {{-1}, {-1, 1}, {-1, 4, 1, 1}, {-1, 1, 1, -1}, {-1, -1, -1}}) {
      SignatureDef only = ofImages().putOutputs("y", tensor(DataType.DT_HALF, shape)).build();
      assertThat(Signature.of("s", only, null, "m").outputName()).isEqualTo("y");
    }
  }

  @Test
  void of_noClassifier_saysWhatToDo() {
    assertRefused(
        ofImages().putOutputs("mask", IMAGE),
        null,
        "output 'mask'",
        "float of shape (-1, 8, 8, 3)",
        "export the model with");
    assertRefused(ofImages(), null, "has 0 outputs: none");
    assertRefused(
        ofImages().putInputs("age", CLASSES),
        null,
        "takes 2 inputs: 0 'age' (-1, 4), 1 'image' (-1, 8, 8, 3)",
        "its only input");
    assertRefused(
        SignatureDef.newBuilder().putInputs("bytes", tensor(DataType.DT_STRING, -1)),
        null,
        "takes string",
        "float32 or uint8");
  }

  @Test
  void holds_knowsTheRangeOfTheType() {
    SignatureDef bytes =
        SignatureDef.newBuilder()
            .putInputs("x", tensor(DataType.DT_UINT8, -1, 8, 8, 3))
            .putOutputs("y", CLASSES)
            .build();
    Signature signature = Signature.of("s", bytes, null, "m");
    assertThat(signature.takesWholeNumbers()).isTrue();
    assertThat(signature.holds(0, 255)).isTrue();
    assertThat(signature.holds(-1, 255)).isFalse();
    assertThat(signature.holds(0, 256)).isFalse();
    assertThat(signature.holds(Float.NaN, 1)).isFalse();
  }
}

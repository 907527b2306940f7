package org.aucmedi.xai.engine.onnxruntime;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.aucmedi.xai.engine.onnxruntime.OnnxLayers.Entry;
import org.aucmedi.xai.model.ChannelLayout;
import org.aucmedi.xai.model.LayerKind;
import org.aucmedi.xai.onnx.OnnxReader;
import org.aucmedi.xai.testkit.OnnxBuilder;
import org.junit.jupiter.api.Test;

final class OnnxLayersTest {

  @Test
  void entries_namedAndUnnamedNodes_haveNamesOfTheirOwn() {
    List<Entry> entries = layers(OnnxBuilder.halves(-1, 4, 4)).entries();

    assertThat(entries).extracting(Entry::name).containsExactly("conv", "relu", "pooled", "flat");
    assertThat(entries)
        .extracting(Entry::kind)
        .containsExactly(LayerKind.CONV, LayerKind.ACTIVATION, LayerKind.POOL, LayerKind.OTHER);
  }

  @Test
  void entries_nameUsedTwiceOrByATensor_isReplacedByTheTensor() {
    OnnxLayers layers =
        layers(
            image()
                .node("Relu", "same", "x", "a")
                .node("Relu", "same", "a", "b")
                .node("Relu", "a", "b", "c")
                .node("Relu", "d", "c", "d"));

    assertThat(layers.entries()).extracting(Entry::name).containsExactly("a", "b", "c", "d");
    assertThat(layers.find("a").tensor()).isEqualTo("a");
  }

  @Test
  void find_tensorOfANamedNode_isThatLayer() {
    OnnxLayers layers = layers(OnnxBuilder.halves(-1, 4, 4));

    assertThat(layers.find("parts")).isSameAs(layers.find("relu")).isNotNull();
    assertThat(layers.find("x")).isNull();
    assertThat(layers.find("")).isNull();
  }

  @Test
  void entries_constantsShapesAndIntegers_areNoLayers() {
    OnnxLayers layers =
        layers(
            image()
                .integers("axis", 0)
                .weight("w", new long[] {1}, 2)
                .node("Shape", "shape", "x", "s")
                .node("Gather", "gather", "s,axis", "n")
                .node("Cast", "float shape", "n", "f", Map.of("=to", List.of(1L)))
                .node("Mul", "weight times weight", "w,w", "ww")
                .node("ArgMax", "arg", "x", "i")
                .node("Greater", "gt", "x,w", "mask")
                .node("Where", "where", "mask,x,w", "kept")
                .node("QuantizeLinear", "q", "kept,w", "q8")
                .node("DequantizeLinear", "dq", "q8,w", "back")
                .node("Split", "split", "back", "left,right")
                .node("MaxPool", "pool", "left", "pooled,indices")
                .node("Cast", "to int", "pooled", "int", Map.of("=to", List.of(7L))));

    assertThat(layers.entries()).extracting(Entry::name).containsExactly("where", "dq", "pool");
  }

  @Test
  void kinds_ofOperators_areAsDocumented() {
    OnnxLayers layers =
        layers(
            image()
                .weight("w", new long[] {1}, 2)
                .node("ConvTranspose", "up", "x,w", "a")
                .node("BatchNormalization", "bn", "a,w,w,w,w", "b")
                .node("Add", "bias", "b,w", "c")
                .node("Add", "branches", "c,x", "d")
                .node("MatMul", "dense", "d,w", "e")
                .node("MatMul", "attention", "e,d", "f")
                .node("Gemm", "gemm", "f,w,w", "g")
                .node("Softmax", "softmax", "g", "h")
                .node("LayerNormalization", "ln", "h,w,w", "i")
                .node("Concat", "concat", "i,h", "j"));

    assertThat(layers.entries())
        .extracting(Entry::kind)
        .containsExactly(
            LayerKind.CONV,
            LayerKind.NORM,
            LayerKind.OTHER,
            LayerKind.ADD,
            LayerKind.DENSE,
            LayerKind.OTHER,
            LayerKind.DENSE,
            LayerKind.ACTIVATION,
            LayerKind.NORM,
            LayerKind.OTHER);
  }

  @Test
  void entries_imagesWithChannelsLast_areFollowedThroughTransposes() {
    OnnxGraph graph =
        graph(
            new OnnxBuilder()
                .input("x", OnnxBuilder.FLOAT, -1, 8, 8, 3)
                .weight("w", new long[] {1}, 2)
                .node("Mul", "scale", "x,w", "a")
                .node("Transpose", "in", "a", "b", perm(0, 3, 1, 2))
                .node("Conv", "conv", "b,w", "c")
                .node("Add", "bias", "w,c", "d")
                .node("Transpose", "out", "d", "e", perm(0, 2, 3, 1))
                .node("Relu", "relu", "e", "f"));

    assertThat(new OnnxLayers(graph, ChannelLayout.CHANNELS_LAST).entries())
        .extracting(Entry::channelsFirst)
        .containsExactly(false, true, true, true, false, false);
  }

  private static OnnxBuilder image() {
    return new OnnxBuilder().input("x", OnnxBuilder.FLOAT, -1, 1, 4, 4);
  }

  private static Map<String, List<Long>> perm(long... axes) {
    return Map.of("perm", Arrays.stream(axes).boxed().toList());
  }

  private static OnnxLayers layers(OnnxBuilder builder) {
    return new OnnxLayers(graph(builder), ChannelLayout.CHANNELS_FIRST);
  }

  private static OnnxGraph graph(OnnxBuilder builder) {
    return OnnxGraph.of(OnnxReader.read(Path.of("net.onnx"), ByteBuffer.wrap(builder.bytes())));
  }
}

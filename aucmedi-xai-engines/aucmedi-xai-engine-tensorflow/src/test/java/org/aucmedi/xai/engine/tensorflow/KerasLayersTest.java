package org.aucmedi.xai.engine.tensorflow;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.aucmedi.xai.engine.tensorflow.FlatGraph.Node;
import org.aucmedi.xai.engine.tensorflow.FlatGraph.Ref;
import org.junit.jupiter.api.Test;

final class KerasLayersTest {

  private final List<Node> nodes = new ArrayList<>();
  private final Set<String> active = new HashSet<>();

  /** Adds a node behind the last one. */
  private void then(String name, String op) {
    List<Ref> inputs = new ArrayList<>();
    inputs.add(new Ref(active.isEmpty() ? "input" : last(), 0, false));
    nodes.add(new Node(name, op, inputs, Map.of()));
    active.add(name);
  }

  private String last() {
    return nodes.stream()
        .map(Node::name)
        .filter(active::contains)
        .reduce((a, b) -> b)
        .orElseThrow();
  }

  private void read(String name, String variable) {
    nodes.add(new Node(name, "ReadVariableOp", List.of(new Ref(variable, 0, true)), Map.of()));
  }

  private KerasLayers layers() {
    return new KerasLayers(new FlatGraph("input", nodes, new Ref(last(), 0, false)), active);
  }

  @Test
  void layers_withNumbers_loseThemByWhatTheVariablesSay() {
    read("functional_1/conv2d_1/convolution/ReadVariableOp", "conv2d/kernel");
    then("functional_1/conv2d_1/convolution", "Conv2D");
    then("functional_1/re_lu_1/Relu", "Relu");
    read("functional_1/conv2d_1_2/convolution/ReadVariableOp", "conv2d_1/kernel_1");
    then("functional_1/conv2d_1_2/convolution", "Conv2D");
    then("functional_1/re_lu_1_2/Relu", "Relu");
    then("Identity", "Identity");
    assertThat(layers().layers().keySet())
        .containsExactly("conv2d", "re_lu", "conv2d_1", "re_lu_1");
  }

  @Test
  void layers_withoutNumbers_keepTheirOwn() {
    read("model/conv2d_1/Conv2D/ReadVariableOp", "conv2d_1/kernel");
    then("model/conv2d_1/Conv2D", "Conv2D");
    then("model/re_lu_3/Relu", "Relu");
    assertThat(layers().layers().keySet()).containsExactly("conv2d_1", "re_lu_3");
  }

  @Test
  void layers_softmaxInsideALayer_isListedByItsName() {
    then("model/attention/Einsum", "Einsum");
    then("model/attention/Softmax", "Softmax");
    then("model/attention/Einsum_1", "Einsum");
    then("model/softmax/Softmax", "Softmax");
    then("model/flatten/Reshape", "Reshape");
    KerasLayers layers = layers();
    assertThat(layers.layers().keySet())
        .containsExactly("attention/Softmax", "attention", "softmax", "flatten");
    assertThat(layers.layers().get("attention/Softmax").output())
        .isEqualTo(new Ref("model/attention/Softmax", 0, false));
  }

  @Test
  void layers_ofAModelWithinAModel_haveItsNameInFront() {
    read("sequential_1/resnet_1/stem_1/convolution/ReadVariableOp", "stem/kernel");
    then("sequential_1/resnet_1/stem_1/convolution", "Conv2D");
    then("sequential_1/resnet_1/relu_1/Relu", "Relu");
    read("sequential_1/dense_1/Cast/ReadVariableOp", "dense/kernel");
    then("sequential_1/dense_1/MatMul", "MatMul");
    KerasLayers layers = layers();
    assertThat(layers.layers().keySet())
        .containsExactly("resnet/stem", "resnet/relu", "resnet", "dense");
    assertThat(layers.layers().get("resnet").output())
        .isEqualTo(new Ref("sequential_1/resnet_1/relu_1/Relu", 0, false));
  }

  @Test
  void layers_aLayerThatRunsTwice_isTheLast() {
    read("m/conv_1/convolution/ReadVariableOp", "conv/kernel");
    then("m/conv_1/convolution", "Conv2D");
    then("m/relu_1/Relu", "Relu");
    read("m/conv_2/convolution/ReadVariableOp", "conv/kernel");
    then("m/conv_2/convolution", "Conv2D");
    then("m/mean_1/Mean", "Mean");
    KerasLayers layers = layers();
    assertThat(layers.layers().keySet()).containsExactly("relu", "conv", "mean");
    assertThat(layers.layers().get("conv").output().node()).isEqualTo("m/conv_2/convolution");
  }

  @Test
  void layers_aLayerNamedLikeItsNode_isOneLayer() {
    read("m/depthwise_1/depthwise/ReadVariableOp", "depthwise/kernel");
    then("m/depthwise_1/depthwise", "DepthwiseConv2dNative");
    then("m/relu_1/Relu", "Relu");
    assertThat(layers().layers().keySet()).containsExactly("depthwise", "relu");
  }

  @Test
  void layers_ofAGraphWithoutFolders_areItsNodes() {
    then("Conv2D", "Conv2D");
    then("Relu", "Relu");
    then("Identity", "Identity");
    assertThat(layers().layers().keySet()).containsExactly("Conv2D", "Relu");
    assertThat(layers().output("Conv2D")).isEqualTo(new Ref("Conv2D", 0, false));
    assertThat(layers().output("Sigmoid")).isNull();
  }
}

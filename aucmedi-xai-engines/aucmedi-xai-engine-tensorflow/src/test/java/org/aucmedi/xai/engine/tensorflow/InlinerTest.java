package org.aucmedi.xai.engine.tensorflow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.aucmedi.xai.engine.tensorflow.Graphs.call;
import static org.aucmedi.xai.engine.tensorflow.Graphs.function;
import static org.aucmedi.xai.engine.tensorflow.Graphs.node;

import java.util.List;
import org.aucmedi.xai.engine.tensorflow.FlatGraph.Node;
import org.aucmedi.xai.engine.tensorflow.FlatGraph.Ref;
import org.aucmedi.xai.error.XAIException;
import org.junit.jupiter.api.Test;
import org.tensorflow.proto.AttrValue;
import org.tensorflow.proto.DataType;
import org.tensorflow.proto.FunctionDef;
import org.tensorflow.proto.FunctionDefLibrary;
import org.tensorflow.proto.GraphDef;
import org.tensorflow.proto.NodeDef;

final class InlinerTest {

  private static final OpSpecs SPECS =
      Graphs.specs("Placeholder", "VarHandleOp", "ReadVariableOp", "Conv2D", "Relu", "Add");

  private static FlatGraph flatten(List<FunctionDef> functions, NodeDef... nodes) {
    GraphDef graph =
        GraphDef.newBuilder()
            .addAllNode(List.of(nodes))
            .setLibrary(FunctionDefLibrary.newBuilder().addAllFunction(functions))
            .build();
    return Inliner.flatten(graph, SPECS, "x:0", "out:0");
  }

  private static List<String> names(FlatGraph graph) {
    return graph.nodes().stream().map(Node::name).toList();
  }

  @Test
  void flatten_nestedCalls_leavesTheBodiesInOrder() {
    FunctionDef layer =
        function(
            "layer",
            2,
            "Relu:y:0",
            node("Relu", "Relu", "Conv2D:y:0"),
            node("Conv2D", "Conv2D", "a", "Conv2D/Read:y:0"),
            node("Conv2D/Read", "ReadVariableOp", "b", "^Relu"));
    FunctionDef model =
        function("model", 2, "call:output:0", call("call", "conv/PartitionedCall", "a", "b"));
    FunctionDef named =
        function(
            "conv/PartitionedCall",
            2,
            "net/conv/StatefulPartitionedCall:output:0",
            call("net/conv/StatefulPartitionedCall", "layer", "a", "b"));
    FlatGraph graph =
        flatten(
            List.of(layer, model, named),
            node("x", "Placeholder"),
            node("conv/kernel", "VarHandleOp"),
            call("out", "model", "x", "conv/kernel", "^x"));
    assertThat(names(graph))
        .containsExactly(
            "out/call/net/conv/Conv2D/Read", "out/call/net/conv/Conv2D", "out/call/net/conv/Relu");
    assertThat(graph.nodes().get(0).inputs()).containsExactly(new Ref("conv/kernel", 0, true));
    assertThat(graph.nodes().get(1).inputs())
        .containsExactly(
            new Ref("input", 0, false), new Ref("out/call/net/conv/Conv2D/Read", 0, false));
    assertThat(graph.output()).isEqualTo(new Ref("out/call/net/conv/Relu", 0, false));
  }

  @Test
  void flatten_aFunctionCalledTwice_copiesItTwice() {
    FunctionDef relu = function("relu", 1, "Relu:y:0", node("Relu", "Relu", "a"));
    FlatGraph graph =
        flatten(
            List.of(relu),
            node("x", "Placeholder"),
            call("PartitionedCall", "relu", "x"),
            call("PartitionedCall_1", "relu", "PartitionedCall"),
            node("out", "Add", "PartitionedCall", "PartitionedCall_1"));
    assertThat(names(graph)).containsExactly("Relu", "Relu__1", "out");
    assertThat(graph.nodes().get(1).inputs()).containsExactly(new Ref("Relu", 0, false));
  }

  @Test
  void flatten_outputOfAList_isCountedFromTheFirst() {
    NodeDef split =
        node("Split", "Split", "a").toBuilder()
            .putAttr("n", AttrValue.newBuilder().setI(3).build())
            .build();
    FunctionDef second =
        function("second", 1, "Relu:y:0", split, node("Relu", "Relu", "Split:parts:1"));
    FlatGraph graph =
        flatten(List.of(second), node("x", "Placeholder"), call("out", "second", "x"));
    assertThat(graph.nodes().get(1).inputs()).containsExactly(new Ref("out/Split", 2, false));
  }

  @Test
  void flatten_typeOfAnArgument_comesFromTheCall() {
    NodeDef generic =
        node("Relu", "Relu", "a").toBuilder()
            .putAttr("T", AttrValue.newBuilder().setPlaceholder("T").build())
            .build();
    AttrValue half = AttrValue.newBuilder().setType(DataType.DT_HALF).build();
    NodeDef.Builder call = call("out", "f", "x").toBuilder();
    call.putAttr(
        "f",
        AttrValue.newBuilder()
            .setFunc(call.getAttrOrThrow("f").getFunc().toBuilder().putAttr("T", half))
            .build());
    FlatGraph graph =
        flatten(
            List.of(function("f", 1, "Relu:y:0", generic)), node("x", "Placeholder"), call.build());
    assertThat(graph.nodes().get(0).attributes()).containsEntry("T", half);
  }

  @Test
  void flatten_thousandsOfOperations_needsNoDeepStack() {
    NodeDef[] nodes = new NodeDef[20_001];
    nodes[0] = node("x", "Placeholder");
    for (int i = 1; i < nodes.length; i++) {
      nodes[i] =
          node(i == nodes.length - 1 ? "out" : "r" + i, "Relu", i == 1 ? "x" : "r" + (i - 1));
    }
    assertThat(flatten(List.of(), nodes).nodes()).hasSize(20_000);
  }

  @Test
  void flatten_damagedGraphs_sayWhatIsWrong() {
    assertThatExceptionOfType(XAIException.class)
        .isThrownBy(() -> flatten(List.of(), node("x", "Placeholder"), call("out", "gone", "x")))
        .withMessageContaining("no function 'gone'");
    assertThatExceptionOfType(XAIException.class)
        .isThrownBy(() -> flatten(List.of(), node("x", "Placeholder"), node("out", "New", "x")))
        .withMessageContaining("no operation New");
    assertThatExceptionOfType(XAIException.class)
        .isThrownBy(
            () ->
                flatten(
                    List.of(),
                    node("x", "Placeholder"),
                    node("out", "Add", "x", "loop"),
                    node("loop", "Relu", "out")))
        .withMessageContaining("loop");
    assertThatExceptionOfType(XAIException.class)
        .isThrownBy(() -> flatten(List.of(), node("x", "Placeholder"), node("out", "VarHandleOp")))
        .withMessageContaining("does not depend on input");
    FunctionDef endless = function("f", 1, "g:output:0", call("g", "f", "a"));
    assertThatExceptionOfType(XAIException.class)
        .isThrownBy(
            () -> flatten(List.of(endless), node("x", "Placeholder"), call("out", "f", "x")))
        .withMessageContaining("too deeply");
    FunctionDef two = function("two", 2, "a");
    assertThatExceptionOfType(XAIException.class)
        .isThrownBy(() -> flatten(List.of(two), node("x", "Placeholder"), call("out", "two", "x")))
        .withMessageContaining("too few arguments");
  }
}

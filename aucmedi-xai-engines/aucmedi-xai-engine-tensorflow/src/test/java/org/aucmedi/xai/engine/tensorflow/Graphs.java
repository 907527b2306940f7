package org.aucmedi.xai.engine.tensorflow;

import java.util.List;
import org.tensorflow.proto.AttrValue;
import org.tensorflow.proto.FunctionDef;
import org.tensorflow.proto.NameAttrList;
import org.tensorflow.proto.NodeDef;
import org.tensorflow.proto.OpDef;
import org.tensorflow.proto.OpList;

/** Parts of graphs for tests that need no native library. */
final class Graphs {

  private Graphs() {}

  static NodeDef node(String name, String op, String... inputs) {
    return NodeDef.newBuilder().setName(name).setOp(op).addAllInput(List.of(inputs)).build();
  }

  static NodeDef call(String name, String function, String... inputs) {
    AttrValue target =
        AttrValue.newBuilder().setFunc(NameAttrList.newBuilder().setName(function)).build();
    return node(name, "StatefulPartitionedCall", inputs).toBuilder().putAttr("f", target).build();
  }

  /** A function of arguments a, b, ... with one result. */
  static FunctionDef function(String name, int arguments, String result, NodeDef... body) {
    FunctionDef.Builder function =
        FunctionDef.newBuilder().addAllNodeDef(List.of(body)).putRet("result", result);
    function.getSignatureBuilder().setName(name).addOutputArg(arg("result"));
    for (int i = 0; i < arguments; i++) {
      function.getSignatureBuilder().addInputArg(arg(String.valueOf((char) ('a' + i))));
    }
    return function.build();
  }

  private static OpDef.ArgDef.Builder arg(String name) {
    return OpDef.ArgDef.newBuilder().setName(name);
  }

  /** Operations with one output {@code y}; Split has a list {@code parts}. */
  static OpSpecs specs(String... ops) {
    OpList.Builder all = OpList.newBuilder();
    for (String op : ops) {
      all.addOp(OpDef.newBuilder().setName(op).addOutputArg(arg("y")));
    }
    all.addOp(
        OpDef.newBuilder()
            .setName("Split")
            .addOutputArg(arg("rest"))
            .addOutputArg(arg("parts").setNumberAttr("n")));
    all.addOp(
        OpDef.newBuilder()
            .setName("StatefulPartitionedCall")
            .addOutputArg(arg("output").setTypeListAttr("Tout")));
    return new OpSpecs(all.build());
  }
}

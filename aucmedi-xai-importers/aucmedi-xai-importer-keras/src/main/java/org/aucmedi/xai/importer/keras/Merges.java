package org.aucmedi.xai.importer.keras;

import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.aucmedi.xai.importer.Literals;
import org.aucmedi.xai.importer.Operation;
import org.aucmedi.xai.importer.Operations;
import org.aucmedi.xai.importer.Value;

/** Layers that join several tensors, element by element or side by side. */
final class Merges {

  private Merges() {}

  static void addTo(Map<String, LayerRule> rules) {
    rules.put("Add", LayerRules.one(call -> reduce(call, "add")));
    rules.put("Multiply", LayerRules.one(call -> reduce(call, "mul")));
    rules.put("Subtract", LayerRules.one(call -> reduce(call, "sub")));
    rules.put("Maximum", LayerRules.one(call -> reduce(call, "maximum")));
    rules.put("Minimum", LayerRules.one(call -> reduce(call, "minimum")));
    // The functions keras.ops.divide and true_divide are layers in a functional model.
    rules.put("Divide", LayerRules.one(call -> reduce(call, "div")));
    rules.put("TrueDivide", LayerRules.one(call -> reduce(call, "div")));
    rules.put("CustomScaleLayer", LayerRules.one(Merges::scaledSum));
    rules.put("Average", LayerRules.one(Merges::average));
    rules.put("Concatenate", LayerRules.one(Merges::concatenate));
    rules.put("Dot", LayerRules.one(Merges::dot));
    rules.put("Merge", LayerRules.one(Merges::oldMerge));
    rules.put("TFOpLambda", LayerRules.one(TensorFlowFunctions::apply));
  }

  /** Keras adds axes after the batch's where ranks differ. */
  private static List<Value> sameRank(LayerCall call, List<Value> operands) {
    int rank = operands.stream().mapToInt(LayerCall::rank).max().orElse(0);
    List<Value> same = new ArrayList<>();
    for (Value operand : operands) {
      Value value = operand;
      while (value.constant() == null && LayerCall.rank(value) < rank) {
        long[] sizes = LayerCall.shape(value).getShape();
        long[] more = new long[sizes.length + 1];
        more[0] = sizes[0];
        more[1] = 1;
        System.arraycopy(sizes, 1, more, 2, sizes.length - 1);
        value =
            call.apply(
                Operation.of(
                    "torch.unsqueeze({0}, 1)", types -> types.get(0).withShape(new Shape(more))),
                value);
      }
      same.add(value);
    }
    return same;
  }

  static Value reduce(LayerCall call, String function) {
    List<Value> operands = sameRank(call, call.operands());
    Value result = operands.get(0);
    for (Value operand : operands.subList(1, operands.size())) {
      result = call.apply(Operations.binary(function), result, operand);
    }
    return result;
  }

  /** The sum that keras.applications.InceptionResNetV2 has a class of its own for. */
  private static Value scaledSum(LayerCall call) {
    List<Value> inputs = call.inputs();
    if (inputs.size() != 2) {
      throw call.unsupported("is called with " + inputs.size() + " tensors, not 2");
    }
    return call.apply(
        Operation.of(
            "torch.add({0}, torch.mul({1}, " + Literals.of(call.number("scale", 1)) + "))",
            Operations.binary("add").results().andThen(types -> types.get(0))),
        inputs.get(0),
        inputs.get(1));
  }

  private static Value average(LayerCall call) {
    Value sum = reduce(call, "add");
    return call.apply(Operation.sameType("torch.div({0}, " + call.inputs().size() + ")"), sum);
  }

  private static Value concatenate(LayerCall call) {
    List<Value> inputs = call.inputs();
    int axis = call.list("axis", -1)[0];
    return call.apply(Operations.concatenate(inputs.size(), axis), inputs.toArray(new Value[0]));
  }

  /** A product of two tensors over one axis of each. */
  private static Value dot(LayerCall call) {
    int[] axes = call.list("axes", -1);
    List<Value> inputs = call.inputs();
    if (inputs.size() != 2
        || LayerCall.rank(inputs.get(0)) != 2
        || LayerCall.rank(inputs.get(1)) != 2
        || call.flag("normalize", false)
        || axes[0] == 0) {
      throw call.unsupported("is supported for two tensors (N, features) only");
    }
    Value product = call.apply(Operations.binary("mul"), inputs.get(0), inputs.get(1));
    return call.apply(Operations.reduce("sum", true, 1), product);
  }

  /** The layer of Keras 1, whose mode is one of today's layers. */
  private static Value oldMerge(LayerCall call) {
    return switch (call.text("mode", "sum")) {
      case "sum" -> reduce(call, "add");
      case "mul" -> reduce(call, "mul");
      case "max" -> reduce(call, "maximum");
      case "ave" -> average(call);
      case "concat" ->
          call.apply(
              Operations.concatenate(call.inputs().size(), (int) call.number("concat_axis", -1)),
              call.inputs().toArray(new Value[0]));
      default -> throw call.unsupported("has a mode that is not supported");
    };
  }
}

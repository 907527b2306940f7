package org.aucmedi.xai.importer.keras;

import ai.djl.ndarray.types.Shape;
import com.google.gson.JsonElement;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.aucmedi.xai.importer.Constant;
import org.aucmedi.xai.importer.Literals;
import org.aucmedi.xai.importer.Operation;
import org.aucmedi.xai.importer.Operations;
import org.aucmedi.xai.importer.Value;
import org.aucmedi.xai.importer.keras.Calls.Reference;
import org.aucmedi.xai.importer.keras.WeightStore.Part;
import org.jspecify.annotations.Nullable;

/**
 * Attention, and the layers of the package vit-keras, which AUCMEDI's vision transformers consist
 * of.
 */
final class Attentions {

  private static final Part OUTPUT = new Part("output_dense", "attention_output");

  private Attentions() {}

  static void addTo(Map<String, LayerRule> rules) {
    rules.put("MultiHeadAttention", LayerRules.one(Attentions::multiHead));
    rules.put("Attention", LayerRules.one(Attentions::dotProduct));
    rules.put("ClassToken", LayerRules.one(Attentions::classToken));
    rules.put("AddPositionEmbs", LayerRules.one(Attentions::positions));
    rules.put("TransformerBlock", Attentions::transformerBlock);
  }

  private static void refuseMasks(LayerCall call) {
    for (Map.Entry<String, Object> argument : call.call().named().entrySet()) {
      boolean none =
          argument.getValue() instanceof JsonElement element
              && (element.isJsonNull()
                  || (element.isJsonPrimitive() && element.getAsString().equals("false")));
      if (argument.getKey().contains("mask") && !none) {
        throw call.unsupported("is called with " + argument.getKey() + ", which is not supported");
      }
    }
  }

  /** A tensor that the layer is called with, by position or by name. */
  private static Value tensor(
      LayerCall call, String name, int position, @Nullable Value otherwise) {
    List<Object> arguments = call.call().arguments();
    Object wanted =
        position < arguments.size() ? arguments.get(position) : call.call().named().get(name);
    int index = wanted instanceof Reference ? indexOf(call, wanted) : -1;
    if (index >= 0) {
      return call.inputs().get(index);
    }
    if (otherwise == null) {
      throw call.unsupported("has no " + name);
    }
    return otherwise;
  }

  private static int indexOf(LayerCall call, Object reference) {
    return call.call().references().indexOf(reference);
  }

  /** {@code softmax(Q K^T / sqrt(d)) V} for each head; kernels are (features, heads, d). */
  private static Value multiHead(LayerCall call) {
    refuseMasks(call);
    Value query = tensor(call, "query", 0, null);
    Value value = tensor(call, "value", 1, query);
    Value key = tensor(call, "key", 2, value);
    if (LayerCall.rank(query) != 3
        || LayerCall.rank(value) != 3
        || call.list("attention_axes", 1)[0] != 1
        || call.number("sliding_window", 0) != 0
        || call.flag("use_gate", false)) {
      throw call.unsupported("is supported for tensors (N, tokens, features) without a gate only");
    }
    int heads = (int) call.number("num_heads", 1);
    int depth = (int) call.number("key_dim", 1);
    int valueDepth = (int) call.number("value_dim", depth);
    boolean bias = call.flag("use_bias", true);
    LayerCall weights = weights(call);
    Value q = project(weights, "query", query, heads, depth, bias);
    Value k = project(weights, "key", key, heads, depth, bias);
    Value attention = attention(weights, q, k, 1 / Math.sqrt(depth));
    call.start("torch.nn.modules.activation.MultiheadAttention");
    Value v = project(call, "value", value, heads, valueDepth, bias);
    Value mixed = call.apply(Operations.matmul(), attention, v);
    Value joined = join(call, mixed, heads, valueDepth);
    // The output may have other features than the query.
    int[] shape = call.list("output_shape");
    long out = shape.length == 1 ? shape[0] : call.size(query, -1);
    Value weight =
        call.weight(
            OUTPUT,
            "kernel",
            "output_kernel",
            constant -> constant.reshaped((long) heads * valueDepth, out).permuted(1, 0),
            heads,
            valueDepth,
            out);
    return linear(call, joined, weight, bias, OUTPUT, "output_bias", b -> b, out);
  }

  private static Value linear(
      LayerCall call,
      Value input,
      Value weight,
      boolean bias,
      Part part,
      String attribute,
      UnaryOperator<Constant> change,
      long... biasShape) {
    return bias
        ? call.apply(
            Operations.linear(true),
            input,
            weight,
            call.weight(part, "bias", attribute, change, biasShape))
        : call.apply(Operations.linear(false), input, weight);
  }

  /** A dense layer to (N, heads, tokens, depth). */
  private static Value project(
      LayerCall call, String attribute, Value input, int heads, int depth, boolean bias) {
    long features = call.size(input, -1);
    long all = (long) heads * depth;
    Part part = new Part(attribute + "_dense", attribute);
    Value weight =
        call.weight(
            part,
            "kernel",
            attribute + "_kernel",
            constant -> constant.reshaped(features, all).permuted(1, 0),
            features,
            heads,
            depth);
    Value projected =
        linear(
            call,
            input,
            weight,
            bias,
            part,
            attribute + "_bias",
            constant -> constant.reshaped(all),
            heads,
            depth);
    return split(call, projected, heads, depth);
  }

  private static Value split(LayerCall call, Value value, int heads, int depth) {
    Shape shape = LayerCall.shape(value);
    Value split =
        call.apply(
            Operation.of(
                "torch.reshape({0}, [torch.size({0}, 0), torch.size({0}, 1), %d, %d])"
                    .formatted(heads, depth),
                types ->
                    types.get(0).withShape(new Shape(shape.get(0), shape.get(1), heads, depth))),
            value);
    return call.apply(Operations.permute(0, 2, 1, 3), split);
  }

  /** The layer of the attention weights, which methods can see. */
  private static LayerCall weights(LayerCall call) {
    return call.part("softmax", "torch.nn.modules.activation.Softmax");
  }

  /** How much each token attends to each, from 0 to 1. */
  private static Value attention(LayerCall call, Value q, Value k, double scale) {
    Value scaled = call.apply(Operation.sameType("torch.mul({0}, " + Literals.of(scale) + ")"), q);
    int last = LayerCall.rank(k) - 1;
    Value transposed =
        call.apply(last == 3 ? Operations.permute(0, 1, 3, 2) : Operations.permute(0, 2, 1), k);
    Value scores = call.apply(Operations.matmul(), scaled, transposed);
    return call.apply(Operations.softmax(-1), scores);
  }

  private static Value join(LayerCall call, Value value, int heads, int depth) {
    Value moved = call.apply(Operations.permute(0, 2, 1, 3), value);
    Shape shape = LayerCall.shape(moved);
    return call.apply(
        Operation.of(
            "torch.reshape({0}, [torch.size({0}, 0), torch.size({0}, 1), %d])"
                .formatted(heads * depth),
            types ->
                types
                    .get(0)
                    .withShape(new Shape(shape.get(0), shape.get(1), (long) heads * depth))),
        moved);
  }

  /** Keras's dot-product attention, called with query, value and possibly key. */
  private static Value dotProduct(LayerCall call) {
    refuseMasks(call);
    List<Value> inputs = call.inputs();
    if (inputs.size() < 2 || !call.text("score_mode", "dot").equals("dot")) {
      throw call.unsupported("is supported with the score mode 'dot' only");
    }
    LayerCall weights = weights(call);
    Value query = inputs.get(0);
    if (call.flag("use_scale", false)) {
      query = weights.apply(Operations.binary("mul"), query, weights.weight("scale"));
    }
    Value key = inputs.size() > 2 ? inputs.get(2) : inputs.get(1);
    return call.apply(Operations.matmul(), attention(weights, query, key, 1), inputs.get(1));
  }

  /** vit-keras: a learnt token before the others. */
  private static Value classToken(LayerCall call) {
    Value input = call.input();
    long features = call.size(input, -1);
    Value token = call.weight("cls", 1, 1, features);
    Shape shape = LayerCall.shape(input);
    long tokens = shape.get(1) < 0 ? -1 : shape.get(1) + 1;
    return call.apply(
        Operation.of(
            "torch.cat([torch.expand({1}, [torch.size({0}, 0), -1, -1]), {0}], 1)",
            types -> types.get(0).withShape(new Shape(shape.get(0), tokens, features))),
        input,
        token);
  }

  /** vit-keras: learnt positions are added. */
  private static Value positions(LayerCall call) {
    Value input = call.input();
    Value embedding = call.weight("pos_embedding", 1, call.size(input, 1), call.size(input, -1));
    return call.apply(Operations.binary("add"), input, embedding);
  }

  /** vit-keras: attention and two dense layers, each after a normalisation and with a shortcut. */
  private static List<Value> transformerBlock(LayerCall call) {
    Value input = call.input();
    long features = call.size(input, -1);
    int count = (int) call.number("num_heads", 1);
    int hidden = (int) call.number("mlp_dim", 1);
    int depth = (int) (features / count);
    LayerCall norm = call.part("layernorm1", "torch.nn.modules.normalization.LayerNorm");
    Value x = normalized(norm, new Part("layernorm1", "LayerNorm_0"), input, features);
    LayerCall weights = weights(call);
    Value q = head(weights, "query", x, features, count);
    Value k = head(weights, "key", x, features, count);
    Value attention = attention(weights, q, k, 1 / Math.sqrt(depth));
    Value v = head(call, "value", x, features, count);
    Value joined = join(call, call.apply(Operations.matmul(), attention, v), count, depth);
    x = dense(call, attention("combine_heads", "out"), "out", joined, features, features);
    x = call.apply(Operations.binary("add"), x, input);
    Value y = normalized(call, new Part("layernorm2", "LayerNorm_2"), x, features);
    y = dense(call, perceptron(call, 0), "dense_0", y, features, hidden);
    y = call.apply(Operation.sameType("torch.gelu({0})"), y);
    y = dense(call, perceptron(call, 1), "dense_1", y, hidden, features);
    return List.of(call.apply(Operations.binary("add"), x, y), attention);
  }

  private static Value head(LayerCall call, String name, Value x, long features, int count) {
    Value all = dense(call, attention(name + "_dense", name), name, x, features, features);
    return split(call, all, count, (int) (features / count));
  }

  private static Part attention(String attribute, String name) {
    return new Part("att/" + attribute, "MultiHeadDotProductAttention_1/" + name);
  }

  /** One of the two dense layers at the end of a block. */
  private static Part perceptron(LayerCall call, int index) {
    String name = "Dense_" + index;
    return new Part(
        "mlpblock/layers/dense" + (index == 0 ? "" : "_" + index),
        // The port to Keras 3 puts the name of the block into it.
        call.isKeras3() ? call.text("name", "") + "_" + name : name);
  }

  private static Value normalized(LayerCall call, Part part, Value input, long features) {
    Value gamma = call.weight(part, "gamma", part.attribute() + "_gamma", c -> c, features);
    Value beta = call.weight(part, "beta", part.attribute() + "_beta", c -> c, features);
    return call.apply(
        Operation.sameType("torch.layer_norm({0}, [" + features + "], {1}, {2}, 1.0e-6)"),
        input,
        gamma,
        beta);
  }

  private static Value dense(
      LayerCall call, Part part, String attribute, Value input, long in, long out) {
    Value weight =
        call.weight(
            part, "kernel", attribute + "_kernel", constant -> constant.permuted(1, 0), in, out);
    return linear(call, input, weight, true, part, attribute + "_bias", b -> b, out);
  }
}

package org.aucmedi.xai.engine.tensorflow;

import com.google.protobuf.ByteString;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.stream.IntStream;
import org.tensorflow.proto.AttrValue;
import org.tensorflow.proto.DataType;
import org.tensorflow.proto.FunctionDef;
import org.tensorflow.proto.GraphDef;
import org.tensorflow.proto.MetaGraphDef;
import org.tensorflow.proto.NameAttrList;
import org.tensorflow.proto.NodeDef;
import org.tensorflow.proto.SavedModel;
import org.tensorflow.proto.SignatureDef;
import org.tensorflow.proto.TensorInfo;
import org.tensorflow.proto.TensorProto;
import org.tensorflow.proto.TensorShapeProto;

/** Writes SavedModels without variables, node by node, under one signature. */
final class SavedModelBuilder {

  private final GraphDef.Builder graph = GraphDef.newBuilder();
  private final SignatureDef.Builder signature = SignatureDef.newBuilder();

  SavedModelBuilder() {
    graph.getVersionsBuilder().setProducer(1882);
  }

  static AttrValue type(DataType type) {
    return Attributes.of(type);
  }

  static AttrValue text(String text) {
    return AttrValue.newBuilder().setS(ByteString.copyFromUtf8(text)).build();
  }

  static AttrValue longs(long... values) {
    return Attributes.of(Arrays.stream(values).boxed().toList());
  }

  static AttrValue types(DataType... types) {
    return AttrValue.newBuilder()
        .setList(AttrValue.ListValue.newBuilder().addAllType(Arrays.asList(types)))
        .build();
  }

  static AttrValue function(String name) {
    return AttrValue.newBuilder().setFunc(NameAttrList.newBuilder().setName(name)).build();
  }

  private static TensorShapeProto shape(long... sizes) {
    TensorShapeProto.Builder shape = TensorShapeProto.newBuilder();
    for (long size : sizes) {
      shape.addDim(TensorShapeProto.Dim.newBuilder().setSize(size));
    }
    return shape.build();
  }

  static NodeDef make(String op, String name, Map<String, AttrValue> attributes, String... inputs) {
    return NodeDef.newBuilder()
        .setOp(op)
        .setName(name)
        .putAllAttr(attributes)
        .addAllInput(Arrays.asList(inputs))
        .build();
  }

  static NodeDef makeInts(String name, int[] shape, int... values) {
    TensorProto value =
        TensorProto.newBuilder()
            .setDtype(DataType.DT_INT32)
            .setTensorShape(shape(IntStream.of(shape).asLongStream().toArray()))
            .addAllIntVal(IntStream.of(values).boxed().toList())
            .build();
    return make(
        "Const", name, Map.of("dtype", type(DataType.DT_INT32), "value", Attributes.of(value)));
  }

  SavedModelBuilder input(String name, DataType type, long... sizes) {
    node(
        "Placeholder",
        "in_" + name,
        Map.of("dtype", type(type), "shape", Attributes.of(shape(sizes))));
    signature.putInputs(name, info("in_" + name, type, sizes));
    return this;
  }

  SavedModelBuilder output(String name, String node, DataType type, long... sizes) {
    signature.putOutputs(name, info(node, type, sizes));
    return this;
  }

  private static TensorInfo info(String node, DataType type, long... sizes) {
    return TensorInfo.newBuilder()
        .setName(node + ":0")
        .setDtype(type)
        .setTensorShape(shape(sizes))
        .build();
  }

  SavedModelBuilder node(String op, String name, Map<String, AttrValue> attributes, String... in) {
    graph.addNode(make(op, name, attributes, in));
    return this;
  }

  /** Adds an operation on float32. */
  SavedModelBuilder floats(String op, String name, String... inputs) {
    return node(op, name, Attributes.type(DataType.DT_FLOAT), inputs);
  }

  SavedModelBuilder cast(String name, DataType from, DataType to, String input) {
    return node("Cast", name, Map.of("SrcT", type(from), "DstT", type(to)), input);
  }

  SavedModelBuilder constant(String name, float[] values, long... sizes) {
    TensorProto.Builder value =
        TensorProto.newBuilder().setDtype(DataType.DT_FLOAT).setTensorShape(shape(sizes));
    for (float number : values) {
      value.addFloatVal(number);
    }
    return node(
        "Const",
        name,
        Map.of("dtype", type(DataType.DT_FLOAT), "value", Attributes.of(value.build())));
  }

  SavedModelBuilder ints(String name, int... values) {
    graph.addNode(makeInts(name, new int[] {values.length}, values));
    return this;
  }

  SavedModelBuilder scalar(String name, int value) {
    graph.addNode(makeInts(name, new int[0], value));
    return this;
  }

  SavedModelBuilder function(FunctionDef function) {
    graph.getLibraryBuilder().addFunction(function);
    return this;
  }

  /** A 1x1 convolution; weights are [input channel][output channel]. */
  SavedModelBuilder conv(String name, String input, int in, int out, float... weights) {
    constant(name + "/kernel", weights, 1, 1, in, out);
    return node(
        "Conv2D",
        name + "/Conv2D",
        Map.of(
            "T", type(DataType.DT_FLOAT),
            "strides", longs(1, 1, 1, 1),
            "padding", text("SAME")),
        input,
        name + "/kernel");
  }

  /** The mean over rows and columns, channels last. */
  SavedModelBuilder mean(String name, String input) {
    ints(name + "/axes", 1, 2);
    return floats("Mean", name + "/Mean", input, name + "/axes");
  }

  SavedModelBuilder transpose(String name, String input, int... order) {
    ints(name + "/perm", order);
    return floats("Transpose", name + "/transpose", input, name + "/perm");
  }

  SavedModelBuilder reshape(String name, String input, int... sizes) {
    ints(name + "/shape", sizes);
    return floats("Reshape", name + "/Reshape", input, name + "/shape");
  }

  /** Writes the model. */
  Path write(Path folder) throws IOException {
    MetaGraphDef.Builder meta = MetaGraphDef.newBuilder().setGraphDef(graph);
    meta.getMetaInfoDefBuilder().addTags("serve");
    signature.setMethodName("tensorflow/serving/predict");
    meta.putSignatureDef("serving_default", signature.build());
    SavedModel file =
        SavedModel.newBuilder().setSavedModelSchemaVersion(1).addMetaGraphs(meta).build();
    Files.createDirectories(folder);
    Files.write(folder.resolve("saved_model.pb"), file.toByteArray());
    return folder;
  }
}

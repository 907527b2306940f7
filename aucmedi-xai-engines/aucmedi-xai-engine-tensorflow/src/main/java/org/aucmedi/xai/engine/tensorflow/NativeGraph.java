package org.aucmedi.xai.engine.tensorflow;

import static com.google.common.base.Preconditions.checkState;

import ai.djl.tensorflow.engine.SavedModelBundle;
import com.google.protobuf.InvalidProtocolBufferException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import org.aucmedi.xai.error.XAIException;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.PointerScope;
import org.jspecify.annotations.Nullable;
import org.tensorflow.TensorFlow;
import org.tensorflow.internal.c_api.TF_Buffer;
import org.tensorflow.internal.c_api.TF_Graph;
import org.tensorflow.internal.c_api.TF_Operation;
import org.tensorflow.internal.c_api.TF_OperationDescription;
import org.tensorflow.internal.c_api.TF_Output;
import org.tensorflow.internal.c_api.TF_Session;
import org.tensorflow.internal.c_api.TF_SessionOptions;
import org.tensorflow.internal.c_api.TF_Status;
import org.tensorflow.internal.c_api.global.tensorflow;
import org.tensorflow.proto.AttrValue;
import org.tensorflow.proto.DataType;
import org.tensorflow.proto.GraphDef;
import org.tensorflow.proto.NodeDef;
import org.tensorflow.proto.OpDef;
import org.tensorflow.proto.TensorShapeProto;

/**
 * The graph and the session of a loaded model, through TensorFlow's C interface: DJL offers no
 * other access, and TensorFlow's own Java classes cannot adopt what DJL has loaded.
 */
final class NativeGraph implements AutoCloseable {

  private final TF_Graph graph;
  private final @Nullable TF_Session session;
  private final boolean owned;
  private final OpSpecs specs = Specs.ALL;
  private boolean grown;
  private int extensions;
  private final Map<String, TF_Operation> operations = new ConcurrentHashMap<>();

  NativeGraph(SavedModelBundle bundle) {
    this(bundle.getGraph(), bundle.getSession(), false);
  }

  private NativeGraph(TF_Graph graph, @Nullable TF_Session session, boolean owned) {
    this.graph = graph;
    this.session = session;
    this.owned = owned;
  }

  /** Creates an empty graph without a session, to be closed after use. */
  static NativeGraph scratch() {
    return new NativeGraph(TF_Graph.newGraph(), null, true);
  }

  /** Creates an empty graph that can be run, to be closed after use. */
  @SuppressWarnings("try")
  static NativeGraph running() {
    TF_Graph graph = TF_Graph.newGraph();
    try (PointerScope scope = new PointerScope()) {
      TF_Status status = TF_Status.newStatus();
      TF_Session session =
          TF_Session.newSession(graph, TF_SessionOptions.newSessionOptions(), status);
      status.throwExceptionIfNotOK();
      session.retainReference();
      return new NativeGraph(graph, session, true);
    }
  }

  /** Listing the operations takes 0.1 s, so it is done once. */
  private static final class Specs {
    private static final OpSpecs ALL = new OpSpecs(TensorFlow.registeredOpList());
  }

  static OpSpecs specs() {
    return Specs.ALL;
  }

  /** Returns the session, to run the graph as it is now. */
  synchronized TF_Session session() {
    if (grown) {
      extensions++;
      grown = false;
    }
    return Objects.requireNonNull(session);
  }

  /**
   * Returns how often the graph had grown before a run; TensorFlow then processes all of it again,
   * which takes most of a second in a deep network.
   */
  synchronized int extensions() {
    return extensions;
  }

  private synchronized void grow() {
    grown = true;
  }

  boolean has(String operation) {
    TF_Operation found = tensorflow.TF_GraphOperationByName(graph, operation);
    return found != null && !found.isNull();
  }

  TF_Operation operation(String name) {
    return operations.computeIfAbsent(
        name,
        key -> {
          TF_Operation found = tensorflow.TF_GraphOperationByName(graph, key);
          if (found == null || found.isNull()) {
            throw new XAIException("the graph has no operation " + key);
          }
          return found;
        });
  }

  /** Adds an operation with one output and returns that. */
  Endpoint add(String op, String name, List<Endpoint> inputs, Map<String, AttrValue> attributes) {
    return addAll(op, name, inputs, attributes).get(0);
  }

  /**
   * Adds an operation.
   *
   * @param op its type
   * @param name its name, not yet in the graph
   * @param inputs its inputs, those of lists one after the other
   * @param attributes its attributes; unknown ones are dropped
   * @return its outputs
   */
  @SuppressWarnings("try")
  List<Endpoint> addAll(
      String op, String name, List<Endpoint> inputs, Map<String, AttrValue> attributes) {
    OpDef spec = specs.get(op);
    try (PointerScope scope = new PointerScope()) {
      TF_Status status = TF_Status.newStatus();
      TF_OperationDescription description = tensorflow.TF_NewOperation(graph, op, name);
      int next = 0;
      for (OpDef.ArgDef argument : spec.getInputArgList()) {
        int length = OpSpecs.length(argument, attributes);
        List<Endpoint> part = inputs.subList(next, next + length);
        next += length;
        if (OpSpecs.isList(argument)) {
          tensorflow.TF_AddInputList(description, outputs(part), length);
        } else {
          tensorflow.TF_AddInput(description, outputs(part));
        }
      }
      for (OpDef.AttrDef attribute : spec.getAttrList()) {
        AttrValue value = attributes.get(attribute.getName());
        if (value != null) {
          BytePointer bytes = new BytePointer(value.toByteArray());
          tensorflow.TF_SetAttrValueProto(
              description, attribute.getName(), bytes, bytes.capacity(), status);
        }
      }
      TF_Operation added = tensorflow.TF_FinishOperation(description, status);
      status.throwExceptionIfNotOK();
      operations.put(name, added);
      grow();
      List<Endpoint> outputs = new ArrayList<>();
      for (int i = 0; i < tensorflow.TF_OperationNumOutputs(added); i++) {
        outputs.add(new Endpoint(name, i));
      }
      return outputs;
    }
  }

  /**
   * Adds TensorFlow's own gradient of the operations between some tensors. TensorFlow searches the
   * whole graph, so this is for {@link #scratch} graphs only.
   *
   * @param prefix a name not yet in the graph
   * @param ys the results
   * @param dys their gradients
   * @param xs the sources
   * @return the gradients of the sources, null if there is none
   */
  @SuppressWarnings("try")
  List<@Nullable Endpoint> addGradients(
      String prefix, List<Endpoint> ys, List<Endpoint> dys, List<Endpoint> xs) {
    checkState(session == null, "a loaded graph is too large to search for every gradient");
    try (PointerScope scope = new PointerScope()) {
      TF_Status status = TF_Status.newStatus();
      TF_Output dxs = new TF_Output(xs.size());
      tensorflow.TF_AddGradientsWithPrefix(
          graph, prefix, outputs(ys), ys.size(), outputs(xs), xs.size(), outputs(dys), status, dxs);
      status.throwExceptionIfNotOK();
      List<@Nullable Endpoint> found = new ArrayList<>();
      for (int i = 0; i < xs.size(); i++) {
        found.add(endpoint(dxs.getPointer(i)));
      }
      return Collections.unmodifiableList(found);
    }
  }

  /** Returns all operations, inputs first. */
  @SuppressWarnings("try")
  List<NodeDef> nodes() {
    try (PointerScope scope = new PointerScope()) {
      TF_Status status = TF_Status.newStatus();
      TF_Buffer bytes = TF_Buffer.newBuffer();
      tensorflow.TF_GraphToGraphDef(graph, bytes, status);
      status.throwExceptionIfNotOK();
      return GraphDef.parseFrom(bytes.dataAsByteBuffer()).getNodeList();
    } catch (InvalidProtocolBufferException e) {
      throw new XAIException("TensorFlow returned an invalid graph", e);
    }
  }

  String type(String name) {
    return tensorflow.TF_OperationOpType(operation(name)).getString();
  }

  @SuppressWarnings("try")
  Map<String, AttrValue> attributes(String name) {
    try (PointerScope scope = new PointerScope()) {
      TF_Status status = TF_Status.newStatus();
      TF_Buffer bytes = TF_Buffer.newBuffer();
      tensorflow.TF_OperationToNodeDef(operation(name), bytes, status);
      status.throwExceptionIfNotOK();
      return NodeDef.parseFrom(bytes.dataAsByteBuffer()).getAttrMap();
    } catch (InvalidProtocolBufferException e) {
      throw new XAIException("TensorFlow returned an invalid description of operation " + name, e);
    }
  }

  /** Returns what an operation reads, without control edges. */
  @SuppressWarnings("try")
  List<Endpoint> inputs(String name) {
    try (PointerScope scope = new PointerScope()) {
      TF_Operation operation = operation(name);
      int count = tensorflow.TF_OperationNumInputs(operation);
      TF_Output inputs = new TF_Output(Math.max(1, count));
      tensorflow.TF_OperationAllInputs(operation, inputs, count);
      List<Endpoint> found = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        found.add(endpoint(inputs.getPointer(i)));
      }
      return found;
    }
  }

  @SuppressWarnings("try")
  DataType type(Endpoint tensor) {
    try (PointerScope scope = new PointerScope()) {
      return DataType.forNumber(tensorflow.TF_OperationOutputType(outputs(List.of(tensor))));
    }
  }

  /**
   * Returns the shape as far as it is known before a run: -1 for a free axis, null for any rank.
   */
  @SuppressWarnings("try")
  long @Nullable [] shape(Endpoint tensor) {
    try (PointerScope scope = new PointerScope()) {
      TF_Status status = TF_Status.newStatus();
      TF_Output output = outputs(List.of(tensor));
      int rank = tensorflow.TF_GraphGetTensorNumDims(graph, output, status);
      status.throwExceptionIfNotOK();
      if (rank < 0) {
        return null;
      }
      long[] sizes = new long[rank];
      tensorflow.TF_GraphGetTensorShape(graph, output, sizes, rank, status);
      status.throwExceptionIfNotOK();
      return sizes;
    }
  }

  /** Returns the same as an attribute. */
  TensorShapeProto shapeOf(Endpoint tensor) {
    TensorShapeProto.Builder shape = TensorShapeProto.newBuilder();
    long[] sizes = shape(tensor);
    if (sizes == null) {
      return shape.setUnknownRank(true).build();
    }
    for (long size : sizes) {
      shape.addDim(TensorShapeProto.Dim.newBuilder().setSize(size));
    }
    return shape.build();
  }

  private TF_Output outputs(List<Endpoint> tensors) {
    TF_Output outputs = new TF_Output(Math.max(1, tensors.size()));
    for (int i = 0; i < tensors.size(); i++) {
      Endpoint tensor = tensors.get(i);
      outputs.getPointer(i).oper(operation(tensor.operation())).index(tensor.index());
    }
    return outputs;
  }

  private @Nullable Endpoint endpoint(TF_Output output) {
    TF_Operation operation = output.oper();
    if (operation == null || operation.isNull()) {
      return null;
    }
    String name = tensorflow.TF_OperationName(operation).getString();
    return new Endpoint(name, output.index());
  }

  /** Frees a graph that was created empty; others belong to the loaded model. */
  @Override
  public void close() {
    if (!owned) {
      return;
    }
    if (session != null) {
      session.close();
    }
    graph.close();
  }
}

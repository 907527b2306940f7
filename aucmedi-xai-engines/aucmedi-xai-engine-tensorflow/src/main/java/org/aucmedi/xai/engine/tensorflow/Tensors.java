package org.aucmedi.xai.engine.tensorflow;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.tensorflow.engine.TfNDArray;
import ai.djl.tensorflow.engine.javacpp.JavacppUtils;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.IntPointer;
import org.bytedeco.javacpp.Pointer;
import org.tensorflow.internal.c_api.TF_Operation;
import org.tensorflow.internal.c_api.TF_Tensor;
import org.tensorflow.internal.c_api.global.tensorflow;

/** Values of tensors of a graph, in native memory until closed. */
final class Tensors implements AutoCloseable {

  private final NativeGraph graph;
  private final Map<Endpoint, TF_Tensor> values = new LinkedHashMap<>();

  Tensors(NativeGraph graph) {
    this.graph = graph;
  }

  /** Adds an array's memory without copying it, since fed values are never written to. */
  void put(Endpoint tensor, NDArray array) {
    replace(tensor, JavacppUtils.resolveTFETensor(((TfNDArray) array).getHandle()));
  }

  private void replace(Endpoint tensor, TF_Tensor value) {
    TF_Tensor old = values.put(tensor, value);
    if (old != null) {
      old.close();
    }
  }

  /**
   * Runs the graph from these values.
   *
   * @param fed the tensor to feed for each of these values
   * @param wanted what to compute
   * @return the wanted values
   */
  Tensors run(Map<Endpoint, Endpoint> fed, Collection<Endpoint> wanted) {
    List<Endpoint> inputs = List.copyOf(fed.keySet());
    List<Endpoint> outputs = List.copyOf(new LinkedHashSet<>(wanted));
    TF_Tensor[] results =
        JavacppUtils.runSession(
            graph.session(),
            null,
            inputs.stream().map(input -> get(fed.get(input))).toArray(TF_Tensor[]::new),
            operations(inputs),
            indices(inputs),
            operations(outputs),
            indices(outputs),
            new TF_Operation[0]);
    Tensors found = new Tensors(graph);
    for (int i = 0; i < results.length; i++) {
      found.values.put(outputs.get(i), results[i]);
    }
    return found;
  }

  private TF_Operation[] operations(List<Endpoint> tensors) {
    return tensors.stream()
        .map(tensor -> graph.operation(tensor.operation()))
        .toArray(TF_Operation[]::new);
  }

  private static int[] indices(List<Endpoint> tensors) {
    return tensors.stream().mapToInt(Endpoint::index).toArray();
  }

  private TF_Tensor get(Endpoint tensor) {
    return Objects.requireNonNull(values.get(tensor), tensor::toString);
  }

  Shape shape(Endpoint tensor) {
    TF_Tensor value = get(tensor);
    long[] sizes = new long[tensorflow.TF_NumDims(value)];
    for (int i = 0; i < sizes.length; i++) {
      sizes[i] = tensorflow.TF_Dim(value, i);
    }
    return new Shape(sizes);
  }

  /** Copies a float32 value into an array. */
  NDArray array(NDManager manager, Endpoint tensor) {
    Shape shape = shape(tensor);
    return manager.create(data(tensor).asByteBuffer(), shape, DataType.FLOAT32);
  }

  /** Returns an int32 vector. */
  List<Integer> ints(Endpoint tensor) {
    IntPointer data = new IntPointer(data(tensor));
    List<Integer> found = new ArrayList<>();
    for (long i = 0; i < shape(tensor).size(); i++) {
      found.add(data.get(i));
    }
    return found;
  }

  /** Returns a bool scalar. */
  boolean bool(Endpoint tensor) {
    return new BytePointer(data(tensor)).get(0) != 0;
  }

  private Pointer data(Endpoint tensor) {
    TF_Tensor value = get(tensor);
    return tensorflow.TF_TensorData(value).capacity(tensorflow.TF_TensorByteSize(value));
  }

  @Override
  public void close() {
    values.values().forEach(Pointer::close);
    values.clear();
  }
}

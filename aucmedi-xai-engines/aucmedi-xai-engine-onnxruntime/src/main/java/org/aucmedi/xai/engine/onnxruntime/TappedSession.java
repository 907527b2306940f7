package org.aucmedi.xai.engine.onnxruntime;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.onnxruntime.engine.OrtNDManager;
import ai.djl.onnxruntime.engine.OrtSymbolBlock;
import ai.djl.training.ParameterStore;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.OrtSession.SessionOptions;
import com.google.common.collect.ImmutableSet;
import com.google.common.collect.Sets;
import java.nio.ByteBuffer;
import java.util.Set;
import java.util.stream.Collectors;
import org.aucmedi.xai.engine.onnxruntime.OnnxGraph.Value;

/** A second session on a model's file, in which inner tensors are additional outputs or inputs. */
final class TappedSession implements AutoCloseable {

  private static final String FOLDER_OF_WEIGHTS =
      "session.model_external_initializers_file_folder_path";

  private final NDManager manager;
  private final OrtSymbolBlock block;
  private final ImmutableSet<String> tensors;

  private TappedSession(NDManager manager, OrtSymbolBlock block, Set<String> tensors) {
    this.manager = manager;
    this.block = block;
    this.tensors = ImmutableSet.copyOf(tensors);
  }

  /**
   * Opens a session.
   *
   * @param file the model's file
   * @param tensors the names of the tensors that {@link #run} returns
   * @param manager a dedicated manager, which owns the session
   * @return the session
   * @throws OrtException if ONNX Runtime rejects the model
   */
  static TappedSession open(OnnxFile file, Set<String> tensors, NDManager manager)
      throws OrtException {
    Set<String> outputs =
        file.graph().outputs().stream().map(Value::name).collect(Collectors.toSet());
    ByteBuffer bytes = file.withOutputs(Sets.difference(tensors, outputs));
    return open(file, bytes, tensors, manager);
  }

  /**
   * Opens a session that takes the values of a tensor after the model's input.
   *
   * @param file the model's file
   * @param tensor the name of the tensor
   * @param type its element type
   * @param manager a dedicated manager, which owns the session
   * @return the session
   * @throws OrtException if ONNX Runtime rejects the model
   */
  static TappedSession openFrom(OnnxFile file, String tensor, ElementType type, NDManager manager)
      throws OrtException {
    return open(file, file.withInput(tensor, type.code()), Set.of(tensor), manager);
  }

  private static TappedSession open(
      OnnxFile file, ByteBuffer bytes, Set<String> tensors, NDManager manager) throws OrtException {
    try (SessionOptions options = newOptions()) {
      options.addConfigEntry(FOLDER_OF_WEIGHTS, file.folder().toString());
      OrtSession session = OrtEnvironment.getEnvironment().createSession(bytes, options);
      OrtSymbolBlock block = new OrtSymbolBlock(session, (OrtNDManager) manager);
      return new TappedSession(manager, block, tensors);
    }
  }

  /** Returns options for a session that prints nothing, since errors are thrown as exceptions. */
  static SessionOptions newOptions() throws OrtException {
    SessionOptions options = new SessionOptions();
    try {
      options.setSessionLogLevel(OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL);
      return options;
    } catch (OrtException e) {
      options.close();
      throw e;
    }
  }

  /** Returns whether this session computes, or takes, exactly these tensors. */
  boolean has(Set<String> wanted) {
    return tensors.equals(wanted);
  }

  /**
   * Runs the model.
   *
   * @param scope owns the results
   * @param inputs the input in the model's own element type, and the tensor that the session takes
   * @return the requested tensors and the model's outputs, by name
   */
  NDList run(NDManager scope, NDArray... inputs) {
    NDList found = block.forward(new ParameterStore(scope, false), new NDList(inputs), false);
    found.attach(scope);
    return found;
  }

  @Override
  public void close() {
    manager.close();
  }
}

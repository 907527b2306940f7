package org.aucmedi.xai.testkit;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Map;
import org.aucmedi.xai.model.ExplainableModel;
import org.jspecify.annotations.Nullable;

/**
 * The kinds of model in which the golden networks are available, with the same weights in each.
 *
 * <p>Engines cannot share a process, so a test opens kinds of a single engine only.
 */
public enum GoldenKind {
  /** Scripted modules. */
  SCRIPTED("PyTorch", "TorchScript"),
  /** Traced modules. */
  TRACED("PyTorch", "TorchScript"),
  /** DJL's blocks on PyTorch. */
  PYTORCH_BLOCKS("PyTorch", "DJL blocks"),
  /** Keras files, compiled to TorchScript. */
  KERAS("PyTorch", "TorchScript"),
  /** ONNX files exported by PyTorch, compiled to TorchScript. */
  COMPILED_ONNX("PyTorch", "TorchScript"),
  /** MXNet's symbols. */
  SYMBOL("MXNet", "symbol"),
  /** DJL's blocks on MXNet. */
  MXNET_BLOCKS("MXNet", "DJL blocks"),
  /** SavedModels exported by Keras. */
  SAVED_MODEL("TensorFlow", "SavedModel"),
  /** ONNX files exported by PyTorch, as they are. */
  ONNX("OnnxRuntime", "ONNX");

  /** A functional ReLU is not a module, but head_relu is one. */
  private static final Map<String, String> MODULES =
      Map.of(
          "max_pooling2d_3", "features.11",
          "max_pooling3d_3", "features.11",
          "b0_out", "b0",
          "b1_out", "b1",
          "head_conv", "head");

  private static final Map<String, String> BLOCKS =
      Map.of(
          "max_pooling2d_3", "01SequentialBlock/12LambdaBlock",
          "max_pooling3d_3", "01SequentialBlock/12LambdaBlock",
          "b0_out", "02SequentialBlock",
          "b1_out", "04ParallelBlock",
          "head_conv", "06Conv2d",
          "head_relu", "07LambdaBlock");

  private static final Map<String, String> NODES =
      Map.of(
          "max_pooling2d_3", "/features/features.11/MaxPool",
          "max_pooling3d_3", "/features/features.11/MaxPool",
          "b0_out", "/b0/relu_1/Relu",
          "b1_out", "/b1/relu_1/Relu",
          "head_conv", "/head/Conv",
          "head_relu", "/Relu");

  private final String engine;
  private final String format;

  GoldenKind(String engine, String format) {
    this.engine = engine;
    this.format = format;
  }

  /** {@return DJL's name of the engine} */
  public String engine() {
    return engine;
  }

  /** {@return the name of the {@link org.aucmedi.xai.model.ModelKind} of the engine's provider} */
  public String format() {
    return format;
  }

  /**
   * Finds the file of a golden network, or writes it if only its weights are available.
   *
   * @param network its name
   * @param folder an existing folder for generated files
   * @return the file or folder, or null for blocks, which have none
   */
  public @Nullable Path file(String network, Path folder) {
    return switch (this) {
      case SCRIPTED -> Golden.file("models/" + network + "_scripted.pt");
      case TRACED -> Golden.file("models/" + network + "_traced.pt");
      case SAVED_MODEL -> Golden.file("models/" + network + "_savedmodel");
      case KERAS -> Golden.file("models/" + network + ".keras");
      case ONNX, COMPILED_ONNX -> Golden.file("models/" + network + ".onnx");
      case SYMBOL -> writeSymbol(network, folder);
      case PYTORCH_BLOCKS, MXNET_BLOCKS -> null;
    };
  }

  /**
   * Opens a golden network. The test is skipped if the engine does not run on this platform.
   *
   * @param network its name
   * @param folder an existing folder for generated files
   * @return the model; closing it frees all it holds
   */
  public ExplainableModel open(String network, Path folder) {
    assumeTrue(isRunnable(), () -> "skipped: there is no native library of " + engine + " here");
    Path file = file(network, folder);
    return file == null ? GoldenBlocks.open(network, engine) : ExplainableModel.load(file, engine);
  }

  /** {@return whether this build includes the engine's native library for this platform} */
  public boolean isRunnable() {
    String machine = System.getProperty("os.name") + " " + System.getProperty("os.arch");
    return switch (engine) {
      case "MXNet" -> machine.equals("Linux amd64");
      case "TensorFlow" -> machine.equals("Linux amd64") || machine.equals("Mac OS X aarch64");
      default -> true;
    };
  }

  /**
   * Translates the name of a layer.
   *
   * @param kerasName max_pooling2d_3, max_pooling3d_3, b0_out, b1_out, head_conv or head_relu
   * @return the name in models of this kind, or null if it is not a layer there
   */
  public @Nullable String layerName(String kerasName) {
    return switch (this) {
      case SCRIPTED, TRACED -> MODULES.get(kerasName);
      case PYTORCH_BLOCKS, MXNET_BLOCKS -> BLOCKS.get(kerasName);
      case SAVED_MODEL, SYMBOL, KERAS -> kerasName;
      case ONNX, COMPILED_ONNX -> NODES.get(kerasName);
    };
  }

  private static Path writeSymbol(String network, Path folder) {
    try {
      return SymbolTwins.write(network, folder);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}

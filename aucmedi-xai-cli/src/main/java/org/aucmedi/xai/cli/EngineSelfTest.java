package org.aucmedi.xai.cli;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import com.google.common.collect.ImmutableMap;
import com.google.common.io.MoreFiles;
import com.google.common.io.RecursiveDeleteOption;
import com.google.gson.Gson;
import com.google.gson.JsonSyntaxException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.aucmedi.xai.error.XAIException;
import org.aucmedi.xai.model.Capability;
import org.aucmedi.xai.model.ChannelLayout;
import org.aucmedi.xai.model.ExplainableModel;
import org.aucmedi.xai.model.LoadOptions;
import org.aucmedi.xai.model.OutputGradient;
import org.jspecify.annotations.Nullable;

/**
 * The self-test of one engine, which runs in a Java process of its own, so that a crash of native
 * code is a result like any other. It loads a built-in model and compares its outputs and gradient
 * with numbers that are known.
 */
public final class EngineSelfTest {

  private static final String MODELS = "selftest/";
  private static final double TOLERANCE = 1e-4;
  private static final float[] IMAGE = {1, 2, 3, 4};
  private static final float[] OUTPUTS = {30, -30};

  /** For each engine the files of its model, by the names they are given; the first is opened. */
  private static final ImmutableMap<String, List<String>> FILES =
      ImmutableMap.of(
          "PyTorch", List.of("pytorch.pt"),
          "TensorFlow", List.of("tensorflow.pb"),
          "OnnxRuntime", List.of("onnxruntime.onnx"),
          "MXNet", List.of("mxnet-symbol.json", "mxnet-0000.params"));

  private EngineSelfTest() {}

  /**
   * What came of it.
   *
   * @param version of the native library, or null if it does not load
   * @param gpus how many GPUs the engine sees
   * @param gradients whether a gradient was compared besides the outputs
   * @param milliseconds from the start of the engine
   * @param problem what is wrong, or null
   */
  record Result(
      @Nullable String version,
      int gpus,
      boolean gradients,
      long milliseconds,
      @Nullable String problem) {

    static Result failed(String problem) {
      return new Result(null, 0, false, 0, problem);
    }
  }

  /** The engines that can be tested. */
  static List<String> engines() {
    return FILES.keySet().asList();
  }

  /**
   * Tests an engine, and writes the result for the process that started this one.
   *
   * @param args DJL's name of the engine, and the file for the result
   * @throws IOException if it cannot be written
   */
  public static void main(String[] args) throws IOException {
    Files.writeString(Path.of(args[1]), new Gson().toJson(test(args[0])));
    // Threads of an engine may not end by themselves.
    Runtime.getRuntime().halt(0);
  }

  /** Reads the text of a result; null if there is none, as after a crash. */
  static @Nullable Result read(String json) {
    try {
      return new Gson().fromJson(json, Result.class);
    } catch (JsonSyntaxException e) {
      return null;
    }
  }

  private static Result test(String engine) {
    long start = System.nanoTime();
    String version = null;
    try {
      Path folder = Files.createTempDirectory("aucmedi-xai-self-test");
      try (ExplainableModel model =
          ExplainableModel.load(
              unpack(engine, folder), LoadOptions.builder().optEngine(engine).build())) {
        Engine started = Engine.getEngine(engine);
        version = started.getVersion();
        boolean gradients = compare(engine, model);
        return new Result(
            version,
            started.getGpuCount(),
            gradients,
            (System.nanoTime() - start) / 1_000_000,
            null);
      } finally {
        MoreFiles.deleteRecursively(folder, RecursiveDeleteOption.ALLOW_INSECURE);
      }
    } catch (IOException | RuntimeException | LinkageError | AssertionError e) {
      String problem =
          e instanceof XAIException ? String.valueOf(e.getMessage()) : String.valueOf(e);
      return new Result(version, 0, false, (System.nanoTime() - start) / 1_000_000, problem);
    }
  }

  /** Returns whether there was a gradient to compare. */
  private static boolean compare(String engine, ExplainableModel model) {
    try (NDManager manager = model.newManager()) {
      boolean first = model.channelLayout() == ChannelLayout.CHANNELS_FIRST;
      NDArray image = manager.create(IMAGE, first ? new Shape(1, 1, 2, 2) : new Shape(1, 2, 2, 1));
      check("outputs", model.outputs(image)[0], OUTPUTS);
      if (!model.capabilities().contains(Capability.INPUT_GRADIENTS)) {
        return false;
      }
      float[] gradient =
          model.inputGradients(image, OutputGradient.ofClasses(0)).get(0).toFloatArray();
      // That of PyTorch's model is of squares.
      check(
          "gradient",
          gradient,
          engine.equals("PyTorch") ? new float[] {2, 4, 6, 8} : new float[] {1, 2, 3, 4});
      return true;
    }
  }

  private static void check(String what, float[] actual, float[] expected) {
    boolean equal = actual.length == expected.length;
    for (int i = 0; equal && i < expected.length; i++) {
      equal = Math.abs(actual[i] - expected[i]) <= TOLERANCE;
    }
    if (!equal) {
      throw new XAIException(
          "the self-test gives the "
              + what
              + " "
              + Arrays.toString(actual)
              + " in place of "
              + Arrays.toString(expected)
              + "; the native library is damaged or does not suit this processor");
    }
  }

  private static Path unpack(String engine, Path folder) throws IOException {
    List<String> names = FILES.get(engine);
    if (names == null) {
      throw new XAIException("there is no self-test of " + engine + ", only of " + FILES.keySet());
    }
    for (String name : names) {
      // TensorFlow's models are folders with a file of this name.
      Path target = folder.resolve(name.endsWith(".pb") ? "saved_model.pb" : name);
      try (InputStream in = EngineSelfTest.class.getResourceAsStream(MODELS + name)) {
        if (in == null) {
          throw new FileNotFoundException("the resource " + MODELS + name + " is missing");
        }
        Files.copy(in, target);
      }
    }
    return names.get(0).endsWith(".pb") ? folder : folder.resolve(names.get(0));
  }
}

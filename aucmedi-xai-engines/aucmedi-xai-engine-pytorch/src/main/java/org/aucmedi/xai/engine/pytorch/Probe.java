package org.aucmedi.xai.engine.pytorch;

import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.engine.PtSymbolBlock;
import ai.djl.pytorch.jni.IValue;
import ai.djl.pytorch.jni.IValueUtils;
import ai.djl.pytorch.jni.JniUtils;
import com.google.common.collect.ImmutableList;
import com.google.common.util.concurrent.Uninterruptibles;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.FutureTask;
import org.aucmedi.xai.model.Layer;
import org.aucmedi.xai.model.ReluRule;
import org.aucmedi.xai.model.UnsupportedModelException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A copy of a TorchScript module whose layers and ReLUs report to a tape, see {@code tape.py}.
 *
 * <p>It computes what the original computes. Between {@link #run} and {@link #clear} it remembers
 * one pass, so one thread uses it at a time.
 */
final class Probe {

  /** What a run records. */
  enum Mode {
    /** Only the outputs. */
    OUTPUTS(0),
    /** Which layers run, and the sizes of their outputs. */
    SIZES(1),
    /** The output of one layer, from which the rest of the graph starts. */
    LAYER(2),
    /**
     * Both ends of every ReLU, convolution and pooling; libtorch rejects this for some networks.
     */
    RELUS_AND_WINDOWS(3),
    /** Both ends of every ReLU; libtorch rejects this for fewer networks. */
    RELUS(4),
    /** The same for any network, but slower. */
    RELUS_WITH_CARE(5);

    private final int code;

    Mode(int code) {
      this.code = code;
    }
  }

  private static final int PIPE_BYTES = 1 << 20;
  private static final Logger logger = LoggerFactory.getLogger(Probe.class);

  private final String model;
  private final PtSymbolBlock module;
  private final List<Layer> declared;
  private final ModuleCode code;
  private final boolean frozen;

  private Probe(
      String model, PtSymbolBlock module, List<Layer> declared, ModuleCode code, boolean frozen) {
    this.model = model;
    this.module = module;
    this.declared = declared;
    this.code = code;
    this.frozen = frozen;
  }

  /**
   * Creates the copy.
   *
   * @param model the name of the model in messages
   * @param archive the module's archive
   * @param manager the manager that owns the copy
   * @return the probe
   * @throws IOException if the archive cannot be read or rewritten
   */
  static Probe of(String model, ModuleArchive archive, PtNDManager manager) throws IOException {
    Map<String, byte[]> replaced = new HashMap<>();
    List<Layer> layers;
    ModuleCode code;
    boolean frozen;
    try {
      Map<String, String> files = archive.code();
      ModuleTree tree =
          ModuleTree.read(archive.read("data.pkl"), CodeRewriter.moduleClasses(files));
      code = ModuleCode.of(files, tree.rootClass());
      layers = tree.layers(LayerKinds.of(files));
      frozen = tree.isFrozen();
      CodeRewriter.rewrite(files, code, CodeRewriter.Style.PROBE)
          .forEach((path, text) -> replaced.put(path, text.getBytes(StandardCharsets.UTF_8)));
      replaced.put("data.pkl", tree.withTape(CodeRewriter.Style.PROBE.state()));
    } catch (RuntimeException e) {
      throw new IOException(
          "its code or data.pkl was not written by libtorch; save it again with torch.jit.script or"
              + " torch.jit.trace",
          e);
    }
    return new Probe(model, load(archive, replaced, manager), layers, code, frozen);
  }

  /**
   * Loads the rewritten archive from a temporary file, so that no weights pass through the heap, or
   * through a pipe where the temporary folder has no room.
   */
  static PtSymbolBlock load(
      ModuleArchive archive, Map<String, byte[]> replaced, PtNDManager manager) throws IOException {
    try (ScratchFile file = written(archive, replaced)) {
      return file == null
          ? stream(archive, replaced, manager)
          : JniUtils.loadModule(
              manager, file.path(), true, new String[0], new String[0], /* trainParam= */ true);
    } catch (EngineException e) {
      throw new IOException(TorchErrors.whyNotLoaded(e), e);
    }
  }

  private static @Nullable ScratchFile written(
      ModuleArchive archive, Map<String, byte[]> replaced) {
    ScratchFile file = null;
    try {
      file = ScratchFile.create();
      try (OutputStream out = Files.newOutputStream(file.path())) {
        archive.write(out, replaced);
      }
      return file;
    } catch (IOException e) {
      logger.debug("cannot use the temporary folder; libtorch reads the module from a pipe", e);
      if (file != null) {
        file.close();
      }
      return null;
    }
  }

  private static PtSymbolBlock stream(
      ModuleArchive archive, Map<String, byte[]> replaced, PtNDManager manager) throws IOException {
    PipedInputStream in = new PipedInputStream(PIPE_BYTES);
    PipedOutputStream out = new PipedOutputStream(in);
    FutureTask<Void> writing =
        new FutureTask<>(
            () -> {
              try (out) {
                archive.write(out, replaced);
              }
              return null;
            });
    Thread writer = new Thread(writing, "torchscript-rewriter");
    writer.setDaemon(true);
    writer.start();
    try (InputStream full = new FullReads(in)) {
      return JniUtils.loadModule(manager, full, true, false);
    } finally {
      // The writer stops once the reading end is closed.
      Uninterruptibles.joinUninterruptibly(writer);
    }
  }

  /** Fills the buffer at each call, since DJL copies all of it however little has been read. */
  private static final class FullReads extends FilterInputStream {

    FullReads(InputStream in) {
      super(in);
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
      int count = in.readNBytes(target, offset, length);
      return count == 0 && length > 0 ? -1 : count;
    }
  }

  /** Returns the module, which can be used as if it were the original. */
  PtSymbolBlock module() {
    return module;
  }

  /** Returns the module's code. */
  ModuleCode code() {
    return code;
  }

  /**
   * Returns the layers in the order of declaration, without shapes.
   *
   * @throws UnsupportedModelException if there is none
   */
  List<Layer> declared() {
    if (declared.isEmpty()) {
      throw new UnsupportedModelException(
          model
              + (frozen
                  ? " is frozen (torch.jit.freeze), so its layers are gone; save it before freezing"
                  : " contains no other modules, so it has no layers; choose a method that needs"
                      + " none, such as saliency"));
    }
    return declared;
  }

  /**
   * Runs the module and records.
   *
   * @param batch the inputs, float32
   * @param type libtorch's number of the type that the module computes in
   * @param mode what to record
   * @param layer the index of the layer in {@link #declared}, for {@link Mode#LAYER}
   * @return the module's outputs with their names, converted to float32 if they have a float type
   */
  NDList run(NDArray batch, long type, Mode mode, int layer) {
    NDManager scope = batch.getManager();
    NDArray target = scope.create(layer + 1L); // the root is number 0
    NDList outputs =
        call("run", scope, batch, scope.create((long) mode.code), target, scope.create(type));
    if (outputs.size() > 1) {
      name(outputs, scope);
    }
    return outputs;
  }

  /**
   * Runs the module with the output of a layer replaced, unless it has another shape, which {@link
   * #sizes} tells then.
   *
   * @param batch the inputs, float32
   * @param type libtorch's number of the type that the module computes in
   * @param layer the index of the layer in {@link #declared}
   * @param activations what to go on from, float32
   * @param turn which run of the layer to replace, from 1
   * @return the module's outputs as {@link #run} gives them
   */
  NDList runFrom(NDArray batch, long type, int layer, NDArray activations, int turn) {
    NDManager scope = batch.getManager();
    NDList outputs =
        call(
            "run_from",
            scope,
            batch,
            scope.create(layer + 1L),
            scope.create(type),
            activations,
            scope.create((long) turn));
    if (outputs.size() > 1) {
      name(outputs, scope);
    }
    return outputs;
  }

  private void name(NDList outputs, NDManager scope) {
    try (IValue any = IValue.from((PtNDArray) scope.create(0f));
        IValue found = IValueUtils.runMethod(module, "aucmedi_names", any)) {
      name(outputs, found.toStringValue());
    }
  }

  /** Names outputs by the lines of a text. */
  static void name(NDList outputs, String lines) {
    String[] names = lines.split("\n", -1);
    for (int i = 0; i < outputs.size() && names.length == outputs.size() + 1; i++) {
      outputs.get(i).setName(names[i].isEmpty() ? null : names[i]);
    }
  }

  /** Returns the layers that ran, in the order of their last completion. */
  List<Layer> sizes(NDManager scope) {
    List<Layer> known = declared();
    Map<Integer, Shape> shapes = new LinkedHashMap<>();
    for (NDArray record : call("sizes", scope, scope.create(0f))) {
      long[] numberAndSizes = record.toLongArray();
      int layer = (int) numberAndSizes[0] - 1;
      shapes.remove(layer);
      shapes.put(layer, new Shape(Arrays.copyOfRange(numberAndSizes, 1, numberAndSizes.length)));
    }
    ImmutableList.Builder<Layer> layers = ImmutableList.builder();
    shapes.forEach(
        (layer, shape) -> {
          Layer without = known.get(layer);
          layers.add(new Layer(without.name(), without.kind(), shape));
        });
    return layers.build();
  }

  /** Returns whether the requested layer has run. */
  boolean tapped(NDManager scope) {
    return counts(scope)[0] > 0;
  }

  /** Returns the number of ReLUs that have run. */
  int relus(NDManager scope) {
    return (int) counts(scope)[1];
  }

  /** Returns how often the layer has run whose output was to be replaced. */
  int runs(NDManager scope) {
    return (int) counts(scope)[2];
  }

  private long[] counts(NDManager scope) {
    return call("taps", scope, scope.create(0f)).head().toLongArray();
  }

  /** Returns the output of the layer. */
  NDArray activations(NDManager scope) {
    return call("activations", scope, scope.create(0f)).head();
  }

  /** Returns d(sum(output * outputGradient))/d(output of the layer). */
  NDArray layerGradient(NDManager scope, NDArray output, NDArray outputGradient) {
    return call("layer_gradient", scope, output, outputGradient).head();
  }

  /** Returns d(sum(output * outputGradient))/d(batch) with a rule at every ReLU. */
  NDArray guidedGradient(NDManager scope, NDArray output, NDArray outputGradient, ReluRule rule) {
    String name = rule == ReluRule.GUIDED ? "guided_gradient" : "deconvnet_gradient";
    return call(name, scope, output, outputGradient).head();
  }

  /** Forgets the pass. */
  void clear(NDManager scope) {
    call("clear", scope, scope.create(0f));
  }

  private NDList call(String method, NDManager scope, NDArray... arguments) {
    NDArray name = scope.create(0f);
    name.setName("module_method:aucmedi_" + method);
    NDList inputs = new NDList(arguments);
    inputs.add(name);
    return IValueUtils.forward(module, inputs, true);
  }
}

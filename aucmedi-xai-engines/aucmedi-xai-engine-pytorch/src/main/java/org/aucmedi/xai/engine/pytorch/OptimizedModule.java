package org.aucmedi.xai.engine.pytorch;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.engine.PtSymbolBlock;
import ai.djl.pytorch.jni.IValueUtils;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A faster copy of a TorchScript module for predictions, see {@link OptimizedCode}.
 *
 * <p>The first batch of every shape of image goes through the original as well. If the outputs
 * differ by more than {@link #TOLERANCE} of the largest, or the copy fails, the original is used
 * from then on.
 */
final class OptimizedModule {

  /** The largest difference from the original, relative to the original's largest output. */
  static final double TOLERANCE = 1e-5;

  private static final Logger logger = LoggerFactory.getLogger(OptimizedModule.class);

  private final String model;
  private final Set<Shape> compared = new HashSet<>();
  private @Nullable PtSymbolBlock module;
  private @Nullable Shape laidOutFor;

  private OptimizedModule(String model, @Nullable PtSymbolBlock module) {
    this.model = model;
    this.module = module;
  }

  /**
   * Makes the copy, or nothing where there is nothing to gain.
   *
   * @param model the name of the model in messages
   * @param archive the module's archive
   * @param largeImage the number of pixels from which channels are last
   * @param manager the manager that owns the copy
   * @param freeze sets a module to inference
   * @return a module that runs the copy, or only the original
   * @throws IOException if the archive cannot be read or rewritten
   */
  static OptimizedModule of(
      String model,
      ModuleArchive archive,
      int largeImage,
      PtNDManager manager,
      Consumer<PtSymbolBlock> freeze)
      throws IOException {
    Map<String, String> code = OptimizedCode.rewrite(archive.code(), archive.read("data.pkl"), largeImage);
    if (code.isEmpty()) {
      return none(model);
    }
    Map<String, byte[]> replaced = new HashMap<>();
    code.forEach((path, text) -> replaced.put(path, text.getBytes(StandardCharsets.UTF_8)));
    PtSymbolBlock module = Probe.load(archive, replaced, manager);
    freeze.accept(module);
    try (NDManager scope = manager.newSubManager()) {
      call(module, OptimizedCode.FOLD, scope.create(0f));
    }
    return new OptimizedModule(model, module);
  }

  private static void call(PtSymbolBlock module, String method, NDArray argument) {
    NDArray name = argument.getManager().create(0f);
    name.setName("module_method:" + method);
    IValueUtils.forward(module, new NDList(argument, name), true);
  }

  /** Returns a module that only runs the original. */
  static OptimizedModule none(String model) {
    return new OptimizedModule(model, null);
  }

  /** Returns whether the copy is in use. */
  boolean isUsed() {
    return module != null;
  }

  /**
   * Runs the copy, or the original if there is no usable copy.
   *
   * @param batch the inputs
   * @param original runs the original
   * @return the outputs
   */
  NDList forward(NDArray batch, Supplier<NDList> original) {
    if (module == null) {
      return original.get();
    }
    Shape image = batch.getShape().slice(1);
    // A module may change its input in place.
    NDArray input = compared.contains(image) ? batch : batch.duplicate();
    NDList expected = compared.contains(image) ? null : original.get();
    NDList outputs;
    try {
      if (!image.equals(laidOutFor)) {
        call(module, OptimizedCode.LAY_OUT, batch);
        laidOutFor = image;
      }
      outputs = IValueUtils.forward(module, new NDList(input), true);
    } catch (RuntimeException e) {
      return giveUp("it fails: " + e.getMessage(), expected == null ? original.get() : expected);
    }
    if (expected == null) {
      return outputs;
    }
    double difference = difference(expected, outputs);
    if (!(difference <= TOLERANCE)) {
      outputs.close();
      return giveUp("its outputs differ by " + difference + " of the largest", expected);
    }
    compared.add(image);
    expected.close();
    return outputs;
  }

  private NDList giveUp(String why, NDList outputs) {
    logger.info("{} runs as it is, without the optimised copy: {}", model, why);
    if (module != null) {
      module.close();
      module = null;
    }
    return outputs;
  }

  private static double difference(NDList expected, NDList outputs) {
    if (expected.size() != 1
        || outputs.size() != 1
        || !expected.head().getShape().equals(outputs.head().getShape())
        || expected.head().getDataType() != DataType.FLOAT32
        || outputs.head().getDataType() != DataType.FLOAT32) {
      return Double.NaN;
    }
    float[] values = expected.head().toFloatArray();
    float[] others = outputs.head().toFloatArray();
    double largest = 0;
    double difference = 0;
    for (int i = 0; i < values.length; i++) {
      largest = Math.max(largest, Math.abs(values[i]));
      // Math.max returns NaN if either is.
      difference = Math.max(difference, Math.abs((double) values[i] - others[i]));
    }
    return difference == 0 ? 0 : difference / largest;
  }
}

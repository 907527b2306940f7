package org.aucmedi.xai.benchmarks;

import ai.djl.engine.Engine;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import org.aucmedi.xai.model.Capability;

/**
 * Prints what it costs to open a model for looking into it, beyond loading it: the time of the
 * first layer pass over that of the second, and how much memory the process took at most.
 *
 * <p>Arguments: a model as {@code file@3x32x32}; a small image keeps activations out of the memory
 * that is measured. One model per run, since memory once taken hardly ever goes back. Memory is
 * shown where {@code /proc} has it; start with {@code -Xmx1g}, since a heap that nothing limits is
 * not worth counting.
 */
public final class Opening {

  private static final Path STATUS = Path.of("/proc/self/status");

  private Opening() {}

  /**
   * Runs.
   *
   * @param args the model
   * @throws IOException if the file cannot be read
   */
  @SuppressWarnings("SystemOut")
  public static void main(String[] args) throws IOException {
    PrintStream out = System.out;
    if (args.length != 1) {
      out.println("name one model, for instance resnet50_scripted.pt@3x32x32");
      return;
    }
    // The engine itself is not what is measured.
    Engine.getEngine(engineOf(args[0])).newBaseManager().close();
    double start = megabytes("VmHWM");
    long before = System.nanoTime();
    try (Subject subject = Subject.parse(args[0], 1)) {
      double loading = seconds(before);
      double loaded = megabytes("VmHWM");
      Operation operation =
          subject.can(Capability.LAYER_GRADIENTS)
              ? Operation.LAYER_GRADIENT
              : Operation.LAYER_ACTIVATIONS;
      before = System.nanoTime();
      Runnable pass = operation.on(subject);
      pass.run();
      double first = seconds(before);
      double opened = megabytes("VmHWM");
      double kept = megabytes("VmRSS");
      before = System.nanoTime();
      pass.run();
      double second = seconds(before);
      double size = Files.size(Path.of(args[0].replaceFirst("@[^@]*$", ""))) / 1e6;
      out.printf(Locale.ROOT, "file                %8.1f MB%n", size);
      out.printf(Locale.ROOT, "loading             %8.2f s%n", loading);
      out.printf(Locale.ROOT, "opening on top      %8.2f s (target 3)%n", first - second);
      out.printf(Locale.ROOT, "peak while loading  %8.2f files%n", (loaded - start) / size);
      out.printf(Locale.ROOT, "peak while opening  %8.2f files%n", (opened - start) / size);
      out.printf(Locale.ROOT, "kept afterwards     %8.2f files%n", (kept - start) / size);
    }
  }

  private static String engineOf(String model) {
    return model.contains(".onnx") ? "OnnxRuntime" : "PyTorch";
  }

  private static double seconds(long since) {
    return (System.nanoTime() - since) / 1e9;
  }

  /** A line of the process's status, NaN where there is none. */
  private static double megabytes(String key) throws IOException {
    if (!Files.exists(STATUS)) {
      return Double.NaN;
    }
    return Files.readAllLines(STATUS).stream()
        .filter(line -> line.startsWith(key + ":"))
        .mapToDouble(line -> Double.parseDouble(line.replaceAll("\\D", "")) * 1.024e-3)
        .findFirst()
        .orElse(Double.NaN);
  }
}

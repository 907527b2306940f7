package org.aucmedi.xai.benchmarks;

import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Prints what each pass costs in forward passes of the same model and batch.
 *
 * <p>The passes take turns, round after round, so that a busy machine slows all of them down alike.
 * The ratio is that of the medians.
 *
 * <p>Arguments: models as {@code file} or {@code file@3x224x224}, or {@code blocks@MXNet} for
 * ResNet-18 as DJL's blocks on an engine; without any, the golden networks. System properties:
 * {@code batch} (1) and {@code rounds} (15), {@code golden.dir}.
 */
public final class Ratios {

  private static final Map<String, String> GOLDEN =
      Map.of("vanilla2d", "@3x64x64", "resmini", "@3x40x56", "vanilla3d", "@1x32x32x32");
  private static final List<String> FORMS = List.of("_scripted.pt", "_traced.pt", ".onnx");

  private Ratios() {}

  /**
   * Runs.
   *
   * @param args the models
   */
  @SuppressWarnings("SystemOut")
  public static void main(String[] args) {
    PrintStream out = System.out;
    int batch = Integer.getInteger("batch", 1);
    int rounds = Integer.getInteger("rounds", 15);
    List<String> models = args.length > 0 ? List.of(args) : golden();
    if (models.isEmpty()) {
      out.println("name a model, for instance resnet18_scripted.pt@3x224x224");
    }
    for (String model : models) {
      try (Subject subject = Subject.parse(model, batch)) {
        out.printf("%n%s, batch of %d, median of %d%n", model, batch, rounds);
        out.printf("%-32s %10s %9s %7s%n", "operation", "ms", "forwards", "target");
        print(measure(subject, rounds), out);
      }
    }
  }

  private static List<String> golden() {
    Path folder = Path.of(System.getProperty("golden.dir", "../shared/golden"), "models");
    List<String> models = new ArrayList<>();
    for (String network : List.of("vanilla2d", "resmini", "vanilla3d")) {
      for (String form : FORMS) {
        Path file = folder.resolve(network + form);
        if (Files.exists(file)) {
          models.add(file + GOLDEN.get(network));
        }
      }
    }
    return models;
  }

  private static Map<Operation, Double> measure(Subject subject, int rounds) {
    Map<Operation, Runnable> passes = new EnumMap<>(Operation.class);
    for (Operation operation : Operation.values()) {
      if (subject.can(operation.capability())) {
        passes.put(operation, operation.on(subject));
      }
    }
    // What happens only once, and what the virtual machine learns, is not measured.
    for (int i = 0; i < 3; i++) {
      passes.values().forEach(Runnable::run);
    }
    Map<Operation, double[]> times = new EnumMap<>(Operation.class);
    passes.keySet().forEach(operation -> times.put(operation, new double[rounds]));
    for (int round = 0; round < rounds; round++) {
      for (Map.Entry<Operation, Runnable> pass : passes.entrySet()) {
        long start = System.nanoTime();
        pass.getValue().run();
        times.get(pass.getKey())[round] = (System.nanoTime() - start) / 1e6;
      }
    }
    Map<Operation, Double> medians = new EnumMap<>(Operation.class);
    times.forEach(
        (operation, values) -> {
          Arrays.sort(values);
          medians.put(operation, values[values.length / 2]);
        });
    return medians;
  }

  private static void print(Map<Operation, Double> medians, PrintStream out) {
    double forward = medians.get(Operation.FORWARD);
    for (Operation operation : Operation.values()) {
      String name = operation.name().toLowerCase(Locale.ROOT).replace('_', ' ');
      Double time = medians.get(operation);
      if (time == null) {
        out.printf("%-32s %10s%n", name, "-");
      } else {
        out.printf(
            Locale.ROOT,
            "%-32s %10.2f %9.2f %7.1f%s%n",
            name,
            time,
            time / forward,
            operation.target(),
            time / forward > operation.target() ? "  over" : "");
      }
    }
  }
}

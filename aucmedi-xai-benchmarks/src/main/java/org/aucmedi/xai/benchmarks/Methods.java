package org.aucmedi.xai.benchmarks;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.aucmedi.xai.Heatmap;
import org.aucmedi.xai.benchmarks.MeasuredMethod.Task;
import org.jspecify.annotations.Nullable;

/**
 * Prints what the methods cost, from the batch to heatmaps: in milliseconds, in forward passes of
 * the same model and batch, and beside the same methods in PyTorch on the same weights, images and
 * threads.
 *
 * <p>All take turns, round after round, so that a busy machine slows them down alike; a turn in
 * which other programs took much of the processors is repeated, up to {@value #TRIES} times. The
 * numbers are medians. How far the maps of the others are from ours is shown too, since only equal
 * maps are worth comparing.
 *
 * <p>Arguments: networks of torchvision such as {@code resnet18}, which {@code tools/peers.py}
 * makes; or models as {@code file@3x224x224}, which are measured alone. System properties: {@code
 * python} (the interpreter, "python3"), {@code folder} (for the networks, "target/peers"), {@code
 * batch} (1), {@code rounds} (7), {@code methods} (names, by comma; all of them, without sweeps for
 * a batch of more than one).
 */
public final class Methods {

  /** How long a contender's turn lasts at least. */
  private static final double SECONDS = 0.15;

  /** How long each warms up, since what happens only once is not measured. */
  private static final double WARM_UP = 1;

  /** The part of the processors' time that other programs may take in a turn, */
  private static final double DISTURBANCE = 0.05;

  /** and how often a turn is tried until they take no more. */
  private static final int TRIES = 5;

  private static final String OURS = "ours";
  private static final String PLAIN = "plain";

  private Methods() {}

  /**
   * Runs.
   *
   * @param args the models
   * @throws IOException if PyTorch fails, or a file cannot be written
   */
  @SuppressWarnings("SystemOut")
  public static void main(String[] args) throws IOException {
    PrintStream out = System.out;
    if (args.length == 0) {
      out.println(
          "name a network, for instance resnet18, or a file, for instance net.pt@3x224x224");
      return;
    }
    int batch = Integer.getInteger("batch", 1);
    for (String model : args) {
      if (model.contains("@") || Files.exists(Path.of(model))) {
        try (Subject subject = Subject.parse(model, batch)) {
          out.printf("%n%s, batch of %d%n", model, batch);
          new Comparison(subject, null, List.of()).print(out);
        }
      } else {
        compare(model, batch, out);
      }
    }
  }

  private static void compare(String network, int batch, PrintStream out) throws IOException {
    List<String> command =
        List.of(System.getProperty("python", "python3"), "tools/peers.py", "serve");
    Path folder = Path.of(System.getProperty("folder", "target/peers"));
    try (Peers peers = new Peers(command, folder);
        Subject subject = Subject.parse(peers.network(network) + "@3x224x224", batch)) {
      List<String> opened = peers.open(network, subject);
      List<String> versions = opened.stream().filter(word -> word.contains("=")).toList();
      List<String> contenders = opened.stream().filter(word -> !word.contains("=")).toList();
      out.printf("%n%s, batch of %d; %s%n", network, batch, String.join(", ", versions));
      new Comparison(subject, peers, contenders).print(out);
    }
  }

  /** The methods on one model and batch. */
  private static final class Comparison {

    private final Subject subject;
    private final @Nullable Peers peers;
    private final List<String> contenders;
    private final Map<MeasuredMethod, Task> ours = new EnumMap<>(MeasuredMethod.class);
    private final Map<MeasuredMethod, Map<String, Double>> medians =
        new EnumMap<>(MeasuredMethod.class);
    private final Map<MeasuredMethod, Double> differences = new EnumMap<>(MeasuredMethod.class);

    Comparison(Subject subject, @Nullable Peers peers, List<String> contenders) throws IOException {
      this.subject = subject;
      this.peers = peers;
      this.contenders = contenders;
      for (MeasuredMethod method : chosen()) {
        ours.put(method, method.on(subject));
        run(OURS, method, WARM_UP);
        for (String contender : contenders) {
          run(contender, method, WARM_UP);
        }
        if (contenders.contains(PLAIN) && method.isComparable()) {
          differences.put(method, difference(method));
        }
      }
      measure(Integer.getInteger("rounds", 7));
    }

    private Set<MeasuredMethod> chosen() {
      String names = System.getProperty("methods", "");
      Set<MeasuredMethod> chosen = EnumSet.noneOf(MeasuredMethod.class);
      for (MeasuredMethod method : MeasuredMethod.values()) {
        boolean named =
            names.isEmpty()
                ? !method.isSweep() || subject.batch().getShape().get(0) == 1
                : List.of(names.split(",", -1)).contains(method.key());
        if ((named || method == MeasuredMethod.FORWARD) && subject.can(method.capability())) {
          chosen.add(method);
        }
      }
      return chosen;
    }

    private void measure(int rounds) {
      Map<MeasuredMethod, Map<String, List<Double>>> times = new EnumMap<>(MeasuredMethod.class);
      List<String> all = new ArrayList<>(contenders);
      all.add(OURS);
      for (int round = 0; round < rounds; round++) {
        for (MeasuredMethod method : ours.keySet()) {
          // Sweeps are long enough to need fewer rounds.
          if (method.isSweep() && round % 3 != 0) {
            continue;
          }
          for (String contender : all) {
            Arrays.stream(quietRun(contender, method))
                .forEach(
                    ms ->
                        times
                            .computeIfAbsent(method, key -> new TreeMap<>())
                            .computeIfAbsent(contender, key -> new ArrayList<>())
                            .add(ms));
          }
        }
      }
      times.forEach(
          (method, byContender) ->
              byContender.forEach(
                  (contender, values) -> {
                    values.sort(null);
                    medians
                        .computeIfAbsent(method, key -> new TreeMap<>())
                        .put(contender, values.get(values.size() / 2));
                  }));
    }

    /** Runs a method for a turn, again if other programs disturb it; keeps the quietest. */
    private double[] quietRun(String contender, MeasuredMethod method) {
      long self = ProcessHandle.current().pid();
      double[] quietest = {};
      double least = Double.POSITIVE_INFINITY;
      for (int i = 0; i < TRIES && least > DISTURBANCE; i++) {
        OtherPrograms others =
            peers == null ? new OtherPrograms(self) : new OtherPrograms(self, peers.process());
        double[] times = run(contender, method, SECONDS);
        double share = others.share();
        if (share < least) {
          least = share;
          quietest = times;
        }
      }
      return quietest;
    }

    /** Runs a method until the time is over; returns milliseconds. */
    private double[] run(String contender, MeasuredMethod method, double seconds) {
      if (!contender.equals(OURS)) {
        return peers == null ? new double[0] : peers.run(contender, method, seconds);
      }
      Task task = ours.get(method);
      List<Double> times = new ArrayList<>();
      long begin = System.nanoTime();
      while (task != null && System.nanoTime() - begin <= seconds * 1e9) {
        long start = System.nanoTime();
        task.run();
        times.add((System.nanoTime() - start) / 1e6);
      }
      return times.stream().mapToDouble(Double::doubleValue).toArray();
    }

    /** How far our maps are from those of plain PyTorch at most; both lie in [0, 1]. */
    private double difference(MeasuredMethod method) throws IOException {
      if (peers == null) {
        return Double.NaN;
      }
      List<float[]> maps =
          ours.get(method).run().stream().flatMap(List::stream).map(Heatmap::values).toList();
      float[] other = peers.maps(PLAIN, method);
      int size = maps.get(0).length;
      if (other.length != maps.size() * size) {
        throw new IOException(method + " has other maps in PyTorch: " + other.length + " values");
      }
      double most = 0;
      for (int i = 0; i < other.length; i++) {
        most = Math.max(most, Math.abs(maps.get(i / size)[i % size] - other[i]));
      }
      return most;
    }

    void print(PrintStream out) {
      StringBuilder head = new StringBuilder();
      head.append(String.format("| %-20s | %9s | %8s |", "method", "ours, ms", "forwards"));
      for (String contender : contenders) {
        head.append(String.format(" %9s | %14s |", contender + ", ms", "ours/" + contender));
      }
      head.append(contenders.isEmpty() ? "" : String.format(" %10s |", "difference"));
      out.println(head);
      out.println(head.toString().replaceAll("[^|]", "-"));
      double forward = median(MeasuredMethod.FORWARD, OURS);
      for (MeasuredMethod method : ours.keySet()) {
        double own = median(method, OURS);
        double forwards = own / forward;
        StringBuilder row = new StringBuilder();
        row.append(
            String.format(
                Locale.ROOT,
                "| %-20s | %9.1f | %8s |",
                method.key().replace('_', ' '),
                own,
                number(forwards, method.forwards())));
        for (String contender : contenders) {
          double theirs = median(method, contender);
          double target = contender.equals(PLAIN) ? method.ratio() : Double.NaN;
          row.append(
              Double.isNaN(theirs)
                  ? String.format(" %9s | %14s |", "-", "-")
                  : String.format(
                      Locale.ROOT, " %9.1f | %14s |", theirs, number(own / theirs, target)));
        }
        if (!contenders.isEmpty()) {
          Double difference = differences.get(method);
          row.append(
              difference == null
                  ? String.format(" %10s |", "-")
                  : String.format(Locale.ROOT, " %10.0e |", difference));
        }
        out.println(row);
      }
    }

    /** Writes a number, in bold where it misses its target. */
    private static String number(double value, double target) {
      return String.format(Locale.ROOT, value > target ? "**%.2f**" : "%.2f", value);
    }

    private double median(MeasuredMethod method, String contender) {
      return medians.getOrDefault(method, Map.of()).getOrDefault(contender, Double.NaN);
    }
  }
}

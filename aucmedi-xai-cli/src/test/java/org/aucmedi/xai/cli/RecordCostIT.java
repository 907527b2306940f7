package org.aucmedi.xai.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.io.MoreFiles;
import com.google.common.io.RecursiveDeleteOption;
import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.aucmedi.xai.decoder.CompletedSample;
import org.aucmedi.xai.decoder.DataGenerator;
import org.aucmedi.xai.decoder.DecoderListener;
import org.aucmedi.xai.decoder.OutputFormat;
import org.aucmedi.xai.decoder.XAIDecoder;
import org.aucmedi.xai.manifest.Manifest;
import org.aucmedi.xai.manifest.RunFiles;
import org.aucmedi.xai.manifest.RunStatus;
import org.aucmedi.xai.model.ExplainableModel;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/**
 * What the record costs in processor time: that of the threads that keep it while they do, which a
 * busy machine disturbs little, as a share of the whole run; and the difference of the same run
 * with and without it, by turns. Of {@code -Drecord.pairs=30} pairs the median counts. {@code
 * -Drecord.model} and {@code -Drecord.images} take another model and its pictures, {@code
 * -Drecord.method} another method.
 */
@EnabledIfSystemProperty(
    named = "record.pairs",
    matches = "\\d+",
    disabledReason = "takes minutes on a machine with nothing else to do")
final class RecordCostIT {

  private static final OperatingSystemMXBean SYSTEM =
      (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
  private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();
  private static final int TINY_IMAGES = 800;

  @TempDir private Path folder;
  private final Map<String, Path> images = new TreeMap<>();
  private ExplainableModel model;
  private String method;

  /** Nanoseconds of the threads that keep the record, in the last run that has one. */
  private long keeping;

  /** How much of that the hashes have taken. */
  private long hashing;

  @Test
  void record_costsLittle() throws IOException {
    String file = System.getProperty("record.model");
    Path pictures;
    if (file == null) {
      pictures = SoakFiles.make(folder, TINY_IMAGES).folder().resolve("images");
      file = folder.resolve("squares.pt").toString();
    } else {
      pictures = Path.of(System.getProperty("record.images"));
    }
    method = System.getProperty("record.method", "saliency");
    try (Stream<Path> found = Files.list(pictures)) {
      found.filter(Files::isRegularFile).forEach(each -> images.put(each.getFileName() + "", each));
    }
    int pairs = Integer.getInteger("record.pairs");
    double[] with = new double[pairs];
    double[] without = new double[pairs];
    double[] record = new double[pairs];
    double[] hash = new double[pairs];
    try (ExplainableModel opened = ExplainableModel.load(Path.of(file))) {
      model = opened;
      for (int warmUp = 0; warmUp < 2; warmUp++) {
        double unused = run(true) + run(false);
      }
      for (int pair = 0; pair < pairs; pair++) {
        if (pair % 2 == 0) {
          with[pair] = run(true);
          without[pair] = run(false);
        } else {
          without[pair] = run(false);
          with[pair] = run(true);
        }
        record[pair] = keeping / 1e6 / images.size();
        hash[pair] = hashing / 1e6 / images.size();
      }
    }
    double[] more =
        IntStream.range(0, pairs)
            .mapToDouble(pair -> with[pair] - without[pair])
            .sorted()
            .toArray();
    double share = 100 * median(record) / median(without);
    System.err.printf(
        Locale.ROOT,
        "%d pairs of %d images, %s: %.3f ms of processor time per image without the record, %.4f ms"
            + " for it (hashes %.4f ms), %.2f %%; difference of the pairs %.4f ms (quartiles %.4f, %.4f)%n",
        pairs,
        images.size(),
        method,
        median(without),
        median(record),
        median(hash),
        share,
        median(more),
        more[pairs / 4],
        more[pairs * 3 / 4]);
    if (System.getProperty("record.model") == null) {
      // A model that does nothing takes hardly longer than opening the picture.
      assertThat(median(record)).isLessThan(0.5);
    } else {
      assertThat(share).isLessThan(2);
    }
  }

  private static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    int half = sorted.length / 2;
    return sorted.length % 2 == 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
  }

  /** Milliseconds of processor time per image. */
  private double run(boolean recorded) throws IOException {
    Path out = Files.createDirectory(folder.resolve("out"));
    System.gc();
    long start = SYSTEM.getProcessCpuTime();
    if (recorded) {
      List<Integer> order = IntStream.range(0, images.size()).boxed().toList();
      try (InputHashes hashes = new InputHashes(List.copyOf(images.values()), order)) {
        long begin = THREADS.getCurrentThreadCpuTime();
        RunRecorder recorder =
            new RunRecorder(
                RunFiles.of(out), manifest(), images, hashes, record -> true, 0, Clock.systemUTC());
        keeping = THREADS.getCurrentThreadCpuTime() - begin;
        explain(
            out,
            new DecoderListener() {
              @Override
              public void completed(CompletedSample sample) {
                long before = THREADS.getCurrentThreadCpuTime();
                var unused = recorder.add(method, sample);
                keeping += THREADS.getCurrentThreadCpuTime() - before;
              }
            });
        long before = THREADS.getCurrentThreadCpuTime();
        recorder.end(RunStatus.FINISHED, null);
        hashing = hashing();
        keeping += THREADS.getCurrentThreadCpuTime() - before + hashing;
      }
    } else {
      explain(out, new DecoderListener() {});
    }
    double time = (SYSTEM.getProcessCpuTime() - start) / 1e6 / images.size();
    MoreFiles.deleteRecursively(out, RecursiveDeleteOption.ALLOW_INSECURE);
    return time;
  }

  /** What the thread that hashes has taken. */
  private static long hashing() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().equals("aucmedi-xai-hashes"))
        .mapToLong(thread -> THREADS.getThreadCpuTime(thread.getId()))
        .max()
        .orElseThrow();
  }

  private void explain(Path out, DecoderListener listener) {
    DataGenerator.Builder generator = DataGenerator.builder().optBatchSize(8);
    images.forEach(generator::addSample);
    var unused =
        XAIDecoder.builder()
            .setModel(model)
            .setGenerator(generator.build())
            .optMethod(method)
            .optOutput(out, OutputFormat.PNG)
            .optListener(listener)
            .build()
            .decode();
  }

  private Manifest manifest() {
    return new Manifest(
        Manifest.FORMAT,
        Manifest.VERSION,
        new Manifest.Program("aucmedi-xai", "0"),
        RunStatus.RUNNING,
        null,
        List.of("explain"),
        RunRecorder.now(Clock.systemUTC()),
        null,
        Map.of(),
        new Manifest.Model("m.pt", "ab", 1, "PyTorch", "2", null, null),
        List.of(new Manifest.Method(method, method, "aucmedi", Map.of(), List.of(), "")),
        images.size(),
        null,
        new Manifest.Machine("", "", 1, "", 1),
        new Manifest.Summary(0, 0, 0, 0, 0, 0));
  }
}

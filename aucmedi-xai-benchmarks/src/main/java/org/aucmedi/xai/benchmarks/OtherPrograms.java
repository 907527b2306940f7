package org.aucmedi.xai.benchmarks;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/** Tells how busy other programs kept the processors meanwhile, from Linux's {@code /proc}. */
final class OtherPrograms {

  private static final Path ALL = Path.of("/proc/stat");
  private static final int NUMBERS = 12;

  private final List<Path> own;
  private final Sample start;

  /** Clock ticks since the machine or the process started, summed over the processors. */
  private record Sample(long all, long busy, long own) {}

  /**
   * Starts to watch.
   *
   * @param processes the ids of the processes that do not count as others
   */
  OtherPrograms(long... processes) {
    own =
        Arrays.stream(processes)
            .mapToObj(process -> Path.of("/proc/" + process + "/stat"))
            .toList();
    start = sample();
  }

  /** Returns the part of the processors' time that others took, 0 where there is no /proc. */
  double share() {
    Sample now = sample();
    long all = now.all - start.all;
    return all <= 0 ? 0 : (double) (now.busy - start.busy - (now.own - start.own)) / all;
  }

  private Sample sample() {
    try {
      if (!Files.exists(ALL)) {
        return new Sample(0, 0, 0);
      }
      long mine = 0;
      for (Path process : own) {
        String stat = Files.readString(process);
        // The name, in parentheses, may hold blanks.
        long[] fields = numbers(stat.substring(stat.lastIndexOf(')') + 4));
        mine += fields[10] + fields[11]; // utime and stime
      }
      String cpu = Files.readString(ALL).lines().findFirst().orElseThrow();
      long[] times = numbers(cpu.substring("cpu".length()));
      long all = Arrays.stream(times).limit(8).sum(); // what follows is counted already
      return new Sample(all, all - times[3] - times[4], mine); // without idle and iowait
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The first numbers of a line; later ones may not fit into a long. */
  private static long[] numbers(String text) {
    return Arrays.stream(text.strip().split("\\s+"))
        .limit(NUMBERS)
        .mapToLong(Long::parseLong)
        .toArray();
  }
}

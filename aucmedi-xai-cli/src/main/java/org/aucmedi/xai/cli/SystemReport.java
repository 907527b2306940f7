package org.aucmedi.xai.cli;

import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;

/** What the engines run on: Java, the machine, the environment and folders. */
final class SystemReport {

  private static final List<String> VARIABLES =
      List.of(
          "OMP_NUM_THREADS",
          "OMP_WAIT_POLICY",
          "ONEDNN_MAX_CPU_ISA",
          "MALLOC_ARENA_MAX",
          "MALLOC_MMAP_THRESHOLD_",
          "MALLOC_TRIM_THRESHOLD_",
          "JAVA_TOOL_OPTIONS");

  private static final long LITTLE_SPACE = 2_000_000_000;

  private SystemReport() {}

  /**
   * A folder that is written to.
   *
   * @param use what for
   * @param path where
   * @param bytes what is in it; -1 if that was not counted
   * @param free how many bytes its disk has left; -1 if it does not tell
   * @param writable whether it can be written, or made
   */
  record Folder(String use, String path, long bytes, long free, boolean writable) {

    String text() {
      return path
          + (bytes < 0 ? "" : ", " + Amounts.bytes(bytes))
          + (free < 0 ? "" : ", " + Amounts.bytes(free) + " free")
          + (writable ? "" : ", CANNOT BE WRITTEN");
    }
  }

  /** Names and values, in the order in which they are printed. */
  static Map<String, String> properties() {
    Map<String, String> all = new LinkedHashMap<>();
    all.put(
        "Java",
        property("java.version") + ", " + property("java.vm.name") + ", " + property("java.home"));
    all.put(
        "system", property("os.name") + " " + property("os.version") + ", " + property("os.arch"));
    all.put("processors", Integer.toString(Runtime.getRuntime().availableProcessors()));
    all.put(
        "memory", Amounts.bytes(Runtime.getRuntime().maxMemory()) + " for Java" + physicalMemory());
    all.put("locale", Locale.getDefault().toLanguageTag());
    all.put(
        "encoding", Charset.defaultCharset() + ", of file names " + property("sun.jnu.encoding"));
    for (String variable : VARIABLES) {
      all.put(variable, Objects.requireNonNullElse(System.getenv(variable), "not set"));
    }
    return all;
  }

  private static String property(String name) {
    return System.getProperty(name, "unknown");
  }

  private static String physicalMemory() {
    return ManagementFactory.getOperatingSystemMXBean() instanceof OperatingSystemMXBean bean
        ? " of " + Amounts.bytes(bean.getTotalMemorySize())
        : "";
  }

  /** What works, but not well. */
  static List<String> warnings() {
    List<String> warnings = new ArrayList<>();
    if (!property("sun.jnu.encoding").equalsIgnoreCase(StandardCharsets.UTF_8.name())) {
      warnings.add(
          "file names with letters beyond ASCII may not be found; set the environment variable"
              + " LC_ALL=C.UTF-8");
    }
    if (property("os.name").equals("Linux") && System.getenv("MALLOC_ARENA_MAX") == null) {
      warnings.add(
          "long runs may hold more memory than they need; set the environment variable"
              + " MALLOC_ARENA_MAX=1, as the launcher does");
    }
    if (Runtime.getRuntime().maxMemory() < LITTLE_SPACE / 4) {
      warnings.add(
          "there is little memory for Java; set the environment variable"
              + " JAVA_TOOL_OPTIONS=-Xmx8g for 8 GB");
    }
    return warnings;
  }

  /** Looks at a folder. */
  static Folder folder(String use, Path path) {
    Path there = path.toAbsolutePath();
    while (!Files.exists(there) && there.getParent() != null) {
      there = there.getParent();
    }
    long free;
    try {
      free = Files.getFileStore(there).getUsableSpace();
    } catch (IOException e) {
      free = -1;
    }
    boolean temporary = path.equals(Path.of(property("java.io.tmpdir")));
    return new Folder(
        use,
        path.toString(),
        temporary ? -1 : bytes(path),
        free,
        Files.isDirectory(there) && Files.isWritable(there));
  }

  private static long bytes(Path folder) {
    if (!Files.isDirectory(folder)) {
      return 0;
    }
    try (Stream<Path> files = Files.walk(folder)) {
      long sum = 0;
      for (Path file : (Iterable<Path>) files::iterator) {
        sum += Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS) ? Files.size(file) : 0;
      }
      return sum;
    } catch (IOException | UncheckedIOException e) {
      return -1;
    }
  }
}

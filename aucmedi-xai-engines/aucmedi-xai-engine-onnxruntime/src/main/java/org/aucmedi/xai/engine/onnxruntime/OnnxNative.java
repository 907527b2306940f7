package org.aucmedi.xai.engine.onnxruntime;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.aucmedi.xai.engine.support.EngineStart;
import org.aucmedi.xai.engine.support.NativeFolder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Starts ONNX Runtime with its native libraries in DJL's cache.
 *
 * <p>By default, each process would unpack 20 MB of them into the temp folder and leave at least an
 * empty folder behind.
 */
final class OnnxNative {

  private static final Logger logger = LoggerFactory.getLogger(OnnxNative.class);

  /** The prefix of ONNX Runtime's own properties, one of which sets the folder. */
  private static final String PROPERTIES = "onnxruntime.native.";

  private static final Pattern LEFT = Pattern.compile("onnxruntime-java\\d+");
  private static final Duration ABANDONED = Duration.ofHours(1);

  private OnnxNative() {}

  static <T> T start(Supplier<T> use) {
    return EngineStart.run(
        OnnxModelProvider.ENGINE,
        "com.microsoft.onnxruntime:onnxruntime",
        () -> {
          prepare();
          removeEmpty(Path.of(System.getProperty("java.io.tmpdir")));
          return use.get();
        });
  }

  private static synchronized void prepare() {
    boolean chosen =
        System.getProperties().stringPropertyNames().stream()
            .anyMatch(name -> name.startsWith(PROPERTIES));
    if (chosen) {
      return;
    }
    Path folder =
        NativeFolder.unpack(
            OnnxModelProvider.ENGINE,
            "ai/onnxruntime/native/" + platform() + "/",
            System.mapLibraryName("onnxruntime"));
    if (folder != null) {
      System.setProperty(PROPERTIES + "path", folder.toString());
    }
  }

  /** ONNX Runtime's name of this platform. */
  static String platform() {
    String os = System.getProperty("os.name").toLowerCase(Locale.ROOT);
    String arch = System.getProperty("os.arch").toLowerCase(Locale.ROOT);
    return (os.startsWith("windows") ? "win" : os.startsWith("mac") ? "osx" : "linux")
        + (arch.equals("aarch64") || arch.equals("arm64") ? "-aarch64" : "-x64");
  }

  /** Removes the empty folders that older processes have left; one with a file in it stays. */
  static void removeEmpty(Path temp) {
    FileTime limit = FileTime.from(Instant.now().minus(ABANDONED));
    try (Stream<Path> entries = Files.list(temp)) {
      for (Path entry : entries.toList()) {
        if (LEFT.matcher(entry.getFileName().toString()).matches()
            && Files.isDirectory(entry, LinkOption.NOFOLLOW_LINKS)
            && Files.getLastModifiedTime(entry).compareTo(limit) < 0) {
          removeIfEmpty(entry);
        }
      }
    } catch (IOException e) {
      logger.debug("cannot look for empty folders in {}", temp, e);
    }
  }

  private static void removeIfEmpty(Path folder) {
    try {
      Files.delete(folder);
    } catch (IOException e) {
      logger.debug("{} stays", folder, e);
    }
  }
}

package org.aucmedi.xai.engine.tensorflow;

import ai.djl.engine.Engine;
import ai.djl.util.Utils;
import java.io.IOException;
import java.io.InputStream;
import java.net.JarURLConnection;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.stream.Stream;
import org.aucmedi.xai.XAIException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds TensorFlow's native libraries on the classpath.
 *
 * <p>DJL has no artifact with them and would download them. TensorFlow's own artifact {@code
 * org.tensorflow:tensorflow-core-native} has them, in a place where DJL does not look. So they are
 * unpacked once, into DJL's cache folder, and DJL is told where.
 *
 * <p>This happens by itself before the engine starts, if this module is in front of DJL's engine on
 * the classpath, as it is when a build names this module alone. Otherwise call {@link #prepare}
 * before anything of DJL touches TensorFlow; {@link
 * org.aucmedi.xai.model.ExplainableModel#load(Path, String)} does so too.
 */
public final class TensorFlowNative {

  /** DJL reads this property, or an environment variable of the same name. */
  private static final String PROPERTY = "TENSORFLOW_LIBRARY_PATH";

  private static final String ARTIFACT = "org.tensorflow:tensorflow-core-native:1.0.0-rc.1";
  private static final Set<String> PUBLISHED =
      Set.of("linux-x86_64", "macosx-arm64", "macosx-x86_64", "windows-x86_64");

  private static final String FOLDER = "org/tensorflow/internal/c_api/";
  private static final String UNFINISHED = "unpacking-";
  private static final Duration ABANDONED = Duration.ofHours(1);

  private static final Logger logger = LoggerFactory.getLogger(TensorFlowNative.class);

  private TensorFlowNative() {}

  /**
   * Unpacks the native libraries, unless that was done before or the user says where they are with
   * the system property or environment variable {@code TENSORFLOW_LIBRARY_PATH}. Once is enough;
   * more do no harm. Several processes may do so at a time.
   *
   * @throws XAIException if there are none on the classpath, or they cannot be unpacked
   */
  public static void prepare() {
    if (!prepareIfFound()) {
      throw missing(platform(), null);
    }
  }

  /** Like {@link #prepare}, but false without the artifact: DJL may have libraries of its own. */
  static synchronized boolean prepareIfFound() {
    if (Utils.getEnvOrSystemProperty(PROPERTY) != null) {
      return true;
    }
    Path folder = unpack(platform(), Utils.getEngineCacheDir("tensorflow"));
    if (folder == null) {
      return false;
    }
    System.setProperty(PROPERTY, folder.toString());
    // Else the loader would unpack them once more, into a cache of its own.
    if (System.getProperty("org.bytedeco.javacpp.pathsFirst") == null) {
      System.setProperty("org.bytedeco.javacpp.pathsFirst", "true");
    }
    return true;
  }

  /** Starts DJL's engine. */
  static void start() {
    boolean found = prepareIfFound();
    try {
      Engine.getEngine(TensorFlowModelProvider.ENGINE);
    } catch (RuntimeException e) {
      throw found
          ? new XAIException("TensorFlow does not start: " + Failures.firstLine(e), e)
          : missing(platform(), e);
    }
  }

  /** Makes the error for a platform whose libraries are not on the classpath. */
  static XAIException missing(String platform, @Nullable Throwable cause) {
    return new XAIException(
        "TensorFlow's native libraries for "
            + platform
            + " are not on the classpath; "
            + (PUBLISHED.contains(platform)
                ? "add the Maven artifact " + ARTIFACT + " with classifier " + platform
                : "there is no Maven artifact with them")
            + ", or set "
            + PROPERTY
            + " to a folder that has them",
        cause);
  }

  /** The artifact's name of this platform. */
  static String platform() {
    String os = System.getProperty("os.name").toLowerCase(Locale.ROOT);
    String system =
        os.startsWith("windows") ? "windows" : os.startsWith("mac") ? "macosx" : "linux";
    String arch = System.getProperty("os.arch").toLowerCase(Locale.ROOT);
    return system + "-" + (arch.equals("aarch64") || arch.equals("arm64") ? "arm64" : "x86_64");
  }

  /**
   * Unpacks the libraries of a platform.
   *
   * @param platform the platform
   * @param cache where to put the folder of libraries
   * @return that folder, complete, or null if there are none on the classpath
   */
  static @Nullable Path unpack(String platform, Path cache) {
    URL library = find(platform);
    if (library == null) {
      return null;
    }
    try {
      if (!(library.openConnection() instanceof JarURLConnection connection)) {
        return Path.of(library.toURI()).getParent();
      }
      // A shared cache would keep the file open, and a reader elsewhere would lose it on close.
      connection.setUseCaches(false);
      try (JarFile jar = connection.getJarFile()) {
        return unpack(jar, FOLDER + platform + "/", cache);
      }
    } catch (IOException | URISyntaxException e) {
      throw new XAIException(
          "cannot unpack TensorFlow's native libraries into "
              + cache
              + " ("
              + e.getMessage()
              + "); free some space there (0.7 GB), or set DJL_CACHE_DIR to another folder",
          e);
    }
  }

  private static @Nullable URL find(String platform) {
    String library = FOLDER + platform + "/" + System.mapLibraryName("jnitensorflow");
    ClassLoader context = Thread.currentThread().getContextClassLoader();
    URL found = context == null ? null : context.getResource(library);
    return found != null ? found : TensorFlowNative.class.getClassLoader().getResource(library);
  }

  private static Path unpack(JarFile jar, String folder, Path cache) throws IOException {
    List<JarEntry> entries =
        jar.stream()
            .filter(entry -> entry.getName().startsWith(folder))
            .filter(entry -> entry.getName().indexOf('/', folder.length()) < 0)
            .filter(entry -> entry.getName().length() > folder.length())
            .toList();
    String name = Path.of(jar.getName()).getFileName().toString().replace(".jar", "");
    Path target = cache.resolve(name);
    if (isComplete(target, entries)) {
      return target;
    }
    Files.createDirectories(cache);
    removeAbandoned(cache);
    Path part = Files.createTempDirectory(cache, UNFINISHED);
    try {
      logger.info("unpacking TensorFlow's native libraries into {}, once", target);
      for (JarEntry entry : entries) {
        String file = entry.getName().substring(folder.length());
        try (InputStream in = jar.getInputStream(entry)) {
          Files.copy(in, part.resolve(file));
        }
      }
      publish(part, target, entries);
      return target;
    } finally {
      Utils.deleteQuietly(part);
    }
  }

  private static void publish(Path part, Path target, List<JarEntry> entries) throws IOException {
    try {
      Files.move(part, target, StandardCopyOption.ATOMIC_MOVE);
    } catch (FileSystemException e) {
      // Another process was faster, or somebody removed a file.
      if (isComplete(target, entries)) {
        return;
      }
      Path damaged = Files.createTempDirectory(target.getParent(), UNFINISHED);
      Files.move(target, damaged.resolve("damaged"), StandardCopyOption.ATOMIC_MOVE);
      Files.move(part, target, StandardCopyOption.ATOMIC_MOVE);
      Utils.deleteQuietly(damaged);
    }
  }

  private static boolean isComplete(Path target, List<JarEntry> entries) throws IOException {
    for (JarEntry entry : entries) {
      String name = entry.getName();
      Path file = target.resolve(name.substring(name.lastIndexOf('/') + 1));
      if (!Files.isRegularFile(file) || Files.size(file) != entry.getSize()) {
        return false;
      }
    }
    return true;
  }

  /** A process that was killed leaves an unfinished folder. */
  private static void removeAbandoned(Path cache) throws IOException {
    FileTime limit = FileTime.from(Instant.now().minus(ABANDONED));
    try (Stream<Path> found = Files.list(cache)) {
      for (Path folder : found.toList()) {
        if (folder.getFileName().toString().startsWith(UNFINISHED)
            && Files.getLastModifiedTime(folder).compareTo(limit) < 0) {
          Utils.deleteQuietly(folder);
        }
      }
    }
  }
}

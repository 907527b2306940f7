package org.aucmedi.xai.engine.tensorflow;

import ai.djl.engine.Engine;
import ai.djl.util.Utils;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Set;
import org.aucmedi.xai.engine.support.EngineStart;
import org.aucmedi.xai.engine.support.NativeFolder;
import org.aucmedi.xai.error.XAIException;
import org.jspecify.annotations.Nullable;

/**
 * Finds TensorFlow's native libraries on the classpath.
 *
 * <p>DJL has no artifact with them and would download them. TensorFlow's own artifact {@code
 * org.tensorflow:tensorflow-core-native} has them, but DJL does not find them there. So this class
 * unpacks them once into DJL's cache folder and tells DJL where they are.
 *
 * <p>This happens automatically before the engine starts, if this module precedes DJL's engine on
 * the classpath, as it does when a build depends only on this module. Otherwise call {@link
 * #prepare} before DJL uses TensorFlow; {@link org.aucmedi.xai.model.ExplainableModel#load(Path,
 * String)} does so too.
 */
public final class TensorFlowNative {

  /** DJL reads this property, or an environment variable of the same name. */
  private static final String PROPERTY = "TENSORFLOW_LIBRARY_PATH";

  private static final String ARTIFACT = "org.tensorflow:tensorflow-core-native:1.0.0-rc.1";
  private static final Set<String> PUBLISHED =
      Set.of("linux-x86_64", "macosx-arm64", "macosx-x86_64", "windows-x86_64");

  private static final String FOLDER = "org/tensorflow/internal/c_api/";

  private TensorFlowNative() {}

  /**
   * Unpacks the native libraries, unless they are already unpacked or the system property or
   * environment variable {@code TENSORFLOW_LIBRARY_PATH} gives their location. Safe to call
   * repeatedly, and in several processes at once.
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
    Path folder = unpack(platform());
    if (folder == null) {
      return false;
    }
    System.setProperty(PROPERTY, folder.toString());
    // Otherwise the loader would unpack them again, into a cache of its own.
    if (System.getProperty("org.bytedeco.javacpp.pathsFirst") == null) {
      System.setProperty("org.bytedeco.javacpp.pathsFirst", "true");
    }
    return true;
  }

  /** Starts DJL's engine. */
  static void start() {
    EngineStart.run(
        TensorFlowModelProvider.ENGINE,
        ARTIFACT,
        () -> {
          boolean found = prepareIfFound();
          try {
            return Engine.getEngine(TensorFlowModelProvider.ENGINE);
          } catch (RuntimeException e) {
            throw found ? e : missing(platform(), e);
          }
        });
  }

  /** The folder of a platform's libraries, or null if there are none on the classpath. */
  static @Nullable Path unpack(String platform) {
    return NativeFolder.unpack(
        TensorFlowModelProvider.ENGINE,
        FOLDER + platform + "/",
        System.mapLibraryName("jnitensorflow"));
  }

  /** Creates the error for a platform whose libraries are not on the classpath. */
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
}

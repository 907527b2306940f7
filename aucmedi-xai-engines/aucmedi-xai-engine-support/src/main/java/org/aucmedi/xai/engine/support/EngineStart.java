package org.aucmedi.xai.engine.support;

import ai.djl.util.Utils;
import com.google.common.base.Throwables;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.aucmedi.xai.error.XAIException;
import org.jspecify.annotations.Nullable;

/**
 * The first use of an engine, which unpacks and loads its native libraries.
 *
 * <p>This fails if a folder cannot be written, a library is not on the classpath, or the system
 * cannot load it. DJL reports such failures as class initialisation errors, linkage errors or
 * exceptions; this class converts them to an {@link XAIException} with the reason and a remedy.
 */
public final class EngineStart {

  /**
   * The reasons why engines did not start, since a failed class initialisation reports its cause
   * only once.
   */
  private static final Map<String, String> FAILURES = new ConcurrentHashMap<>();

  private EngineStart() {}

  /**
   * Uses an engine that may not have started yet.
   *
   * @param engine DJL's name of the engine
   * @param artifact the Maven artifact of its native libraries
   * @param use the work to do, such as opening a model or a manager
   * @param <T> the type of its result
   * @return the result
   * @throws XAIException if the engine does not start
   */
  public static <T> T run(String engine, String artifact, Supplier<T> use) {
    NativeFolder.removeAbandoned(cache(engine));
    try {
      return use.get();
    } catch (XAIException e) {
      throw e;
    } catch (RuntimeException | LinkageError | AssertionError e) {
      throw problem(engine, artifact, Utils.getEngineCacheDir(), temp(), e);
    }
  }

  /** An engine's folder in DJL's cache. */
  static Path cache(String engine) {
    return Utils.getEngineCacheDir(engine.toLowerCase(Locale.ROOT));
  }

  private static Path temp() {
    return Path.of(System.getProperty("java.io.tmpdir"));
  }

  static XAIException problem(
      String engine, String artifact, Path cache, Path temp, Throwable failure) {
    List<Throwable> chain = Throwables.getCausalChain(failure);
    boolean repeated =
        failure instanceof NoClassDefFoundError
            && String.valueOf(failure.getMessage()).startsWith("Could not initialize class");
    String text =
        repeated
            ? FAILURES.getOrDefault(engine, text(engine, artifact, cache, temp, chain))
            : text(engine, artifact, cache, temp, chain);
    FAILURES.put(engine, text);
    return new XAIException(text, failure);
  }

  private static String text(
      String engine, String artifact, Path cache, Path temp, List<Throwable> chain) {
    IOException io = written(chain);
    if (io != null) {
      return isBelow(temp, io) && !isBelow(cache, io)
          ? temporary(engine, temp, reason(io))
          : unpacking(engine, cache, io).getMessage();
    }
    String reason = last(chain);
    if (reason.contains(temp.toString())) {
      return temporary(engine, temp, reason);
    }
    return engine
        + " does not start ("
        + reason
        + "); its native libraries are in the Maven artifact "
        + artifact
        + " with the classifier of this platform";
  }

  /** Creates the error for libraries that cannot be written to DJL's cache. */
  static XAIException unpacking(String engine, Path cache, IOException failure) {
    String variable = "ENGINE_CACHE_DIR";
    String set = Utils.getEnvOrSystemProperty(variable);
    return new XAIException(
        "cannot unpack "
            + engine
            + "'s native libraries into "
            + cache
            + " ("
            + reason(failure)
            + "); make sure that the folder is writable and has free space, or set "
            + (set == null || set.isEmpty() ? "DJL_CACHE_DIR" : variable)
            + " to another folder",
        failure);
  }

  private static String temporary(String engine, Path temp, String reason) {
    return engine
        + " needs the temp folder "
        + temp
        + " ("
        + (Files.isWritable(temp) ? reason : Files.exists(temp) ? "not writable" : "does not exist")
        + "); make sure that it exists, is writable and has free space, or set another one with"
        + " JAVA_TOOL_OPTIONS=-Djava.io.tmpdir=FOLDER";
  }

  /**
   * The failure to write a file, if there is one; if a library is missing, DJL tries to download it
   * and fails.
   */
  private static @Nullable IOException written(List<Throwable> chain) {
    IOException found = null;
    for (Throwable failure : chain) {
      if (String.valueOf(failure.getMessage()).startsWith("Failed to download")) {
        return null;
      }
      if (failure instanceof IOException io) {
        found = io;
      }
    }
    return found;
  }

  private static boolean isBelow(Path folder, IOException failure) {
    return failure instanceof FileSystemException file
        && file.getFile() != null
        && Path.of(file.getFile()).startsWith(folder);
  }

  /** The reason, for exceptions that express it only by their type or file name. */
  private static String reason(IOException failure) {
    if (failure instanceof FileSystemException file) {
      String what =
          file instanceof NoSuchFileException
              ? "does not exist"
              : file instanceof AccessDeniedException
                  ? "may not be written"
                  : file instanceof FileAlreadyExistsException
                      ? "is a file"
                      : Objects.requireNonNullElse(
                          file.getReason(), file.getClass().getSimpleName());
      return file.getFile() == null ? what : file.getFile() + ": " + what;
    }
    return last(Throwables.getCausalChain(failure));
  }

  /** The first line of the innermost message. */
  private static String last(List<Throwable> chain) {
    String text = chain.get(0).toString();
    for (Throwable failure : chain) {
      if (failure.getMessage() != null && !failure.getMessage().isBlank()) {
        text = failure.getMessage();
      }
    }
    return NativeMessages.firstLine(text);
  }
}

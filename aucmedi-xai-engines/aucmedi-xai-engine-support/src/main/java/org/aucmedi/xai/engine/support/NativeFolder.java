package org.aucmedi.xai.engine.support;

import ai.djl.util.Utils;
import java.io.IOException;
import java.io.InputStream;
import java.net.JarURLConnection;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.aucmedi.xai.error.XAIException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An engine's folder of native libraries, in DJL's cache.
 *
 * <p>DJL's cache is the folder that the environment variable or system property {@code
 * ENGINE_CACHE_DIR} or {@code DJL_CACHE_DIR} names, else {@code .djl.ai} in the user's home.
 */
public final class NativeFolder {

  private static final Logger logger = LoggerFactory.getLogger(NativeFolder.class);

  /** A copy that has not been written to for this long is abandoned. */
  private static final Duration ABANDONED = Duration.ofHours(1);

  private static final Pattern LIBRARY = Pattern.compile(".+\\.(so(\\.\\d+)*|dll|dylib)");
  private static final String OWN_COPY = "unpacking-";

  /** The temporary names that {@code Files.createTempDirectory} and DJL create. */
  private static final Pattern COPY_OF_DJL = Pattern.compile("tmp\\d+");

  private static final Pattern FILE_OF_DJL = Pattern.compile("jni\\d+tmp");

  private NativeFolder() {}

  /**
   * Unpacks native libraries from the classpath, unless they are already unpacked. Safe to run in
   * several processes at once.
   *
   * @param engine DJL's name of the engine, for the cache folder and messages
   * @param resources the folder on the classpath, with a slash at its end
   * @param library the file name of a library in that folder
   * @return the folder of all libraries in {@code resources}, complete, or null if the classpath
   *     has no such library
   * @throws XAIException if they cannot be unpacked; the message gives the reason and a remedy
   */
  public static @Nullable Path unpack(String engine, String resources, String library) {
    return unpack(engine, resources, library, EngineStart.cache(engine));
  }

  static @Nullable Path unpack(String engine, String resources, String library, Path cache) {
    URL found = find(resources + library);
    if (found == null) {
      return null;
    }
    try {
      if (!(found.openConnection() instanceof JarURLConnection connection)) {
        return Path.of(found.toURI()).getParent();
      }
      // A cached connection would share the open file with other readers, which would lose it on
      // close.
      connection.setUseCaches(false);
      try (JarFile jar = connection.getJarFile()) {
        return unpack(engine, jar, resources, cache);
      }
    } catch (IOException e) {
      throw EngineStart.unpacking(engine, cache, e);
    } catch (URISyntaxException e) {
      throw new IllegalStateException(found + " is not the location of a file", e);
    }
  }

  private static @Nullable URL find(String resource) {
    ClassLoader context = Thread.currentThread().getContextClassLoader();
    URL found = context == null ? null : context.getResource(resource);
    return found != null ? found : NativeFolder.class.getClassLoader().getResource(resource);
  }

  private static Path unpack(String engine, JarFile jar, String resources, Path cache)
      throws IOException {
    List<JarEntry> entries =
        jar.stream()
            .filter(entry -> entry.getName().startsWith(resources))
            .filter(entry -> entry.getName().indexOf('/', resources.length()) < 0)
            .filter(entry -> LIBRARY.matcher(entry.getName()).matches())
            .toList();
    String name = Path.of(jar.getName()).getFileName().toString().replace(".jar", "");
    Path target = cache.resolve(name);
    if (isComplete(target, entries)) {
      return target;
    }
    Files.createDirectories(cache);
    Path part = Files.createTempDirectory(cache, OWN_COPY);
    try {
      logger.info("unpacking {}'s native libraries into {}, once", engine, target);
      for (JarEntry entry : entries) {
        try (InputStream in = jar.getInputStream(entry)) {
          Files.copy(in, part.resolve(entry.getName().substring(resources.length())));
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
      // Another process was faster, or a file was removed.
      if (isComplete(target, entries)) {
        return;
      }
      Path damaged = Files.createTempDirectory(target.getParent(), OWN_COPY);
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

  /**
   * Removes the leftovers of processes that were killed while unpacking: folders and files under
   * the temporary names of DJL and of this class, unchanged for an hour. A complete copy has
   * another name, and libraries are never loaded from an incomplete one.
   *
   * @param cache an engine's folder in the cache
   */
  static void removeAbandoned(Path cache) {
    if (!Files.isDirectory(cache)) {
      return;
    }
    try {
      for (Path entry : list(cache)) {
        if (!Files.isDirectory(entry, LinkOption.NOFOLLOW_LINKS)) {
          continue;
        }
        if (isCopy(entry)) {
          removeIfOld(entry);
        } else {
          for (Path file : list(entry)) {
            if (FILE_OF_DJL.matcher(file.getFileName().toString()).matches()
                && Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
              removeIfOld(file);
            }
          }
        }
      }
    } catch (IOException e) {
      logger.debug("cannot look for abandoned copies in {}", cache, e);
    }
  }

  private static boolean isCopy(Path folder) throws IOException {
    String name = folder.getFileName().toString();
    if (name.startsWith(OWN_COPY)) {
      return true;
    }
    // Others may use DJL's prefix too, so delete a folder only if it contains nothing but native
    // libraries.
    return COPY_OF_DJL.matcher(name).matches()
        && list(folder).stream()
            .allMatch(
                file ->
                    Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)
                        && LIBRARY.matcher(file.getFileName().toString()).matches());
  }

  private static void removeIfOld(Path root) throws IOException {
    FileTime limit = FileTime.from(Instant.now().minus(ABANDONED));
    try (Stream<Path> tree = Files.walk(root)) {
      for (Path path : tree.toList()) {
        if (Files.getLastModifiedTime(path, LinkOption.NOFOLLOW_LINKS).compareTo(limit) >= 0) {
          return;
        }
      }
    }
    logger.debug("removing {}, left behind by a process that was killed", root);
    Utils.deleteQuietly(root);
  }

  private static List<Path> list(Path folder) throws IOException {
    try (Stream<Path> entries = Files.list(folder)) {
      return entries.toList();
    }
  }
}

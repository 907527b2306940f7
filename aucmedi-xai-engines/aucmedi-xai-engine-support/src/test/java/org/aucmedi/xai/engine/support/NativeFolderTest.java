package org.aucmedi.xai.engine.support;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.aucmedi.xai.error.XAIException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class NativeFolderTest {

  private static final String FOLDER = "org/tensorflow/internal/c_api/test-arch/";
  private static final String LIBRARY = System.mapLibraryName("jnitensorflow");

  @TempDir private Path temp;

  /** Unpacks as if the artifact of a platform of ours were on the classpath. */
  private Path unpack(Path cache) throws IOException {
    Path jar = temp.resolve("tensorflow-core-native-9-test-arch.jar");
    if (!Files.exists(jar)) {
      try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(jar))) {
        for (String name :
            List.of(
                "META-INF/x",
                FOLDER + LIBRARY,
                FOLDER + "libtf_cc.so.2",
                FOLDER + "LICENSE",
                FOLDER + "L/y.so")) {
          zip.putNextEntry(new ZipEntry(name));
          zip.write(name.repeat(1000).getBytes(StandardCharsets.UTF_8));
          zip.closeEntry();
        }
      }
    }
    Thread thread = Thread.currentThread();
    ClassLoader before = thread.getContextClassLoader();
    try (URLClassLoader loader = new URLClassLoader(new URL[] {jar.toUri().toURL()}, before)) {
      thread.setContextClassLoader(loader);
      return NativeFolder.unpack("TensorFlow", FOLDER, LIBRARY, cache);
    } finally {
      thread.setContextClassLoader(before);
    }
  }

  private static List<String> names(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }

  @Test
  void unpack_once_givesTheCompleteFolderAndNothingElse() throws IOException {
    Path cache = temp.resolve("cache/tensorflow");
    Path folder = unpack(cache);
    assertThat(names(cache)).containsExactly("tensorflow-core-native-9-test-arch");
    assertThat(names(folder)).containsExactlyInAnyOrder(LIBRARY, "libtf_cc.so.2");
    FileTime written = Files.getLastModifiedTime(folder.resolve(LIBRARY));
    assertThat(unpack(cache)).isEqualTo(folder);
    assertThat(Files.getLastModifiedTime(folder.resolve(LIBRARY))).isEqualTo(written);
  }

  @Test
  void unpack_truncatedLibrary_isReplaced() throws IOException {
    Path cache = temp.resolve("cache");
    Path library = unpack(cache).resolve(LIBRARY);
    byte[] whole = Files.readAllBytes(library);
    Files.write(library, new byte[] {1});
    unpack(cache);
    assertThat(Files.readAllBytes(library)).isEqualTo(whole);
    assertThat(names(cache)).hasSize(1);
  }

  @Test
  void removeAbandoned_oldCopiesOfKilledProcesses_areRemoved() throws IOException {
    Path cache = temp.resolve("cache");
    Path own = copy(cache, "unpacking-5120936584214836512/libtf_cc.so.2");
    Path djl = copy(cache, "tmp5120936584214836512/libtorch_cpu.so");
    Path empty = Files.createDirectories(cache.resolve("tmp3"));
    Path jni = copy(cache, "2.7.1-cpu-linux-x86_64/jni4120936584214836512tmp");
    makeOld(cache);

    NativeFolder.removeAbandoned(cache);

    for (Path gone : List.of(own.getParent(), djl.getParent(), empty, jni)) {
      assertThat(gone).doesNotExist();
    }
    assertThat(names(cache)).containsExactly("2.7.1-cpu-linux-x86_64");
  }

  @Test
  void removeAbandoned_copyThatIsBeingMade_stays() throws IOException {
    Path cache = temp.resolve("cache");
    Path folderIsYoung = Files.createDirectories(cache.resolve("unpacking-1"));
    Path fileIsYoung = copy(cache, "tmp2/libtorch_cpu.so");
    Path jni = copy(cache, "2.7.1-cpu-linux-x86_64/jni3tmp");
    setOld(fileIsYoung.getParent());

    NativeFolder.removeAbandoned(cache);

    assertThat(List.of(folderIsYoung, fileIsYoung, jni))
        .allSatisfy(path -> assertThat(path).exists());
  }

  /** Old, but finished, or not what DJL leaves: somebody's folder of a similar name. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "2.7.1-cpu-linux-x86_64/libtorch_cpu.so",
        "tmp/libtorch.so",
        "tmp12a/libtorch.so",
        "tmp12/notes.txt",
        "tmp12/folder/libtorch.so",
        "2.7.1-cpu-linux-x86_64/jnitmp",
        "jni12tmp",
        "tmp12"
      })
  void removeAbandoned_anythingElse_stays(String name) throws IOException {
    Path cache = temp.resolve("cache");
    Path file = copy(cache, name);
    makeOld(cache);

    NativeFolder.removeAbandoned(cache);

    assertThat(file).exists();
  }

  @Test
  void removeAbandoned_link_isNotFollowed() throws IOException {
    Path cache = Files.createDirectories(temp.resolve("cache"));
    Path target = copy(temp, "tmp77/libtorch.so");
    makeOld(target.getParent());
    Files.createSymbolicLink(cache.resolve("tmp78"), target.getParent());

    NativeFolder.removeAbandoned(cache);

    assertThat(target).exists();
  }

  private static Path copy(Path cache, String name) throws IOException {
    Path file = cache.resolve(name);
    Files.createDirectories(file.getParent());
    return Files.write(file, new byte[9]);
  }

  private static void makeOld(Path root) throws IOException {
    try (Stream<Path> tree = Files.walk(root)) {
      for (Path path : tree.toList()) {
        setOld(path);
      }
    }
  }

  private static void setOld(Path path) throws IOException {
    Files.setLastModifiedTime(path, FileTime.from(Instant.now().minusSeconds(7200)));
  }

  @Test
  void unpack_eightAtATime_givesOneCompleteFolder() throws Exception {
    Path cache = temp.resolve("cache");
    unpack(temp.resolve("other"));
    ExecutorService threads = Executors.newFixedThreadPool(8);
    try {
      List<Callable<Path>> jobs = new ArrayList<>();
      for (int i = 0; i < 8; i++) {
        jobs.add(() -> unpack(cache));
      }
      for (Future<Path> folder : threads.invokeAll(jobs)) {
        assertThat(names(folder.get())).hasSize(2);
      }
    } finally {
      threads.shutdownNow();
    }
    assertThat(names(cache)).hasSize(1);
  }

  @Test
  void unpack_noLibraryOnTheClasspath_findsNothingAndWritesNothing() throws IOException {
    assertThat(NativeFolder.unpack("TensorFlow", "solaris-sparc/", LIBRARY, temp)).isNull();
    assertThat(names(temp)).isEmpty();
  }

  /** Below a regular file nobody can write, not even root. */
  @Test
  void unpack_cacheBelowAFile_namesReasonAndRemedy() throws IOException {
    Path file = Files.createFile(temp.resolve("file"));
    Path cache = file.resolve("cache/tensorflow");

    assertThatExceptionOfType(XAIException.class)
        .isThrownBy(() -> unpack(cache))
        .withMessage(
            "cannot unpack TensorFlow's native libraries into %s (%s: Not a directory); make sure"
                + " that the folder is writable and has free space, or set DJL_CACHE_DIR to another"
                + " folder",
            cache, file.resolve("cache"));
  }
}

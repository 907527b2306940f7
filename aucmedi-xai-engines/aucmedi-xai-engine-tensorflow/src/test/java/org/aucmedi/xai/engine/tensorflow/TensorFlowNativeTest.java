package org.aucmedi.xai.engine.tensorflow;

import static org.assertj.core.api.Assertions.assertThat;

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
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class TensorFlowNativeTest {

  private static final String PLATFORM = "test-arch";
  private static final String LIBRARY = System.mapLibraryName("jnitensorflow");

  @TempDir private Path temp;

  /** Unpacks as if the artifact of a platform of ours were on the classpath. */
  private Path unpack(Path cache) throws IOException {
    Path jar = temp.resolve("tensorflow-core-native-9-test-arch.jar");
    if (!Files.exists(jar)) {
      String folder = "org/tensorflow/internal/c_api/" + PLATFORM + "/";
      try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(jar))) {
        for (String name :
            List.of("META-INF/x", folder + LIBRARY, folder + "libtf_cc.so.2", folder + "L/y")) {
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
      return TensorFlowNative.unpack(PLATFORM, cache);
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
  void unpack_abandonedFolders_areRemovedButYoungOnesStay() throws IOException {
    Path cache = Files.createDirectories(temp.resolve("cache"));
    Path old = Files.createDirectory(cache.resolve("unpacking-old"));
    Files.write(old.resolve("half"), new byte[9]);
    Files.setLastModifiedTime(old, FileTime.from(Instant.now().minusSeconds(7200)));
    Path young = Files.createDirectory(cache.resolve("unpacking-young"));
    unpack(cache);
    assertThat(old).doesNotExist();
    assertThat(young).exists();
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
  void unpack_noArtifact_findsNothingAndWritesNothing() throws IOException {
    assertThat(TensorFlowNative.unpack("solaris-sparc", temp)).isNull();
    assertThat(names(temp)).isEmpty();
  }

  @Test
  void missing_publishedPlatform_namesTheArtifact() {
    assertThat(TensorFlowNative.missing("windows-x86_64", null))
        .hasMessageContaining("org.tensorflow:tensorflow-core-native:1.0.0-rc.1")
        .hasMessageContaining("classifier windows-x86_64");
    assertThat(TensorFlowNative.missing("linux-arm64", null))
        .hasMessageContaining("no Maven artifact")
        .hasMessageContaining("TENSORFLOW_LIBRARY_PATH");
  }

  @Test
  void platform_isOneOfTheArtifactsNames() {
    assertThat(TensorFlowNative.platform()).matches("(linux|macosx|windows)-(x86_64|arm64)");
  }
}

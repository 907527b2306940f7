package org.aucmedi.xai.engine.support;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import ai.djl.engine.EngineException;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.aucmedi.xai.error.XAIException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class EngineStartTest {

  private static final String ARTIFACT = "org.example:natives";

  @TempDir private Path root;

  @Test
  void run_engineStarts_givesTheResult() {
    assertThat(EngineStart.run("Test", ARTIFACT, () -> 7)).isEqualTo(7);
  }

  @Test
  void run_ownError_passes() {
    XAIException own = new XAIException("what and remedy");

    assertThatExceptionOfType(XAIException.class)
        .isThrownBy(
            () ->
                EngineStart.run(
                    "Test",
                    ARTIFACT,
                    () -> {
                      throw own;
                    }))
        .isSameAs(own);
  }

  @Test
  void run_linkageError_becomesASentence() {
    assertThatExceptionOfType(XAIException.class)
        .isThrownBy(
            () ->
                EngineStart.run(
                    "Test",
                    ARTIFACT,
                    () -> {
                      throw new UnsatisfiedLinkError(
                          "libgomp.so.1: cannot open shared object file");
                    }))
        .withMessage(
            "Test does not start (libgomp.so.1: cannot open shared object file); its native"
                + " libraries are in the Maven artifact org.example:natives with the classifier of"
                + " this platform")
        .withCauseInstanceOf(UnsatisfiedLinkError.class);
  }

  @Test
  void problem_fullCache_namesTheCache() {
    assertThat(
            message(
                "PyTorch",
                new EngineException(
                    "Failed to extract PyTorch native library",
                    new IOException("No space left on device"))))
        .isEqualTo(
            "cannot unpack PyTorch's native libraries into "
                + cache()
                + " (No space left on device); make sure that the folder is writable and has free"
                + " space, or set DJL_CACHE_DIR to another folder");
  }

  @Test
  void problem_forbiddenCache_saysSo() {
    String file = cache().resolve("pytorch").toString();

    assertThat(message("PyTorch", new EngineException("x", new AccessDeniedException(file))))
        .contains("into " + cache() + " (" + file + ": may not be written)");
  }

  @Test
  void problem_readOnlyCacheInAClassInitialiser_saysSo() {
    FileSystemException readOnly =
        new FileSystemException(cache().resolve("mxnet").toString(), null, "Read-only file system");

    assertThat(
            message(
                "MXNet",
                new ExceptionInInitializerError(
                    new EngineException("x", new IllegalStateException("y", readOnly)))))
        .contains("MXNet's")
        .contains(": Read-only file system)");
  }

  @Test
  void problem_missingTempFolder_namesItAndNotTheCache() {
    NoSuchFileException missing =
        new NoSuchFileException(root.resolve("temp/onnxruntime-java12").toString());

    assertThat(
            message(
                "OnnxRuntime",
                new ExceptionInInitializerError(
                    new IllegalStateException("Failed to load onnx-runtime library", missing))))
        .isEqualTo(
            "OnnxRuntime needs the temp folder "
                + root.resolve("temp")
                + " (does not exist); make sure that it exists, is writable and has free space, or"
                + " set another one with JAVA_TOOL_OPTIONS=-Djava.io.tmpdir=FOLDER");
  }

  @Test
  void problem_missingTempFolderOfJna_namesIt() {
    assertThat(
            message(
                "MXNet",
                new UnsatisfiedLinkError(
                    "JNA temporary directory '" + root.resolve("temp") + "' does not exist")))
        .startsWith("MXNet needs the temp folder " + root.resolve("temp"));
  }

  /** DJL offline and without the artifact tries a download: that is no fault of a folder. */
  @Test
  void problem_noLibrary_namesTheArtifact() {
    assertThat(
            message(
                "PyTorch",
                new EngineException(
                    "Failed to download PyTorch native library",
                    new IOException("Offline mode is enabled."))))
        .isEqualTo(
            "PyTorch does not start (Offline mode is enabled); its native libraries are in the"
                + " Maven artifact org.example:natives with the classifier of this platform");
  }

  /** The JVM tells why a class was not initialised only once. */
  @Test
  void problem_secondAttempt_givesTheFirstReason() {
    String first =
        message("Second", new ExceptionInInitializerError(new IOException("disk is on fire")));

    assertThat(message("Second", new NoClassDefFoundError("Could not initialize class a.B")))
        .isEqualTo(first)
        .contains("disk is on fire");
  }

  private Path cache() {
    return root.resolve("cache");
  }

  private String message(String engine, Throwable failure) {
    return EngineStart.problem(engine, ARTIFACT, cache(), root.resolve("temp"), failure)
        .getMessage();
  }
}

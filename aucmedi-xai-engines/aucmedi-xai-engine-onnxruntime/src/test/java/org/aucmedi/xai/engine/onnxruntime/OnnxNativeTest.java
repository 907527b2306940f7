package org.aucmedi.xai.engine.onnxruntime;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class OnnxNativeTest {

  @TempDir private Path temp;

  @Test
  void removeEmpty_oldEmptyFolder_isRemovedAndNothingElse() throws IOException {
    Path old = makeOld(folder("onnxruntime-java8375710812039047320"));
    Path young = folder("onnxruntime-java17");
    Path full = folder("onnxruntime-java18");
    Files.write(full.resolve("libonnxruntime.so"), new byte[9]);
    makeOld(full);
    Path other = makeOld(folder("onnxruntime-java"));
    Path file = makeOld(Files.createFile(temp.resolve("onnxruntime-java19")));

    OnnxNative.removeEmpty(temp);

    assertThat(old).doesNotExist();
    assertThat(List.of(young, full, other, file)).allSatisfy(path -> assertThat(path).exists());
  }

  @Test
  void platform_isOneOfTheLibrarysNames() {
    assertThat(OnnxNative.platform()).matches("(linux|osx|win)-(x64|aarch64)");
  }

  private Path folder(String name) throws IOException {
    return Files.createDirectory(temp.resolve(name));
  }

  private static Path makeOld(Path path) throws IOException {
    return Files.setLastModifiedTime(path, FileTime.from(Instant.now().minusSeconds(7200)));
  }
}

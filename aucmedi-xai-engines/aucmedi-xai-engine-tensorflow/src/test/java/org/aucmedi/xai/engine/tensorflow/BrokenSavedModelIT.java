package org.aucmedi.xai.engine.tensorflow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Stream;
import org.aucmedi.xai.XAIException;
import org.aucmedi.xai.model.ExplainableModel;
import org.aucmedi.xai.testkit.NativeArrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Folders that are no SavedModels, or damaged ones. */
final class BrokenSavedModelIT {

  @TempDir private Path temp;

  private Path copy(String name) throws IOException {
    Path from = Fixture.model(name);
    Path to = temp.resolve(name);
    try (Stream<Path> files = Files.walk(from)) {
      for (Path file : files.toList()) {
        Files.copy(file, to.resolve(from.relativize(file).toString()));
      }
    }
    return to;
  }

  private static void assertRefused(Path folder, String reason) {
    int before = NativeArrays.alive("TensorFlow");
    assertThatExceptionOfType(XAIException.class)
        .isThrownBy(() -> ExplainableModel.load(folder, "TensorFlow"))
        .withMessageContaining(folder.toString())
        .withMessageContaining(reason);
    assertThat(NativeArrays.alive("TensorFlow")).isEqualTo(before);
  }

  private static void truncate(Path file) throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    Files.write(file, Arrays.copyOf(bytes, bytes.length / 2));
  }

  @Test
  void load_emptyFolder_saysWhatIsMissing() {
    assertRefused(temp, "no saved_model.pb");
  }

  @Test
  void load_folderOfAnotherKind_isNobodys() {
    assertThatIllegalArgumentException().isThrownBy(() -> ExplainableModel.load(temp));
  }

  @Test
  void load_truncatedDescription_saysSo() throws IOException {
    Path folder = copy("residual");
    truncate(folder.resolve("saved_model.pb"));
    assertRefused(folder, "damaged");
  }

  @Test
  void load_emptyDescription_saysSo() throws IOException {
    Path folder = copy("residual");
    Files.write(folder.resolve("saved_model.pb"), new byte[0]);
    assertRefused(folder, "empty");
  }

  @Test
  void load_descriptionAlone_saysToCopyTheFolder() throws IOException {
    Path folder = copy("residual");
    Files.delete(folder.resolve("variables/variables.index"));
    assertRefused(folder, "'variables'");
  }

  @Test
  void load_missingWeights_saysSo() throws IOException {
    Path folder = copy("residual");
    Files.delete(folder.resolve("variables/variables.data-00000-of-00001"));
    assertRefused(folder, "variables.data");
  }

  @Test
  void load_truncatedWeights_saysSo() throws IOException {
    Path folder = copy("residual");
    truncate(folder.resolve("variables/variables.data-00000-of-00001"));
    assertRefused(folder, "variables");
  }

  @Test
  void load_truncatedIndex_saysSo() throws IOException {
    Path folder = copy("residual");
    truncate(folder.resolve("variables/variables.index"));
    assertRefused(folder, "variables");
  }
}

package org.aucmedi.xai.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.opentest4j.TestAbortedException;

/** What is there without a folder of golden files. */
final class GoldenTest {

  @TempDir private Path folder;

  @ParameterizedTest
  @EnumSource
  void resmini_everyKind_isBundled(GoldenKind kind) {
    Path file = kind.file("resmini", folder);
    if (file == null) {
      assertThat(Golden.array("models/resmini_weights.npz", "logits/0").shape())
          .containsExactly(32, 10);
    } else {
      assertThat(file).exists();
    }
  }

  @Test
  void savedModel_isBundledWithItsVariables() {
    Path model = Golden.file("models/resmini_savedmodel");
    assertThat(model.resolve("variables/variables.data-00000-of-00001")).isRegularFile();
    assertThat(Files.exists(model.resolve("saved_model.pb"))).isTrue();
  }

  @Test
  void array_ofMaps_isScaledToOne() {
    Golden.Array maps = Golden.array("resmini_aucmedi.npz", "sm");
    assertThat(maps.shape()).containsExactly(1, 3, 40, 56);
    for (int k = 0; k < 3; k++) {
      float[] map = maps.get(0).get(k).data().clone();
      Arrays.sort(map);
      assertThat(map[0]).isZero();
      assertThat(map[map.length - 1]).isBetween(0.999f, 1f);
    }
  }

  @Test
  void file_unknownOne_skipsTheTest() {
    assertThatExceptionOfType(TestAbortedException.class)
        .isThrownBy(() -> Golden.file("models/vanilla2d.onnx"))
        .withMessageContaining("vanilla2d.onnx");
  }
}

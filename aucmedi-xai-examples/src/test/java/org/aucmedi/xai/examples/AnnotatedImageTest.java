package org.aucmedi.xai.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.aucmedi.xai.error.XAIException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class AnnotatedImageTest {

  @TempDir private Path folder;

  @Test
  void read_list_givesImagesAndBoxes() throws IOException {
    List<AnnotatedImage> images =
        AnnotatedImage.read(
            json("[{'file': 'a/b.png', 'label': 'x', 'boxes_xyxy': [[0, 1, 2.5, 3]], 'row': 4}]"));

    assertThat(images).hasSize(1);
    assertThat(images.get(0).file()).isEqualTo("a/b.png");
    assertThat(images.get(0).label()).isEqualTo("x");
    assertThat(images.get(0).boxes()).isEqualTo(new double[][] {{0, 1, 2.5, 3}});
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "[]",
        "{}",
        "[{'file': 'a.png', 'label'",
        "[null]",
        "[{'label': 'x', 'boxes_xyxy': [[0, 1, 2, 3]]}]",
        "[{'file': 'a.png', 'label': 'x', 'boxes_xyxy': []}]",
        "[{'file': 'a.png', 'label': 'x', 'boxes_xyxy': [null]}]",
        "[{'file': 'a.png', 'label': 'x', 'boxes_xyxy': [[0, 1, 2]]}]"
      })
  void read_anythingElse_namesTheFile(String text) throws IOException {
    Path json = json(text);

    assertThatThrownBy(() -> AnnotatedImage.read(json))
        .isInstanceOf(XAIException.class)
        .hasMessageContaining("boxes.json");
  }

  @Test
  void read_noFile_saysSo() {
    assertThatThrownBy(() -> AnnotatedImage.read(folder.resolve("boxes.json")))
        .isInstanceOf(XAIException.class)
        .hasMessageContaining("NoSuchFile");
  }

  @Test
  void inside_boxes_holdThePixelsWhoseCentresTheyHold() {
    double[][] boxes = {{0.4, 0, 2.6, 1}, {2.9, 1, 99, 99}};

    assertThat(new AnnotatedImage("a", "x", boxes).inside(2, 4))
        .containsExactly(true, true, true, false, false, false, false, true);
  }

  private Path json(String text) throws IOException {
    return Files.writeString(folder.resolve("boxes.json"), text.replace('\'', '"'));
  }
}

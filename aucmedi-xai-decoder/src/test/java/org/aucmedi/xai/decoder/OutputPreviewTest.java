package org.aucmedi.xai.decoder;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.aucmedi.xai.Target;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class OutputPreviewTest {

  @TempDir private Path folder;

  @Test
  void names_anyTarget_areThoseOfARun() {
    DataGenerator images =
        DataGenerator.builder()
            .addSample("a/b.png", folder.resolve("b.png"))
            .addSample("c.png", folder.resolve("c.png"))
            .build();
    Path none = folder.resolve("none");

    OutputPreview one = OutputPreview.of(none, OutputFormat.NPY, Target.argmax(), images);
    OutputPreview all = OutputPreview.of(none, OutputFormat.NPY, Target.all(), images);

    assertThat(one.names(0, List.of("3"))).containsExactly("a.b.npy");
    assertThat(all.names(1, List.of("0", "1"))).containsExactly("c.class_0.npy", "c.class_1.npy");
    assertThat(none).doesNotExist();
  }

  @Test
  void refusal_fileOfSomebodyElse_saysWhyAndLeavesIt() throws IOException {
    Path image = Files.writeString(folder.resolve("a.png"), "image");
    Files.writeString(folder.resolve("b.png"), "mine");
    DataGenerator images =
        DataGenerator.builder().addSample("a.png", image).addSample("b", image).build();

    OutputPreview preview = OutputPreview.of(folder, OutputFormat.PNG, Target.argmax(), images);

    // The image's own name is not taken.
    assertThat(preview.names(0, List.of())).containsExactly("a.png.png");
    assertThat(preview.refusal("a.png.png")).isEmpty();
    assertThat(preview.exists("a.png.png")).isFalse();
    assertThat(preview.exists("b.png")).isTrue();
    assertThat(preview.refusal("b.png")).get().asString().contains("did not write what is there");
    assertThat(folder.resolve("b.png")).hasContent("mine");
  }
}

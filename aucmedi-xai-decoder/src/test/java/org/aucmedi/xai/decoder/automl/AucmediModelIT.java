package org.aucmedi.xai.decoder.automl;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.aucmedi.xai.array.ImageArray;
import org.aucmedi.xai.decoder.DataGenerator;
import org.aucmedi.xai.testkit.Golden;
import org.aucmedi.xai.testkit.Maps;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Needs the golden files, but no engine. */
final class AucmediModelIT {

  @TempDir private Path folder;

  @Test
  void generator_givesWhatAucmediGivesItsModel() throws IOException {
    Files.copy(
        Golden.file("aucmedi/cells_vanilla/meta.training.json"),
        folder.resolve("meta.training.json"));
    LinearFiles.write(folder.resolve("model.last.keras"), 3, -1, 64, 64, 3);
    Golden.Array expected = Golden.array("aucmedi/cells_vanilla.npz", "x");
    List<String> cells =
        List.of("Platelets/Platelets_00023_1.png", "RBC/RBC_00019_1.png", "WBC/WBC_00019_1.png");

    try (AucmediModel model = AucmediModel.load(folder)) {
      DataGenerator images = model.generator().addSamples(Golden.file("bccd"), cells).build();
      for (int n = 0; n < cells.size(); n++) {
        ImageArray input = images.load(n).input();
        assertThat(input.spatialShape()).containsExactly(64, 64);
        Maps.assertClose(cells.get(n), input.data(), expected.get(n).data(), 2e-6);
      }
    }
  }
}

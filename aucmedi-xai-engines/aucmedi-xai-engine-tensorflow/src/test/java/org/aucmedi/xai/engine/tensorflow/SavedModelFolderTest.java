package org.aucmedi.xai.engine.tensorflow;

import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.aucmedi.xai.XAIException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class SavedModelFolderTest {

  @TempDir private Path folder;

  @Test
  void constructor_fileOfAnotherKind_namesTheFile() throws IOException {
    Path file = Files.createFile(folder.resolve("net.pt"));

    assertThatExceptionOfType(XAIException.class)
        .isThrownBy(() -> new SavedModelFolder(file))
        .withMessage(
            "cannot load %s as a SavedModel: it is neither a folder nor a saved_model.pb; give a"
                + " SavedModel's folder",
            file);
  }

  @Test
  void constructor_folderWithoutModel_namesTheFolder() {
    assertThatExceptionOfType(XAIException.class)
        .isThrownBy(() -> new SavedModelFolder(folder))
        .withMessage("cannot load %s as a SavedModel: there is no saved_model.pb in it", folder);
  }
}

package org.aucmedi.xai.engine.tensorflow;

import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.aucmedi.xai.error.XAIException;
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
            "cannot load %s as a SavedModel: it is a file, and a SavedModel is a folder with"
                + " saved_model.pb in it; save a Keras model with model.export(folder)",
            file);
  }

  @Test
  void constructor_folderWithoutModel_namesTheFolder() {
    assertThatExceptionOfType(XAIException.class)
        .isThrownBy(() -> new SavedModelFolder(folder))
        .withMessage("cannot load %s as a SavedModel: there is no saved_model.pb in it", folder);
  }
}

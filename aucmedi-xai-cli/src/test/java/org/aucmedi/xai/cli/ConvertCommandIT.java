package org.aucmedi.xai.cli;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.inference.Predictor;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.repository.zoo.Criteria;
import ai.djl.repository.zoo.ZooModel;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ConvertCommandIT {

  @TempDir private Path folder;
  private Path model;
  private Path output;

  @BeforeEach
  void makeModel() throws IOException {
    model = Files.writeString(folder.resolve("model.toy"), "return torch.flatten(x, 1)\n");
    output = folder.resolve("new/model.pt");
  }

  @Test
  void convert_writesAFileThatDjlLoads() throws Exception {
    Run run = convert();

    assertThat(run).isEqualTo(new Run(0, model + " converted, written to " + output + "\n", ""));
    try (ZooModel<NDList, NDList> loaded =
            Criteria.builder()
                .setTypes(NDList.class, NDList.class)
                .optModelPath(output)
                .optEngine("PyTorch")
                .build()
                .loadModel();
        Predictor<NDList, NDList> predictor = loaded.newPredictor();
        NDManager manager = loaded.getNDManager().newSubManager()) {
      NDList outputs =
          predictor.predict(new NDList(manager.create(new float[] {1, 2}, new Shape(1, 1, 2))));
      assertThat(outputs.singletonOrThrow().toFloatArray()).containsExactly(1, 2);
    }
    assertThat(output.getParent()).isDirectoryNotContaining("glob:**.tmp");
  }

  @Test
  void convert_fileThatIsThere_isReplacedOnlyIfAsked() throws IOException {
    Files.createDirectories(output.getParent());
    Files.writeString(output, "mine");

    Run refused = convert();

    assertThat(refused.code()).isEqualTo(2);
    assertThat(refused.err())
        .startsWith(
            "error: "
                + output
                + " is there already; give another --output, or --overwrite to replace it");
    assertThat(output).hasContent("mine");
    assertThat(convert("--overwrite").code()).isZero();
    assertThat(Files.size(output)).isGreaterThan(100);
  }

  @Test
  void convert_importerThatFails_leavesWhatWasThere() throws IOException {
    Files.createDirectories(output.getParent());
    Files.writeString(output, "mine");
    Files.writeString(model, "");

    Run run = convert("--overwrite");

    assertThat(run).isEqualTo(new Run(2, "", "error: " + model + " is empty; write something\n"));
    assertThat(output).hasContent("mine");
  }

  @Test
  void convert_weights_reachTheImporter() throws IOException {
    Path weights = Files.writeString(folder.resolve("weights"), "return torch.neg(x)\n");

    Run run = convert("--weights", weights);

    assertThat(run.code()).as(run.err()).isZero();
    assertThat(Files.readString(output, StandardCharsets.ISO_8859_1)).contains("torch.neg(x)");
  }

  @Test
  void convert_aucmedisFolder_convertsItsModel() throws IOException {
    Path aucmedi = Files.createDirectories(folder.resolve("aucmedi"));
    Files.writeString(
        aucmedi.resolve("meta.training.json"),
        """
        {"analysis": "advanced", "architecture": ["VGG16", "VGG19"], "three_dim": false,
         "multi_label": false, "class_names": ["A", "B"]}
        """);
    Files.writeString(aucmedi.resolve("cv_1.model.keras"), "no model");
    model = aucmedi;

    Run run = convert("--member", "VGG19");

    assertThat(run.code()).isEqualTo(2);
    assertThat(run.err())
        .startsWith("error: ")
        .contains(aucmedi.resolve("cv_1.model.keras").toString());
  }

  @Test
  void convert_whatNothingConverts_isRefused() throws IOException {
    model = Files.writeString(folder.resolve("model.txt"), "text");
    assertThat(convert().err())
        .isEqualTo(
            "error: " + model + " is no Keras or ONNX file, which is what can be converted\n");
    model = folder.resolve("none.toy");
    assertThat(convert().err()).isEqualTo("error: there is no model file " + model + "\n");
    output = folder;
    assertThat(convert().err())
        .startsWith("error: " + folder + " is a folder; give a file as --output");
  }

  private Run convert(Object... more) {
    return Run.of(
        Stream.concat(Stream.of("convert", "--model", model, "--output", output), Stream.of(more))
            .map(String::valueOf)
            .toArray(String[]::new));
  }
}

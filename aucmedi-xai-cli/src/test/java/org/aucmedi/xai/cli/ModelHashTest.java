package org.aucmedi.xai.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.aucmedi.xai.manifest.Sha256;
import org.aucmedi.xai.model.ExplainableModel;
import org.aucmedi.xai.testkit.OnnxBuilder;
import org.aucmedi.xai.testkit.SymbolBuilder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The hash by which a run knows its model again, of every file of the model. */
final class ModelHashTest {

  @TempDir private Path folder;

  @Test
  void file_alone_isThatOfTheFile() throws IOException {
    Path file = Files.writeString(folder.resolve("net.pt"), "abc");

    assertThat(hash(file)).isEqualTo(Sha256.of(file));
  }

  @Test
  void mxnet_symbolAndWeights_countBoth() throws IOException {
    Path symbol =
        new SymbolBuilder()
            .variable("data")
            .weight("w", new int[] {1, 2}, 2, 3)
            .op("FullyConnected", "fc", Map.of("num_hidden", "1"), "data", "w")
            .write(folder, "net");
    Path params = folder.resolve("net-0000.params");

    Sha256 before = hash(symbol);

    assertThat(before.bytes()).isEqualTo(Files.size(symbol) + Files.size(params));
    assertThat(hash(params)).isEqualTo(before);
    byte[] weights = Files.readAllBytes(params);
    weights[weights.length - 1]++;
    Files.write(params, weights);
    assertThat(hash(symbol)).isNotEqualTo(before);
  }

  @Test
  void onnx_weightsInOtherFiles_countAsWell() throws IOException {
    Files.createDirectories(folder.resolve("data"));
    Path first = Files.write(folder.resolve("data/w.bin"), OnnxBuilder.littleEndian(1, 2));
    Files.write(folder.resolve("b.bin"), OnnxBuilder.littleEndian(3, 4));
    Path file =
        new OnnxBuilder()
            .input("x", OnnxBuilder.FLOAT, -1, 2)
            .externalWeight("w", new long[] {2}, "data/w.bin")
            .externalWeight("b", new long[] {2}, "b.bin")
            .node("Mul", "m", "x,w", "z")
            .node("Add", "a", "z,b", "y")
            .output("y")
            .write(folder.resolve("net.onnx"));

    Sha256 before = hash(file);

    // As sha256sum lists them.
    StringBuilder list = new StringBuilder();
    for (String name : new String[] {"b.bin", "data/w.bin", "net.onnx"}) {
      list.append(Sha256.of(folder.resolve(name)).digits() + "  " + name + "\n");
    }
    assertThat(before.digits())
        .isEqualTo(Sha256.of(Files.writeString(folder.resolve("list"), list)).digits());
    Files.write(first, OnnxBuilder.littleEndian(1, 3));
    assertThat(hash(file)).isNotEqualTo(before);
  }

  @Test
  void savedModel_byItsGraph_isThatOfTheFolder() throws IOException {
    Path graph = Files.writeString(folder.resolve("saved_model.pb"), "graph");
    Files.writeString(Files.createDirectory(folder.resolve("variables")).resolve("v"), "weights");

    assertThat(hash(graph)).isEqualTo(Sha256.of(folder));
  }

  private static Sha256 hash(Path model) throws IOException {
    return Sha256.of(ExplainableModel.files(model));
  }
}

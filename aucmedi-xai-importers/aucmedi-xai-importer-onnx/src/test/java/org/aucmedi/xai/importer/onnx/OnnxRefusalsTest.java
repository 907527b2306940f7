package org.aucmedi.xai.importer.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.aucmedi.xai.error.XAIException;
import org.aucmedi.xai.testkit.Golden;
import org.aucmedi.xai.testkit.ImportRefusals;
import org.aucmedi.xai.testkit.OnnxBuilder;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files that cannot be compiled, or are damaged: one sentence, and nothing worse. */
final class OnnxRefusalsTest {

  @TempDir private Path folder;
  private ImportRefusals refusals;

  @BeforeEach
  void prepare() {
    refusals = new ImportRefusals(new OnnxImporter(), folder);
  }

  private Path compile(Path file) throws IOException {
    return refusals.compile(file);
  }

  private static OnnxBuilder net() {
    return new OnnxBuilder()
        .versions(8, 17)
        .input("x", OnnxBuilder.FLOAT, -1, 1, 2, 2)
        .output("y", OnnxBuilder.FLOAT, -1, 4);
  }

  private Path write(OnnxBuilder net) {
    return net.write(folder.resolve("net.onnx"));
  }

  /** An engine may read these. */
  private void assertUnsupported(OnnxBuilder net, String... parts) {
    refusals.assertUnsupported(write(net), parts);
  }

  private void assertDamaged(Path file, String... parts) {
    refusals.assertDamaged(file, parts);
  }

  @Test
  void compile_goodModel_keepsItsName() throws IOException {
    assertThat(compile(write(net().node("Flatten", "flat", "x", "y"))))
        .hasFileName("net.pt")
        .isNotEmptyFile();
  }

  @Test
  void compile_operators_thatCannotBeCompiled_areNamed() {
    assertUnsupported(
        net().node("Swirl", "odd", "x", "y"), "node 'odd' of type Swirl", "--engine OnnxRuntime");
    assertUnsupported(net().node("Loop", "again", "x", "y"), "type Loop is control flow");
    assertUnsupported(
        net().node("QuantizeLinear", "q", "x", "y"), "type QuantizeLinear is quantised");
    assertUnsupported(
        net().versions(3, 6).node("Flatten", "", "x", "y"), "version 6", "export it with one of");
  }

  @Test
  void compile_badGraphs_areRefused() {
    assertDamaged(
        write(
            net()
                .node("Relu", "a", "z", "w")
                .node("Relu", "b", "w", "z")
                .node("Add", "c", "x,z", "y")),
        "depends on its own result");
    assertDamaged(write(net().node("Relu", "a", "nothing", "y")), "reads 'nothing'");
    assertDamaged(write(net().node("Relu", "a", "x", "z")), "no node computes the output 'y'");
    assertDamaged(
        write(net().node("Relu", "a", "x", "y").node("Relu", "b", "x", "y")),
        "two nodes compute 'y'");
    assertDamaged(
        write(
            net()
                .weight("w", new long[] {2, 3, 1, 1}, new float[6])
                .node("Conv", "c", "x,w", "z")
                .node("Flatten", "f", "z", "y")),
        "node 'c' of type Conv");
  }

  @Test
  void compile_externalWeights_mustLieInTheFolder() throws IOException {
    long[] shape = {1, 4};
    for (String place : new String[] {"../w.bin", "/etc/hostname", "a/../../w.bin"}) {
      Files.write(folder.resolveSibling("w.bin"), new byte[16]);
      OnnxBuilder net = net().externalWeight("w", shape, place);
      assertDamaged(
          write(net.node("Flatten", "f", "x", "z").node("Add", "a", "z,w", "y")),
          "'" + place + "', which is not in the model's folder");
    }
    Files.delete(folder.resolveSibling("w.bin"));
    OnnxBuilder net = net().externalWeight("w", shape, "w.bin");
    Path file = write(net.node("Flatten", "f", "x", "z").node("Add", "a", "z,w", "y"));
    assertDamaged(file, "the file 'w.bin', which is missing");
    Files.write(folder.resolve("w.bin"), new byte[8]);
    assertDamaged(file, "'w.bin'");
    Files.write(folder.resolve("w.bin"), OnnxBuilder.littleEndian(1, 2, 3, 4));
    assertThat(compile(file)).isNotEmptyFile();
  }

  @Test
  void compile_weightsOfAnotherSize_areRefused() {
    assertDamaged(
        write(
            net()
                .weight("w", new long[] {1L << 40, 1L << 10}, 1, 2)
                .node("Flatten", "f", "x", "z")
                .node("Add", "a", "z,w", "y")),
        "weight 'w'");
    assertDamaged(
        write(
            net()
                .weight("w", new long[] {1, 4}, 1, 2)
                .node("Flatten", "f", "x", "z")
                .node("Add", "a", "z,w", "y")),
        "weight 'w'");
  }

  @Test
  void compile_cutAndForeignFiles_areRefused() throws IOException {
    byte[] whole = Files.readAllBytes(Golden.file("models/resmini.onnx"));
    for (int length : new int[] {0, 1, 100, whole.length / 2, whole.length - 1}) {
      Path cut = Files.write(folder.resolve("cut.onnx"), Arrays.copyOf(whole, length));
      assertThatExceptionOfType(XAIException.class)
          .isThrownBy(() -> compile(cut))
          .withMessageStartingWith(cut.toString());
    }
    Path text = Files.writeString(folder.resolve("text.onnx"), "not a model at all");
    assertThatExceptionOfType(XAIException.class).isThrownBy(() -> compile(text));
  }

  @Test
  void compile_mutatedFiles_nothingButOurExceptionsAreThrown() throws IOException {
    byte[] sound = Files.readAllBytes(Golden.file("models/resmini.onnx"));
    Path file = folder.resolve("mutated.onnx");
    // The weights are the greater part; the structure lies around them.
    refusals.assertNothingWorse(
        4000, random -> Files.write(file, ImportRefusals.mutated(sound, random, 12_000)));
  }
}

package org.aucmedi.xai.engine.pytorch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Set;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.aucmedi.xai.model.UnsupportedModelException;
import org.aucmedi.xai.testkit.Golden;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ModuleWeightsTest {

  /** The storage of w in {@link TensorPickle}. */
  private static final String FILE = "data/0";

  @TempDir private Path folder;

  @Test
  void layersOf_tracedFile_areTheModulesWithWeightsInTheirOrder() throws IOException {
    assertThat(ModuleWeights.layersOf(Golden.file("models/vanilla2d_traced.pt")))
        .containsExactly("features.0", "features.3", "features.6", "features.9", "fc", "preds");
  }

  @Test
  void writeRandomised_oneLayer_hasTheSpreadOfTheLearntWeightsAndLeavesTheOthers()
      throws IOException {
    Path model = Golden.file("models/vanilla2d_traced.pt");
    Path first = randomised(model, 1, "fc");
    int changed = 0;
    try (ModuleArchive before = ModuleArchive.open(model);
        ModuleArchive after = ModuleArchive.open(first)) {
      after.check(Files.size(first));
      for (int i = 0; before.contains("data/" + i); i++) {
        float[] learnt = floats(before.readTensor("data/" + i));
        float[] drawn = floats(after.readTensor("data/" + i));
        if (!Arrays.equals(learnt, drawn)) {
          changed++;
          assertThat(drawn).hasSameSizeAs(learnt);
          double spread = spread(learnt);
          // Five standard errors.
          double error = 5 * spread / Math.sqrt(learnt.length);
          assertThat(mean(drawn)).isCloseTo(mean(learnt), within(error));
          assertThat(spread(drawn)).isCloseTo(spread, within(error));
        }
      }
    }
    // A weight and a bias.
    assertThat(changed).isEqualTo(2);
    assertThat(randomised(model, 1, "fc")).hasSameBinaryContentAs(first);
    assertThat(Files.mismatch(randomised(model, 2, "fc"), first)).isNotNegative();
  }

  @Test
  void writeRandomised_partOfAStorage_leavesTheRest() throws IOException {
    // Two of six numbers: every second one, from number 1 on.
    String two = TensorPickle.integer(2);
    Path model = archive(TensorPickle.of("FloatStorage", 6, 1, two, two), 1, 2, 3, 4, 5, 6);
    float[] drawn;
    try (ModuleArchive after = ModuleArchive.open(randomised(model, 3, ""))) {
      drawn = floats(after.readTensor(FILE));
    }
    assertThat(drawn).hasSize(6);
    assertThat(new float[] {drawn[0], drawn[2], drawn[4], drawn[5]}).containsExactly(1, 3, 5, 6);
    assertThat(drawn[1]).isNotEqualTo(2f);
    assertThat(drawn[3]).isNotEqualTo(4f).isCloseTo(3, within(5f));
  }

  @Test
  void weights_halfOrNone_areRefused() throws IOException {
    String one = TensorPickle.integer(1);
    Path half = archive(TensorPickle.of("HalfStorage", 2, 0, one, one), 1);
    assertThatExceptionOfType(UnsupportedModelException.class)
        .isThrownBy(() -> ModuleWeights.layersOf(half))
        .withMessageContaining("'w' are Half")
        .withMessageContaining("model.float()");
    Path whole = archive(TensorPickle.of("LongStorage", 1, 0, one, one), 1, 2);
    assertThatExceptionOfType(UnsupportedModelException.class)
        .isThrownBy(() -> ModuleWeights.layersOf(whole))
        .withMessageContaining("no weights that can be replaced");
  }

  private Path randomised(Path model, long seed, String layer) throws IOException {
    Path copy = Files.createTempFile(folder, "copy", ".pt");
    try (ModuleArchive archive = ModuleArchive.open(model);
        OutputStream out = Files.newOutputStream(copy)) {
      new ModuleWeights(archive).writeRandomised(Set.of(layer), seed, out);
    }
    return copy;
  }

  private Path archive(byte[] pickle, float... values) throws IOException {
    Path file = Files.createTempFile(folder, "model", ".pt");
    ByteBuffer bytes = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asFloatBuffer().put(values);
    try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(file))) {
      put(zip, "data.pkl", pickle);
      put(zip, "constants.pkl", new byte[] {(byte) 0x80, 2, ')', '.'});
      put(zip, "code/__torch__.py", new byte[] {'\n'});
      put(zip, FILE, bytes.array());
    }
    return file;
  }

  private static void put(ZipOutputStream zip, String name, byte[] content) throws IOException {
    zip.putNextEntry(new ZipEntry("net/" + name));
    zip.write(content);
    zip.closeEntry();
  }

  private static float[] floats(byte[] bytes) {
    float[] values = new float[bytes.length / 4];
    ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().get(values);
    return values;
  }

  private static double mean(float[] values) {
    double sum = 0;
    for (float value : values) {
      sum += value;
    }
    return sum / values.length;
  }

  private static double spread(float[] values) {
    double mean = mean(values);
    double sum = 0;
    for (float value : values) {
      sum += (value - mean) * (value - mean);
    }
    return Math.sqrt(sum / values.length);
  }
}

package org.aucmedi.xai.methods;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.assertj.core.data.Offset;
import org.aucmedi.xai.array.BatchAxes;
import org.aucmedi.xai.error.XAIException;
import org.aucmedi.xai.model.ChannelLayout;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BaselineIT {

  private static final BatchAxes AXES =
      new BatchAxes(new Shape(1, 2, 2, 3), ChannelLayout.CHANNELS_FIRST);
  private static final float[] IMAGE = {0, 1, 2, 3, 4, 5, 10, 10, 10, 10, 10, 16};

  private static NDManager manager;

  @TempDir private Path folder;

  @BeforeAll
  static void startEngine() {
    manager = NDManager.newBaseManager();
  }

  @AfterAll
  static void close() {
    manager.close();
  }

  @Test
  void constant_isEverywhere() {
    assertThat(Baseline.parse("-1.5").of(IMAGE, AXES, manager)).hasSize(12).containsOnly(-1.5f);
  }

  @Test
  void mean_isThatOfEachChannel() {
    assertThat(Baseline.parse("mean").of(IMAGE, AXES, manager))
        .containsExactly(2.5f, 2.5f, 2.5f, 2.5f, 2.5f, 2.5f, 11, 11, 11, 11, 11, 11);
  }

  @Test
  void blur_ofAStep_isMonotoneAndKeepsTheEndsAndTheSum() {
    int size = 101;
    BatchAxes axes = new BatchAxes(new Shape(1, 1, 1, size), ChannelLayout.CHANNELS_FIRST);
    float[] step = new float[size];
    for (int i = size / 2 + 1; i < size; i++) {
      step[i] = 1;
    }
    step[size / 2] = 0.5f;
    float[] blurred = Baseline.parse("blur").of(step, axes, manager);
    assertThat(blurred[0]).isZero();
    assertThat(blurred[size - 1]).isEqualTo(1, Offset.offset(1e-6f));
    assertThat(blurred[size / 2]).isEqualTo(0.5f, Offset.offset(1e-6f));
    // Three boxes of 11 positions reach 15 positions and have the variance 3 * (11^2 - 1) / 12 =
    // 30.
    assertThat(blurred[size / 2 - 16]).isZero();
    assertThat(blurred[size / 2 - 15]).isPositive();
    double variance = 0;
    for (int i = 1; i < size; i++) {
      assertThat(blurred[i]).isGreaterThanOrEqualTo(blurred[i - 1] - 1e-6f);
      double position = i - (size + 0.0) / 2;
      variance += (blurred[i] - blurred[i - 1]) * position * position;
    }
    // The step itself is half a position wide on either side of the middle.
    assertThat(variance).isEqualTo(30.25, Offset.offset(1e-2));
  }

  @Test
  void npyFile_channelsLast_isReadIntoTheModelsLayout() throws IOException {
    Path file = npy("blank.npy", new float[] {0, 100, 1, 101, 2, 102, 3, 103, 4, 104, 5, 105});
    assertThat(Baseline.parse(file.toString()).of(IMAGE, AXES, manager))
        .containsExactly(0, 1, 2, 3, 4, 5, 100, 101, 102, 103, 104, 105);
  }

  @Test
  void npyFile_asked_isReadOnce() throws IOException {
    Path file = npy("once.npy", new float[] {0, 100, 1, 101, 2, 102, 3, 103, 4, 104, 5, 105});
    Baseline baseline = Baseline.parse(file.toString());
    float[] first = baseline.of(IMAGE, AXES, manager);
    Files.delete(file);
    assertThat(baseline.of(IMAGE, AXES, manager)).isEqualTo(first);
    assertThat(baseline).isEqualTo(new Baseline.NpyFile(file)).hasToString(file.toString());
  }

  @Test
  void npyFile_largerThanTheImageCanTake_isNotRead() throws IOException {
    Baseline baseline = Baseline.parse(npy("large.npy", new float[6 * 2000]).toString());
    assertThatThrownBy(() -> baseline.of(IMAGE, AXES, manager))
        .isInstanceOf(XAIException.class)
        .hasMessageContainingAll("large.npy", "bytes", "(2, 3, 2)");
  }

  @Test
  void npyFile_anotherShape_saysBoth() throws IOException {
    Baseline baseline = Baseline.parse(npy("small.npy", new float[6]).toString());
    assertThatThrownBy(() -> baseline.of(IMAGE, AXES, manager))
        .isInstanceOf(XAIException.class)
        .hasMessageContainingAll("small.npy", "(1, 3, 2)", "(2, 3, 2)", "channels come last");
  }

  @Test
  void npyFile_brokenOrMissing_isNamed() throws IOException {
    Path file = Files.writeString(folder.resolve("broken.npy"), "this is no array");
    Baseline broken = Baseline.parse(file.toString());
    assertThatThrownBy(() -> broken.of(IMAGE, AXES, manager))
        .isInstanceOf(XAIException.class)
        .hasMessageContaining("broken.npy");
    assertThatThrownBy(() -> Baseline.parse(folder.resolve("none.npy").toString()))
        .isInstanceOf(IllegalArgumentException.class);
  }

  private Path npy(String name, float[] values) throws IOException {
    String header =
        "{'descr': '<f8', 'fortran_order': False, 'shape': (" + values.length / 6 + ", 3, 2), }\n";
    ByteBuffer bytes =
        ByteBuffer.allocate(10 + header.length() + 8 * values.length)
            .order(ByteOrder.LITTLE_ENDIAN)
            .put(new byte[] {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0})
            .putShort((short) header.length())
            .put(header.getBytes(StandardCharsets.US_ASCII));
    for (float value : values) {
      bytes.putDouble(value);
    }
    return Files.write(folder.resolve(name), bytes.array());
  }
}

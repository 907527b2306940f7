package org.aucmedi.xai.importer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import ai.djl.ndarray.types.Shape;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.junit.jupiter.api.Test;

final class ConstantTest {

  @Test
  void permuted_threeAxes_movesEveryElement() {
    float[] values = new float[2 * 3 * 4];
    for (int i = 0; i < values.length; i++) {
      values[i] = i;
    }
    Constant permuted = Constant.of(values, 2, 3, 4).permuted(2, 0, 1);
    assertThat(permuted.shape()).isEqualTo(new Shape(4, 2, 3));
    float[] moved = permuted.floats();
    for (int a = 0; a < 2; a++) {
      for (int b = 0; b < 3; b++) {
        for (int c = 0; c < 4; c++) {
          assertThat(moved[(c * 2 + a) * 3 + b]).isEqualTo(values[(a * 3 + b) * 4 + c]);
        }
      }
    }
  }

  @Test
  void permuted_everySizeOfElement_movesWholeElements() {
    for (ElementType type : ElementType.values()) {
      ByteBuffer bytes = ByteBuffer.allocate(6 * type.bytes());
      for (int i = 0; i < bytes.capacity(); i++) {
        bytes.put(i, (byte) (i / type.bytes()));
      }
      ByteBuffer moved = Constant.of(type, new Shape(2, 3), bytes).permuted(1, 0).bytes();
      for (int i = 0; i < moved.remaining(); i++) {
        assertThat((int) moved.get(i)).isEqualTo(new int[] {0, 3, 1, 4, 2, 5}[i / type.bytes()]);
      }
    }
  }

  @Test
  void floats_halfPrecision_areExact() {
    ByteBuffer bytes = ByteBuffer.allocate(12).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asShortBuffer().put(new short[] {0x3c00, (short) 0xc000, 0x7bff, 0x0001, 0x7c00, 0x0000});
    assertThat(Constant.of(ElementType.FLOAT16, new Shape(6), bytes).floats())
        .containsExactly(1, -2, 65504, 0x1p-24f, Float.POSITIVE_INFINITY, 0);
    bytes.asShortBuffer().put(new short[] {0x3f80, (short) 0xc000, 0x4049, 0, 0x7f80, 1});
    assertThat(Constant.of(ElementType.BFLOAT16, new Shape(6), bytes).floats())
        .startsWith(1, -2, 3.140625f, 0, Float.POSITIVE_INFINITY);
  }

  @Test
  void of_tooFewBytes_isRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Constant.of(new float[5], 2, 3))
        .withMessageContaining("(2, 3)")
        .withMessageContaining("24 bytes, not 20");
  }
}

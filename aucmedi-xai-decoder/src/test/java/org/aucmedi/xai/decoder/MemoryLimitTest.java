package org.aucmedi.xai.decoder;

import static org.assertj.core.api.Assertions.assertThat;

import org.aucmedi.xai.array.ImageArray;
import org.aucmedi.xai.array.SampleType;
import org.junit.jupiter.api.Test;

final class MemoryLimitTest {

  @Test
  void ofHeap_isAnEighthUpTo512MiB() {
    assertThat(MemoryLimit.ofHeap(2L << 30).values()).isEqualTo(1L << 26);
    assertThat(MemoryLimit.ofHeap(4L << 30).values()).isEqualTo(1L << 27);
    assertThat(MemoryLimit.ofHeap(64L << 30).values()).isEqualTo(1L << 27);
  }

  @Test
  void share_dividesTheLimit_andLeavesOneValue() {
    assertThat(new MemoryLimit(100).share(3).values()).isEqualTo(33);
    assertThat(new MemoryLimit(2).share(3).values()).isEqualTo(1);
  }

  @Test
  void mapsPerPass_areBoundedByMapsAndByGradients() {
    ImageArray image = ImageArray.of(new int[] {4, 5}, 3, new float[60], SampleType.FLOAT);

    assertThat(MemoryLimit.valuesOf(image)).isEqualTo(60);
    assertThat(new MemoryLimit(100).mapsPerPass(image)).isEqualTo(5);
    assertThat(new MemoryLimit(10).mapsPerPass(image)).isEqualTo(1);
    assertThat(new MemoryLimit(Long.MAX_VALUE).mapsPerPass(image)).isEqualTo((1 << 28) / 60);
  }
}

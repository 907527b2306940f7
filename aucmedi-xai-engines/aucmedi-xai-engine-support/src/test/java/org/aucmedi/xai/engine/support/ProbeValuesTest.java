package org.aucmedi.xai.engine.support;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import ai.djl.ndarray.types.Shape;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ProbeValuesTest {

  @ParameterizedTest
  @CsvSource({"1,1,1", "7,5,3", "13,26,1", "3,40,56", "1,1000,2000", "64,300,300"})
  void like_anyShape_hasBothSignsInEveryPlaceAndAllMagnitudes(int c, int h, int w) {
    ProbeValues values = ProbeValues.like(new Shape(4, c, h, w), 0);

    int rows = (int) values.shape().get(0);
    int size = values.data().length / rows;
    assertThat(rows % 2).isZero();
    assertThat(values.data().length).isLessThanOrEqualTo(1 << 22);
    assertThat(values.shape().get(1)).isEqualTo(c);
    for (int p = 0; p < rows; p += 2) {
      for (int i = 0; i < size; i++) {
        assertThat(values.data()[p * size + i]).isEqualTo(-values.data()[(p + 1) * size + i] + 0f);
      }
    }
    for (float magnitude : new float[] {0, 0.125f, 0.5f, 1, 5.5f, 6, 6.5f, 1000}) {
      assertThat(values.data()).contains(magnitude, -magnitude);
    }
  }

  @Test
  void like_nothing_isRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ProbeValues.like(new Shape(1, 0, 4), 0))
        .withMessageContaining("(1, 0, 4)");
  }

  @Test
  void become_relusAndTheirNeighbours_areToldApart() {
    ProbeValues values = ProbeValues.like(new Shape(1, 2, 5, 5), 0);

    assertThat(values.become(mapped(values, x -> Math.max(x, 0)), ReluKind.RELU::of)).isTrue();
    assertThat(values.become(mapped(values, x -> Math.min(Math.max(x, 0), 6)), ReluKind.RELU6::of))
        .isTrue();
    List<ProbeValues.Scalar> others =
        List.of(
            x -> x,
            Math::abs,
            x -> x > 0 ? x : 0.01f * x,
            x -> Math.max(x, -1),
            x -> Math.min(Math.max(x, 0), 5),
            x -> Math.min(Math.max(x, -1), 6),
            x -> Math.min(Math.max(x, 0), 100),
            x -> x > 0 ? x : (float) Math.expm1(x),
            x -> x > 0 ? 2 * x : 0,
            x -> Float.NaN);
    for (ProbeValues.Scalar other : others) {
      float[] found = mapped(values, other);
      assertThat(values.become(found, ReluKind.RELU::of)).isFalse();
      assertThat(values.become(found, ReluKind.RELU6::of)).isFalse();
    }
  }

  @Test
  void areBent_nonlinearitiesOnly_areBent() {
    ProbeValues values = ProbeValues.like(new Shape(1, 2, 5, 5), 0);

    assertThat(values.areBent(mapped(values, x -> (float) Math.tanh(x)))).isTrue();
    assertThat(values.areBent(mapped(values, x -> 1 / (1 + (float) Math.exp(-x))))).isTrue();
    assertThat(values.areBent(mapped(values, x -> x))).isFalse();
    assertThat(values.areBent(mapped(values, x -> 0.5f - 3 * x))).isFalse();
    float[] shifted = mapped(values, Math::abs);
    System.arraycopy(shifted.clone(), 0, shifted, 1, shifted.length - 1);
    assertThat(values.areBent(shifted)).as("not of each value alone").isFalse();
  }

  @Test
  void areShares_softmaxOfChannelsOrOfTheLastAxis_areShares() {
    ProbeValues values = ProbeValues.like(new Shape(1, 3, 2, 4), 0);
    float[] channels = new float[values.data().length];
    float[] last = new float[values.data().length];
    for (int i = 0; i < channels.length; i++) {
      channels[i] = new float[] {0.5f, 0.3f, 0.2f}[i / 8 % 3];
      last[i] = 0.25f;
    }

    assertThat(values.areShares(channels)).isTrue();
    assertThat(values.areShares(last)).isTrue();
    last[5] = 0.3f;
    assertThat(values.areShares(last)).isFalse();
    assertThat(values.areShares(mapped(values, x -> x))).isFalse();
  }

  @Test
  void arePooled_lessSpacePerChannel_isPooling() {
    ProbeValues values = ProbeValues.like(new Shape(1, 3, 4, 4), 0);

    assertThat(values.arePooled(new Shape(4, 3, 2, 2), new float[48])).isTrue();
    assertThat(values.arePooled(new Shape(4, 3), new float[12])).isTrue();
    assertThat(values.arePooled(new Shape(4, 48), new float[192])).as("flattened").isFalse();
    assertThat(values.arePooled(new Shape(4, 6, 2, 2), new float[96])).isFalse();
    float[] summed = new float[12];
    summed[1] = 4000;
    assertThat(values.arePooled(new Shape(4, 3), summed)).isFalse();
  }

  @Test
  void sum_variants_areExactAndMixSigns() {
    List<ProbeValues> branches =
        List.of(ProbeValues.like(new Shape(1, 9), 0), ProbeValues.like(new Shape(1, 9), 1));

    ProbeValues sum = ProbeValues.sum(branches);

    int size = sum.data().length / (int) sum.shape().get(0);
    for (int position = 0; position < size; position++) {
      if (branches.get(0).data()[position] != 0 && branches.get(1).data()[position] != 0) {
        Set<String> signs = new HashSet<>();
        for (int i = position; i < 4 * size; i += size) {
          signs.add((branches.get(0).data()[i] > 0) + " " + (branches.get(1).data()[i] > 0));
        }
        assertThat(signs).hasSize(4);
      }
    }
    for (int i = 0; i < sum.data().length; i++) {
      assertThat((double) sum.data()[i])
          .isEqualTo((double) branches.get(0).data()[i] + branches.get(1).data()[i]);
    }
  }

  private static float[] mapped(ProbeValues values, ProbeValues.Scalar function) {
    float[] mapped = values.data().clone();
    for (int i = 0; i < mapped.length; i++) {
      mapped[i] = function.of(mapped[i]);
    }
    return mapped;
  }
}

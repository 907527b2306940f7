package org.aucmedi.xai.array;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

final class PlacementTest {

  private static final Geometry GEOMETRY =
      Geometry.of(
          new double[] {0.5, 2, 3},
          new double[] {10, 20, 30},
          new double[][] {{0, 1, 0}, {-1, 0, 0}, {0, 0, 1}});

  @Test
  void back_afterCrop_isZeroOutside() {
    Placement crop = Placement.shifted(new int[] {3, 4}, new int[] {2, 2}, new int[] {1, 1});

    assertThat(crop.back(new float[] {1, 2, 3, 4}))
        .containsExactly(0, 0, 0, 0, 0, 1, 2, 0, 0, 3, 4, 0);
  }

  @Test
  void back_afterPadding_leavesTheMarginOut() {
    Placement pad = Placement.shifted(new int[] {1, 2}, new int[] {3, 4}, new int[] {-1, -1});

    assertThat(pad.back(new float[] {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12})).containsExactly(6, 7);
  }

  /** The padding behind a crop shows nothing of what the crop cut away. */
  @Test
  void back_cropThenPadding_isZeroWhereTheCropCut() {
    Placement both =
        Placement.shifted(new int[] {1, 5}, new int[] {1, 2}, new int[] {0, 2})
            .then(Placement.shifted(new int[] {1, 2}, new int[] {1, 6}, new int[] {0, -2}));

    assertThat(both.back(new float[] {1, 2, 3, 4, 5, 6})).containsExactly(0, 0, 3, 4, 0);
    assertThat(both.back(new float[] {1, 2, 3, 4, 5, 6}, 0.5f))
        .containsExactly(0.5f, 0.5f, 3, 4, 0.5f);
  }

  /** A map that is linear in the image before comes back as it was. */
  @Test
  void back_afterResizing_isLinear() {
    Placement larger = Placement.resized(new int[] {1, 4}, new int[] {1, 12});
    float[] map = new float[12];
    for (int i = 0; i < 12; i++) {
      map[i] = (float) ((i + 0.5) / 3 - 0.5);
    }

    float[] back = larger.back(map);

    for (int i = 0; i < 4; i++) {
      assertThat((double) back[i]).isCloseTo(i, within(1e-6));
    }
  }

  @Test
  void geometry_ofAChain_keepsPositions() {
    Placement chain =
        Placement.shifted(new int[] {6, 8, 9}, new int[] {4, 8, 5}, new int[] {1, 0, 3})
            .then(Placement.resized(new int[] {4, 8, 5}, new int[] {8, 4, 5}))
            .then(
                Placement.shifted(new int[] {8, 4, 5}, new int[] {8, 8, 8}, new int[] {0, -2, -1}));

    Geometry after = chain.geometry(GEOMETRY);

    // Column 3, row 5, slice 4: back through the padding, the resizing and the crop.
    double column = 3 - 1 + 3;
    double row = (5 - 2 + 0.5) * 2 - 0.5;
    double slice = (4 + 0.5) / 2 - 0.5 + 1;
    assertThat(after.position(3, 5, 4))
        .containsExactly(GEOMETRY.position(column, row, slice), within(1e-9));
    assertThat(chain.geometry(null)).isNull();
  }

  @Test
  void isSame_onlyWhereNothingMoves() {
    assertThat(Placement.same(3, 4).isSame()).isTrue();
    assertThat(
            Placement.shifted(new int[] {4}, new int[] {2}, new int[] {1})
                .then(Placement.shifted(new int[] {2}, new int[] {4}, new int[] {-1}))
                .isSame())
        .isFalse();
  }

  @Test
  void misfits_areRefused() {
    Placement same = Placement.same(3, 4);

    assertThatIllegalArgumentException()
        .isThrownBy(() -> same.then(Placement.same(4, 3)))
        .withMessage("a step that takes [4, 3] cannot follow one that gives [3, 4]");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> same.back(new float[11]))
        .withMessage("11 values do not fill [3, 4]");
    assertThatIllegalArgumentException()
        .isThrownBy(
            () -> Placement.of(new int[] {2}, new int[] {2}, new double[] {0}, new double[] {0}))
        .withMessageStartingWith("no placement of [2] in [2]");
  }
}

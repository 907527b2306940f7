package org.aucmedi.xai.array;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

final class GeometryTest {

  /** x to the right, y to the front, z up, turned by 30 degrees around z. */
  private static final double[][] RAS = {
    {0.5 * Math.cos(Math.PI / 6), -0.7 * 0.5, 0, -10},
    {0.5 * 0.5, 0.7 * Math.cos(Math.PI / 6), 0, 20},
    {0, 0, 3, 30},
    {0, 0, 0, 1}
  };

  @Test
  void ofRasAffine_positions_haveTheirFirstTwoSignsReversed() {
    Geometry geometry = Geometry.ofRasAffine(RAS);
    assertThat(geometry.spacing()).containsExactly(new double[] {0.5, 0.7, 3}, within(1e-12));
    assertThat(geometry.origin()).containsExactly(10, -20, 30);
    double[] position = geometry.position(2, 4, 5);
    for (int row = 0; row < 3; row++) {
      double ras = RAS[row][0] * 2 + RAS[row][1] * 4 + RAS[row][2] * 5 + RAS[row][3];
      assertThat(position[row]).isCloseTo(row < 2 ? -ras : ras, within(1e-12));
      assertThat(geometry.rasAffine()[row]).containsExactly(RAS[row], within(1e-12));
    }
    assertThat(geometry.orientation()).isEqualTo("RAS");
  }

  @Test
  void startingAt_voxelOfTheCrop_staysWhereItIs() {
    Geometry geometry = Geometry.ofRasAffine(RAS);
    assertThat(geometry.startingAt(3, -1, 2).position(1, 1, 1))
        .containsExactly(geometry.position(4, 0, 3), within(1e-12));
  }

  @Test
  void resized_edgesOfTheImage_stayWhereTheyAre() {
    Geometry geometry = Geometry.ofRasAffine(RAS);
    Geometry half = geometry.resized(new int[] {8, 6, 4}, new int[] {4, 6, 2});
    assertThat(half.spacing()).containsExactly(new double[] {1, 0.7, 6}, within(1e-12));
    assertThat(half.position(-0.5, -0.5, -0.5))
        .containsExactly(geometry.position(-0.5, -0.5, -0.5), within(1e-12));
    assertThat(half.position(1.5, 5.5, 3.5))
        .containsExactly(geometry.position(3.5, 5.5, 7.5), within(1e-12));
  }

  @Test
  void of_badNumbers_areRefused() {
    double[][] axes = {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}};
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Geometry.of(new double[] {1, 0, 1}, new double[3], axes))
        .withMessage("a spacing must be three positive numbers, got [1.0, 0.0, 1.0]");
    assertThatIllegalArgumentException()
        .isThrownBy(
            () -> Geometry.of(new double[] {1, 1, 1}, new double[] {Double.NaN, 0, 0}, axes))
        .withMessageContaining("NaN");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Geometry.ofRasAffine(new double[3][4]))
        .withMessageContaining("spacing");
  }
}

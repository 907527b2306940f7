package org.aucmedi.xai.methods.perturbation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;

final class PatchesTest {

  @Test
  void places_strideBelowPatch_stopAtTheEdge() {
    Patches patches = new Patches(new int[] {7}, new int[] {4}, new int[] {2});
    assertThat(patches.count()).isEqualTo(3);
    assertThat(patches.positions(0)).containsExactly(0, 1, 2, 3);
    assertThat(patches.positions(1)).containsExactly(2, 3, 4, 5);
    assertThat(patches.positions(2)).containsExactly(4, 5, 6);
  }

  @Test
  void places_ofAnImageNoMultipleOfThePatch_areCut() {
    Patches patches = new Patches(new int[] {3, 5}, new int[] {2, 4}, new int[] {2, 4});
    assertThat(patches.count()).isEqualTo(4);
    assertThat(patches.positions(0)).containsExactly(0, 1, 2, 3, 5, 6, 7, 8);
    assertThat(patches.positions(1)).containsExactly(4, 9);
    assertThat(patches.positions(2)).containsExactly(10, 11, 12, 13);
    assertThat(patches.positions(3)).containsExactly(14);
  }

  @Test
  void places_patchBeyondTheImage_isAllOfIt() {
    Patches patches = new Patches(new int[] {2, 1, 2}, new int[] {9, 9, 9}, new int[] {1, 1, 1});
    assertThat(patches.count()).isEqualTo(1);
    assertThat(patches.positions(0)).containsExactly(0, 1, 2, 3);
  }

  @Test
  void patches_strideAbovePatch_isRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Patches(new int[] {8, 8}, new int[] {4, 2}, new int[] {4, 3}))
        .withMessageContaining("stride 3 is larger than the patch 2");
  }
}

package org.aucmedi.xai.viewer.niivue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.aucmedi.xai.array.Geometry;
import org.aucmedi.xai.array.ImageArray;
import org.aucmedi.xai.imaging.ImageLoader;
import org.aucmedi.xai.report.RunVolumes.Grid;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the reader of NIfTI files, which is checked against nibabel, makes of them. */
final class NiftiTest {

  @TempDir private Path folder;

  private static Grid grid(String axes, float low, float high) {
    byte[] values = new byte[24];
    for (int i = 0; i < 24; i++) {
      values[i] = (byte) (11 * i);
    }
    return new Grid(new int[] {2, 3, 4}, new double[] {3, 2, 1.5}, axes, values, low, high);
  }

  private ImageArray read(Grid grid) throws IOException {
    Path file = Files.write(folder.resolve("a.nii.gz"), Nifti.compressed(grid));
    return ImageLoader.load(file, false);
  }

  @ParameterizedTest
  @ValueSource(strings = {"LPS", "RAS", "PIR", "SLA"})
  void file_hasGeometryAndValues(String axes) throws IOException {
    ImageArray image = read(grid(axes, -1, 4));

    assertThat(image.spatialShape()).containsExactly(2, 3, 4);
    Geometry geometry = image.geometry();
    assertThat(geometry.orientation()).isEqualTo(axes);
    assertThat(geometry.spacing()).containsExactly(1.5, 2, 3);
    for (int i = 0; i < 24; i++) {
      assertThat((double) image.values()[i]).isCloseTo(-1 + 5 * (11 * i) / 255.0, within(1e-6));
    }
  }

  @Test
  void file_ofAFlatMap_hasItsValue() throws IOException {
    Grid flat =
        new Grid(new int[] {1, 1, 2}, new double[] {1, 1, 1}, "", new byte[2], 0.25f, 0.25f);

    assertThat(read(flat).values()).containsExactly(0.25f, 0.25f);
  }

  @Test
  void isClear_threeLines_eachOnce() {
    assertThat(Nifti.isClear("LPS")).isTrue();
    assertThat(Nifti.isClear("LRS")).isFalse();
    assertThat(Nifti.isClear("")).isFalse();
  }
}

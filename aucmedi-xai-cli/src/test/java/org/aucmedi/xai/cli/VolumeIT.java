package org.aucmedi.xai.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.aucmedi.xai.array.Colormap;
import org.aucmedi.xai.array.ImageArray;
import org.aucmedi.xai.imaging.ImageLoader;
import org.aucmedi.xai.imaging.medical.dicom.DataSet;
import org.aucmedi.xai.imaging.medical.dicom.DicomFile;
import org.aucmedi.xai.imaging.medical.dicom.Tags;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A volume as NIfTI and as a DICOM series, explained by a 3-D Keras network. */
final class VolumeIT {

  private static final Path FILES = Path.of("src/test/resources/volume");

  @TempDir private Path folder;

  @ParameterizedTest
  @ValueSource(strings = {"gradcam", "saliency", "occlusionsensitivity"})
  void niftiAndSeries_giveTheSameMapAtTheSamePlace(String method) {
    assertThat(explain("nifti", method, FILES.resolve("volume.nii.gz"), "nii.gz").code()).isZero();
    assertThat(explain("series", method, FILES.resolve("series"), "nii.gz", "--series").code())
        .isZero();

    ImageArray ofNifti = load("nifti/volume.nii.gz");
    ImageArray ofSeries = load("series/series.nii.gz");
    assertThat(ofNifti.spatialShape()).containsExactly(6, 8, 10);
    assertThat(ofSeries.values()).isEqualTo(ofNifti.values());
    for (double[] voxel : new double[][] {{0, 0, 0}, {9, 7, 5}}) {
      assertThat(ofSeries.geometry().position(voxel[0], voxel[1], voxel[2]))
          .containsExactly(ofNifti.geometry().position(voxel[0], voxel[1], voxel[2]), within(1e-4));
    }
  }

  /** Voxels are 2.5, 0.5 and 0.75 mm apart, in NIfTI and in the series. */
  @Test
  void patchInMillimetres_isTheOneOfAsManyVoxels() {
    String[] voxels = {"--option", "patch=2x4x4"};
    String[] millimetres = {"--option", "patch=5x2x3mm"};
    Path volume = FILES.resolve("volume.nii.gz");
    Path series = FILES.resolve("series");
    String method = "occlusionsensitivity";
    assertThat(explain("voxels", method, volume, "nii.gz", voxels).code()).isZero();
    assertThat(explain("mm", method, volume, "nii.gz", millimetres).code()).isZero();
    assertThat(
            explain("series", method, series, "nii.gz", "--series", "--option", "patch=5x2x3mm")
                .code())
        .isZero();

    float[] expected = load("voxels/volume.nii.gz").values();
    assertThat(load("mm/volume.nii.gz").values()).isEqualTo(expected);
    assertThat(load("series/series.nii.gz").values()).isEqualTo(expected);
    assertThat(expected).doesNotContain(Float.NaN);
    assertThat(explain("other", method, volume, "nii.gz", "--option", "patch=5x2x3").code())
        .isZero();
    assertThat(load("other/volume.nii.gz").values()).isNotEqualTo(expected);
  }

  @Test
  void mapLiesOnTheBrightBlockInMillimetres() {
    assertThat(explain("out", "saliency", FILES.resolve("volume.nii.gz"), "mha").code()).isZero();

    ImageArray source = ImageLoader.load(FILES.resolve("volume.nii.gz"), false);
    ImageArray map = load("out/volume.mha");
    // As written by tools/volume_fixtures.py: LPS -12, 30.5, -100 and steps of 0.75, 0.5, 2.5 mm.
    assertThat(source.at(2, 3, 5, 0)).isEqualTo(1500);
    assertThat(map.geometry().position(5, 3, 2))
        .containsExactly(new double[] {-8.25, 32, -95}, within(1e-4));
    assertThat(map.geometry().position(5, 3, 2))
        .containsExactly(source.geometry().position(5, 3, 2), within(1e-4));
  }

  @Test
  void numbersAsDicom_areAParametricMapOfThePatient() {
    Path series = FILES.resolve("series");
    assertThat(explain("out", "saliency", series, "dcm", "--series", "--no-overlay").code())
        .isZero();
    assertThat(explain("numbers", "saliency", series, "nii.gz", "--series").code()).isZero();

    DataSet map = DicomFile.read(folder.resolve("out/series.dcm")).dataSet();
    assertThat(map.string(Tags.PATIENT_NAME)).hasValue("Volume^Test");
    assertThat(map.string(Tags.STUDY_INSTANCE_UID)).hasValue("2.25.3");
    assertThat(map.string(Tags.FRAME_OF_REFERENCE_UID)).hasValue("2.25.5");
    float[] numbers = new float[480];
    ByteBuffer.wrap(map.bytes(Tags.FLOAT_PIXEL_DATA))
        .order(ByteOrder.LITTLE_ENDIAN)
        .asFloatBuffer()
        .get(numbers);
    assertThat(numbers).isEqualTo(load("numbers/series.nii.gz").values());
  }

  @Test
  void overlayAsDicom_hasTheColoursOfEachVoxelInItsPlace() {
    Path series = FILES.resolve("series");
    assertThat(explain("out", "saliency", series, "dcm", "--series", "--alpha", "1").code())
        .isZero();
    assertThat(explain("numbers", "saliency", series, "nii.gz", "--series").code()).isZero();

    DataSet overlay = DicomFile.read(folder.resolve("out/series.dcm")).dataSet();
    byte[] pixels = overlay.bytes(Tags.PIXEL_DATA);
    float[] map = load("numbers/series.nii.gz").values();
    assertThat(overlay.integer(Tags.NUMBER_OF_FRAMES)).hasValue(6);
    for (int voxel = 0; voxel < map.length; voxel++) {
      for (int c = 0; c < 3; c++) {
        assertThat(pixels[voxel * 3 + c] & 0xff)
            .isEqualTo((int) Colormap.JET.intensity((int) (map[voxel] * 255), c));
      }
    }
  }

  @Test
  void signsAsDicom_areDrawnAroundGrey() {
    Path volume = FILES.resolve("volume.nii.gz");
    assertThat(
            explain("out", "gradcam", volume, "dcm", "--alpha", "1", "--colormap", "coolwarm")
                .code())
        .isZero();
    assertThat(explain("numbers", "gradcam", volume, "nii.gz", "--raw").code()).isZero();

    byte[] pixels =
        DicomFile.read(folder.resolve("out/volume.dcm")).dataSet().bytes(Tags.PIXEL_DATA);
    float[] raw = load("numbers/volume.nii.gz").values();
    float largest = 0;
    for (float value : raw) {
      largest = Math.max(largest, Math.abs(value));
    }
    for (int voxel = 0; voxel < raw.length; voxel++) {
      int colour = (int) (255 * (0.5f + 0.5f * (raw[voxel] / largest)));
      for (int c = 0; c < 3; c++) {
        assertThat(pixels[voxel * 3 + c] & 0xff)
            .isEqualTo((int) Colormap.COOLWARM.intensity(colour, c));
      }
    }
  }

  private ImageArray load(String file) {
    return ImageLoader.load(folder.resolve(file), false);
  }

  private Run explain(String out, String method, Path images, String format, String... more) {
    return Run.of(
        Stream.of(
                Stream.of("explain", "--model", FILES.resolve("net.keras").toString()),
                Stream.of("--images", images.toString(), "--method", method),
                Stream.of("--output", folder.resolve(out).toString(), "--format", format),
                Stream.of(more))
            .flatMap(options -> options)
            .toArray(String[]::new));
  }
}

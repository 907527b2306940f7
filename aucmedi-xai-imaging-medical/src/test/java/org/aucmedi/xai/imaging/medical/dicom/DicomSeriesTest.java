package org.aucmedi.xai.imaging.medical.dicom;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.aucmedi.xai.array.ImageArray;
import org.aucmedi.xai.imaging.ImageLoader;
import org.aucmedi.xai.imaging.UnreadableImageException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Folders of slices, whose place is known in closed form. */
final class DicomSeriesTest {

  @TempDir private Path folder;

  /** Slices 2.5 mm apart; names and places run in different directions. */
  private static Map<String, DataSet.Builder> axial(int count) {
    Map<String, DataSet.Builder> slices = new LinkedHashMap<>();
    for (int i = 0; i < count; i++) {
      int place = (i * 3) % count;
      slices.put(
          "IM" + i,
          DicomBytes.slice(place, -10, -20, 30 + 2.5 * place).putNumbers(Tags.INSTANCE_NUMBER, i));
    }
    return slices;
  }

  @Test
  void load_folder_isOneVolumeInTheOrderOfPlaces() throws IOException {
    DicomBytes.folder(folder, axial(5));
    Files.writeString(folder.resolve("README.txt"), "no slice");
    DicomBytes.write(folder.resolve("REPORT"), DataSet.builder().put(Tags.MODALITY, "SR").build());

    ImageArray volume = ImageLoader.load(folder, false);

    assertThat(volume.spatialShape()).containsExactly(5, 2, 3);
    for (int z = 0; z < 5; z++) {
      assertThat(volume.at(z, 1, 2, 0)).isEqualTo(z - 1000f);
    }
    assertThat(volume.geometry().spacing())
        .containsExactly(new double[] {0.5, 0.7, 2.5}, within(1e-9));
    assertThat(volume.geometry().position(2, 1, 4))
        .containsExactly(new double[] {-10 + 2 * 0.5, -20 + 0.7, 30 + 4 * 2.5}, within(1e-9));
  }

  @Test
  void load_obliqueSlices_haveTheAffineOfTheirPlanes() throws IOException {
    // Two rotations, by 30 degrees about z and then by 40 about x.
    double a = Math.toRadians(30);
    double b = Math.toRadians(40);
    double[] row = {Math.cos(a), Math.sin(a) * Math.cos(b), Math.sin(a) * Math.sin(b)};
    double[] column = {-Math.sin(a), Math.cos(a) * Math.cos(b), Math.cos(a) * Math.sin(b)};
    double[] normal = {0, -Math.sin(b), Math.cos(b)};
    double[] origin = {12, -34, 56};
    Map<String, DataSet.Builder> slices = new LinkedHashMap<>();
    for (int k : new int[] {2, 0, 3, 1}) {
      double[] position = new double[3];
      for (int i = 0; i < 3; i++) {
        position[i] = origin[i] + 1.2 * k * normal[i];
      }
      slices.put(
          "slice" + (9 - k),
          DicomBytes.slice(k, position)
              .putNumbers(
                  Tags.IMAGE_ORIENTATION_PATIENT,
                  row[0],
                  row[1],
                  row[2],
                  column[0],
                  column[1],
                  column[2]));
    }
    ImageArray volume = ImageLoader.load(DicomBytes.folder(folder, slices), false);

    double[][] affine = volume.geometry().affine();
    for (int i = 0; i < 3; i++) {
      assertThat(affine[i])
          .containsExactly(
              new double[] {0.5 * row[i], 0.7 * column[i], 1.2 * normal[i], origin[i]},
              within(1e-6));
    }
    assertThat(volume.at(3, 0, 0, 0)).isEqualTo(-997f);
  }

  @Test
  void load_slopesOfEachSlice_areApplied() throws IOException {
    Map<String, DataSet.Builder> slices = axial(4);
    int n = 1;
    for (DataSet.Builder slice : slices.values()) {
      slice.putNumbers(Tags.RESCALE_SLOPE, n++);
    }
    ImageArray volume = ImageLoader.load(DicomBytes.folder(folder, slices), false);
    // Places 0, 3, 2, 1 have the slopes 1 to 4.
    assertThat(volume.at(3, 0, 0, 0)).isEqualTo(3 * 2 - 1000f);
    assertThat(volume.at(1, 0, 0, 0)).isEqualTo(4 - 1000f);
  }

  @Test
  void load_missingSlice_isRefusedWithItsNeighbours() throws IOException {
    Map<String, DataSet.Builder> slices = axial(7);
    slices.remove("IM1"); // At place 3, between IM3 at 2 and IM6 at 4.
    assertRefused(slices, "a slice is missing: IM3 and IM6 lie 5.000 mm apart");
  }

  @Test
  void load_unevenSlices_areRefused() throws IOException {
    Map<String, DataSet.Builder> slices = axial(5);
    slices.get("IM3").putNumbers(Tags.IMAGE_POSITION_PATIENT, -10, -20, 40.5);
    assertRefused(slices, "its slices are not evenly spaced: IM1 and IM3 lie 3.000 mm apart");
  }

  @Test
  void load_sliceTwice_isRefusedWithBothNames() throws IOException {
    Map<String, DataSet.Builder> slices = axial(5);
    slices.put("copy", slices.get("IM3"));
    assertRefused(slices, "it has two slices at the same place, IM3 and copy");
  }

  @Test
  void load_otherOrientation_isRefusedWithItsName() throws IOException {
    Map<String, DataSet.Builder> slices = axial(5);
    slices.get("IM3").putNumbers(Tags.IMAGE_ORIENTATION_PATIENT, 1, 0, 0, 0, 0, -1);
    assertRefused(slices, "its slices are not parallel: IM3 differ in orientation from IM0");
  }

  @Test
  void load_otherSize_isRefusedWithItsName() throws IOException {
    Map<String, DataSet.Builder> slices = axial(5);
    slices.get("IM3").putNumbers(Tags.ROWS, 3).putNumbers(Tags.COLUMNS, 2);
    assertRefused(slices, "its slices differ in size or unit: 2 x 3", "3 x 2", "(IM3)");
  }

  @Test
  void load_otherUnit_isRefusedWithItsName() throws IOException {
    Map<String, DataSet.Builder> slices = axial(5);
    slices.values().forEach(slice -> slice.put(Tags.RESCALE_TYPE, "HU"));
    slices.get("IM3").put(Tags.RESCALE_TYPE, "US");
    assertRefused(slices, "its slices differ in size or unit", "in US (IM3)");
  }

  @Test
  void load_otherPixelSize_isRefusedWithItsName() throws IOException {
    Map<String, DataSet.Builder> slices = axial(5);
    slices.get("IM3").putNumbers(Tags.PIXEL_SPACING, 0.8, 0.8);
    assertRefused(slices, "its slices have pixels of different size: IM3 differ from IM0");
  }

  @Test
  void load_sliceWithoutPosition_isRefusedWithItsName() throws IOException {
    Map<String, DataSet.Builder> slices = axial(5);
    slices.get("IM3").remove(Tags.IMAGE_POSITION_PATIENT);
    assertRefused(slices, "its slices cannot be ordered: IM3 without ImagePositionPatient");
  }

  @Test
  void load_tiltedGantry_isRefusedWithTheAngleAndTheRemedy() throws IOException {
    Map<String, DataSet.Builder> slices = new LinkedHashMap<>();
    for (int i = 0; i < 5; i++) {
      slices.put("IM" + i, DicomBytes.slice(i, 0, i * 3 * Math.tan(Math.toRadians(15)), i * 3));
    }
    assertRefused(slices, "by a gantry tilt of 15.000 degrees", "dcm2niix");
  }

  @Test
  void load_severalSeries_areRefusedByName() throws IOException {
    Map<String, DataSet.Builder> slices = axial(5);
    slices
        .get("IM3")
        .put(Tags.SERIES_INSTANCE_UID, "2.25.78")
        .put(Tags.SERIES_DESCRIPTION, "Lung 1.0");
    assertRefused(slices, "it holds 2 series", "'CT' with 4 files", "'CT Lung 1.0' with 1 files");
    assertThat(DicomSeries.find(folder))
        .extracting(DicomSeries::uid)
        .containsExactly("2.25.77", "2.25.78");
    assertThat(DicomSeries.find(folder).get(1).files()).containsExactly(folder.resolve("IM3"));
  }

  @Test
  void load_singleSlice_isRefused() throws IOException {
    assertRefused(axial(1), "is one slice, which is no volume; give the file");
  }

  @Test
  void load_singleEnhancedFile_isItsVolume() throws IOException {
    DataSet.Builder frames =
        DicomBytes.slice(1, 0, 0, 0)
            .putNumbers(Tags.NUMBER_OF_FRAMES, 2)
            .put(Tags.PIXEL_DATA, Vr.OW, new byte[24]);
    ImageArray volume = ImageLoader.load(DicomBytes.folder(folder, Map.of("a", frames)), false);
    assertThat(volume.spatialShape()).containsExactly(2, 2, 3);
  }

  @Test
  void load_damagedSlice_isRefusedByName() throws IOException {
    DicomBytes.folder(folder, axial(5));
    byte[] bytes = Files.readAllBytes(folder.resolve("IM3"));
    Files.write(folder.resolve("IM3"), Arrays.copyOf(bytes, bytes.length - 3));
    assertThatExceptionOfType(UnreadableImageException.class)
        .isThrownBy(() -> ImageLoader.load(folder, false))
        .withMessageContaining("IM3: the file ends early");
  }

  @Test
  void load_moreValuesThanTheLimit_isRefused() throws IOException {
    DicomBytes.folder(folder, axial(5));
    assertThatExceptionOfType(UnreadableImageException.class)
        .isThrownBy(() -> ImageLoader.load(folder, new ImageLoader.Options(false, null, 9)))
        .withMessageContaining("its 5 slices have 30 values, more than the limit of 27");
  }

  @Test
  void find_files_groupsAndReadsEach() throws IOException {
    Map<String, DataSet.Builder> slices = axial(4);
    axial(4)
        .forEach((name, slice) -> slices.put("b" + name, slice.put(Tags.SERIES_INSTANCE_UID, "2")));
    DicomBytes.folder(folder, slices);

    List<DicomSeries> series = DicomSeries.find(folder);

    assertThat(series).hasSize(2);
    for (DicomSeries one : series) {
      assertThat(one.read(ImageLoader.Options.DEFAULT).spatialShape()).containsExactly(4, 2, 3);
    }
  }

  @Test
  void isSupported_directoryOfADisc_isNoImage() throws IOException {
    DataSet directory =
        DataSet.builder().put(Tags.MEDIA_STORAGE_SOP_CLASS_UID, "1.2.840.10008.1.3.10").build();
    Path file = DicomBytes.write(folder.resolve("DICOMDIR"), directory);
    assertThat(ImageLoader.isSupported(file)).isFalse();
    assertThat(ImageLoader.isSupported(folder)).isFalse();
    Files.write(folder.resolve("cut"), Arrays.copyOf(Files.readAllBytes(file), 150));
    assertThat(ImageLoader.isSupported(folder)).isTrue();
  }

  @Test
  void load_folderWithoutSlices_isRefused() throws IOException {
    Files.writeString(folder.resolve("a.txt"), "text");
    assertThat(ImageLoader.isSupported(folder)).isFalse();
    assertThatExceptionOfType(UnreadableImageException.class)
        .isThrownBy(() -> ImageLoader.load(folder, false))
        .withMessageContaining("it is a folder, but not of slices");
  }

  private void assertRefused(Map<String, DataSet.Builder> slices, String... parts)
      throws IOException {
    DicomBytes.folder(folder, slices);
    assertThatExceptionOfType(UnreadableImageException.class)
        .isThrownBy(() -> ImageLoader.load(folder, false))
        .satisfies(refusal -> assertThat(refusal).hasMessageContainingAll(folder.toString()))
        .satisfies(refusal -> assertThat(refusal).hasMessageContainingAll(parts));
  }
}

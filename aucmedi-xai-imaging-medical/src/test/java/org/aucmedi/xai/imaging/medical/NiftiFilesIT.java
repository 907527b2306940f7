package org.aucmedi.xai.imaging.medical;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.within;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import java.util.zip.ZipFile;
import org.aucmedi.xai.array.ImageArray;
import org.aucmedi.xai.array.Npy;
import org.aucmedi.xai.imaging.ImageLoader;
import org.aucmedi.xai.imaging.UnreadableImageException;
import org.aucmedi.xai.testkit.Golden;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Real NIfTI files, compared with what nibabel reads from them. */
final class NiftiFilesIT {

  @TempDir private Path folder;

  static Stream<String> goldenFiles() {
    return Stream.of(
        "anatomical.nii",
        "reoriented_anat_moved.nii",
        "made_i2_little.nii.gz",
        "made_f4_big.nii.gz",
        "made_u1_big.nii",
        "example4d.nii.gz",
        "example_nifti2.nii.gz",
        "functional.nii");
  }

  @ParameterizedTest
  @MethodSource("goldenFiles")
  void read_goldenFile_isWhatNibabelReads(String name) throws IOException {
    Path file = Golden.file("medical/nifti/" + name);
    JsonObject expected =
        JsonParser.parseString(Files.readString(file.resolveSibling("expected.json")))
            .getAsJsonObject()
            .getAsJsonObject(name);
    int[] shape = ints(expected, "shape");
    if (shape.length > 3 && shape[3] > 1) {
      assertThatExceptionOfType(UnreadableImageException.class)
          .isThrownBy(() -> ImageLoader.load(file, false))
          .withMessageContaining("a series of " + shape[3] + " volumes");
    }
    ImageArray image = load(file, 0);
    assertThat(image.spatialShape()).containsExactly(shape[2], shape[1], shape[0]);
    for (int row = 0; row < 3; row++) {
      double[] affine = new double[4];
      for (int column = 0; column < 4; column++) {
        affine[column] =
            expected.getAsJsonArray("affine").get(row).getAsJsonArray().get(column).getAsDouble();
      }
      assertThat(image.geometry().rasAffine()[row]).containsExactly(affine, within(1e-5));
    }
    double sum = 0;
    float least = Float.POSITIVE_INFINITY;
    float most = Float.NEGATIVE_INFINITY;
    int volumes = shape.length > 3 ? shape[3] : 1;
    for (int volume = 0; volume < volumes; volume++) {
      for (float value : load(file, volume).values()) {
        sum += value;
        least = Math.min(least, value);
        most = Math.max(most, value);
      }
    }
    double scale = Math.max(1, Math.abs(expected.get("max").getAsDouble()));
    assertThat((double) least).isCloseTo(expected.get("min").getAsDouble(), within(1e-6 * scale));
    assertThat((double) most).isCloseTo(expected.get("max").getAsDouble(), within(1e-6 * scale));
    assertThat(sum / image.values().length / volumes)
        .isCloseTo(expected.get("mean").getAsDouble(), within(1e-6 * scale));
  }

  private static ImageArray load(Path file, int volume) {
    return ImageLoader.load(file, ImageLoader.Options.DEFAULT.withVolume(volume));
  }

  @ParameterizedTest
  @ValueSource(strings = {"made_i2_little.nii.gz", "made_f4_big.nii.gz", "made_u1_big.nii"})
  void read_madeFile_hasEveryValue(String name) throws IOException {
    Path file = Golden.file("medical/nifti/" + name);
    // (x, y, z)
    Npy.Array expected = values(file.resolveSibling(name + ".npz"));
    int[] shape = expected.shape();
    ImageArray image = ImageLoader.load(file, false);
    for (int x = 0; x < shape[0]; x++) {
      for (int y = 0; y < shape[1]; y++) {
        for (int z = 0; z < shape[2]; z++) {
          float value = expected.data()[(x * shape[1] + y) * shape[2] + z];
          assertThat(image.at(z, y, x, 0))
              .isCloseTo(value, within(1e-5f * Math.max(1, Math.abs(value))));
        }
      }
    }
  }

  private Npy.Array values(Path npz) throws IOException {
    try (ZipFile zip = new ZipFile(npz.toFile());
        InputStream in = zip.getInputStream(zip.getEntry("values.npy"))) {
      Path npy = folder.resolve("values.npy");
      Files.copy(in, npy);
      return Npy.read(npy);
    }
  }

  private static int[] ints(JsonObject object, String name) {
    int[] values = new int[object.getAsJsonArray(name).size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = object.getAsJsonArray(name).get(i).getAsInt();
    }
    return values;
  }
}

package org.aucmedi.xai.imaging.medical;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipFile;
import org.aucmedi.xai.array.ImageArray;
import org.aucmedi.xai.array.Npy;
import org.aucmedi.xai.imaging.ImageLoader;
import org.aucmedi.xai.imaging.UnreadableImageException;
import org.aucmedi.xai.testkit.Golden;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Every golden medical file: read as other libraries read it, exactly where nothing was lost and
 * within 2 grey levels else, or refused for a reason that is expected. The table is in {@code
 * target}.
 */
final class MedicalFilesIT {

  private static final String TABLE = "medical-files.txt";

  private static final double LOSSY = 2;

  /** Files without an image, or damaged, or of a kind that is not supported; and why. */
  private static final Map<String, String> REFUSED =
      Map.of(
          "badVR.dcm", "its NumberOfFrames (0028,0008) is '1A', not a number",
          // Bytes in the middle of its header were replaced.
          "JPEG2000-embedded-sequence-delimiter.dcm", "its compressed frame has 1024 x 2147483647",
          "meta_missing_tsyntax.dcm", "it holds no image",
          "nested_priv_SQ.dcm", "it holds no image",
          "example4d.nii.gz", "it is a series of 2 volumes",
          "example_nifti2.nii.gz", "it is a series of 2 volumes",
          "functional.nii", "it is a series of 20 volumes");

  /** Files that pydicom alone cannot decode, with the same image in another file. */
  private static final Map<String, String> TWINS =
      Map.of(
          "MR_small_jpeg_ls_lossless.dcm", "MR_small.dcm.npz",
          "SC_rgb_jpeg_gdcm.dcm", "SC_rgb_rle.dcm.npz");

  /** Files whose values another library gave, see tools/dicom_fixtures.py. */
  private static final Set<String> REFERENCES =
      Set.of("JPGExtended.dcm", "GDCMJ2K_TextGBR.dcm", "examples_palette.dcm");

  @TempDir private Path folder;

  @Test
  void load_everyGoldenFile_isReadRightOrRefused() throws IOException {
    Map<String, String> failures = new LinkedHashMap<>();
    StringBuilder table = new StringBuilder();
    for (String format : new String[] {"dicom", "nifti"}) {
      Path files = Golden.file("medical/" + format);
      JsonObject expected =
          JsonParser.parseString(Files.readString(files.resolve("expected.json")))
              .getAsJsonObject();
      for (String name : new TreeSet<>(expected.keySet())) {
        JsonObject own = expected.getAsJsonObject(name);
        String result = result(files.resolve(name), own);
        String syntax = format.equals("nifti") ? "NIfTI" : text(own.get("transfer_syntax"));
        table.append(String.format("%-42s %-34.34s %s%n", name, syntax, result));
        if (result.startsWith("WRONG")) {
          failures.put(name, result);
        }
      }
    }
    Files.writeString(Files.createDirectories(Path.of("target")).resolve(TABLE), table);
    assertThat(failures).isEmpty();
  }

  private static String text(JsonElement element) {
    return element.isJsonNull() ? "none" : element.getAsString();
  }

  private String result(Path file, JsonObject expected) throws IOException {
    String name = file.getFileName().toString();
    ImageArray image;
    try {
      image = ImageLoader.load(file, false);
    } catch (UnreadableImageException e) {
      String reason = e.getMessage().replace("cannot read " + file + ": ", "");
      String known = REFUSED.get(name);
      boolean isExpected = known != null && reason.contains(known);
      return (isExpected ? "refused: " : "WRONG, refused: ") + reason;
    }
    if (REFUSED.containsKey(name)) {
      return "WRONG, read instead of refused";
    }
    float @Nullable [] values = values(file);
    if (values == null) {
      return statistics(image, expected);
    }
    if (values.length != image.values().length) {
      return "WRONG, " + image.values().length + " values, not " + values.length;
    }
    if (name.contains(".nii")) {
      values = slicesFirst(values, image.spatialShape());
    }
    double most = 0;
    for (int i = 0; i < values.length; i++) {
      most = Math.max(most, Math.abs((double) image.values()[i] - values[i]));
    }
    boolean lossy = expected.has("lossy") && expected.get("lossy").getAsBoolean();
    // NIfTI's slopes are single precision.
    double allowed =
        lossy || name.equals("JPGExtended.dcm") ? LOSSY : name.contains("f4") ? 1e-3 : 0;
    return String.format(
        Locale.ROOT, "%s, differs by %.4g", most <= allowed ? "read" : "WRONG", most);
  }

  /** The values of the reference, if it has each. */
  private float @Nullable [] values(Path file) throws IOException {
    String name = file.getFileName().toString();
    if (REFERENCES.contains(name)) {
      return packed(name.replace(".dcm", ".u2.gz"));
    }
    Path npz = file.resolveSibling(TWINS.getOrDefault(name, name + ".npz"));
    if (!Files.exists(npz)) {
      return null;
    }
    try (ZipFile zip = new ZipFile(npz.toFile());
        InputStream in = zip.getInputStream(zip.entries().nextElement())) {
      Path npy = folder.resolve(name + ".npy");
      Files.copy(in, npy);
      return Npy.read(npy).data();
    }
  }

  private static float[] packed(String name) throws IOException {
    try (InputStream in =
        new GZIPInputStream(MedicalFilesIT.class.getResourceAsStream("/dicom/" + name))) {
      byte[] bytes = in.readAllBytes();
      float[] values = new float[bytes.length / 2];
      for (int i = 0; i < values.length; i++) {
        values[i] = (bytes[2 * i] & 0xff) | ((bytes[2 * i + 1] & 0xff) << 8);
      }
      return values;
    }
  }

  /** Changes (x, y, z) to (z, y, x). */
  private static float[] slicesFirst(float[] values, int[] shape) {
    float[] moved = new float[values.length];
    for (int i = 0; i < values.length; i++) {
      int z = i / (shape[1] * shape[2]);
      int y = i / shape[2] % shape[1];
      int x = i % shape[2];
      moved[i] = values[(x * shape[1] + y) * shape[0] + z];
    }
    return moved;
  }

  /** Compares least, most and mean, where the reference has no more. */
  private static String statistics(ImageArray image, JsonObject expected) {
    if (!expected.has("mean")) {
      return "WRONG, without a reference";
    }
    double sum = 0;
    double least = Double.POSITIVE_INFINITY;
    double most = Double.NEGATIVE_INFINITY;
    for (float value : image.values()) {
      sum += value;
      least = Math.min(least, value);
      most = Math.max(most, value);
    }
    double scale = Math.max(1, Math.abs(expected.get("max").getAsDouble()));
    double difference =
        Math.max(
            Math.abs(sum / image.values().length - expected.get("mean").getAsDouble()),
            Math.max(
                Math.abs(least - expected.get("min").getAsDouble()),
                Math.abs(most - expected.get("max").getAsDouble())));
    return String.format(
        Locale.ROOT,
        "%s, least, most and mean differ by %.4g",
        difference <= 1e-6 * scale ? "read" : "WRONG",
        difference);
  }
}

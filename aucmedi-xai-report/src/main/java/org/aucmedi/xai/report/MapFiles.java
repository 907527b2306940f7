package org.aucmedi.xai.report;

import com.google.common.io.MoreFiles;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.file.Path;
import org.aucmedi.xai.array.ImageArray;
import org.aucmedi.xai.array.Npy;
import org.aucmedi.xai.array.Range;
import org.aucmedi.xai.array.SampleType;
import org.aucmedi.xai.error.XAIException;
import org.aucmedi.xai.imaging.ImageLoader;
import org.jspecify.annotations.Nullable;

/** Reads the numbers of maps that a run wrote. */
final class MapFiles {

  private MapFiles() {}

  /**
   * {@return a map as the page shows it, or null if it cannot be read}
   *
   * @param file npy, or a volume that a reader on the class path reads
   * @param record what the run says of the map
   */
  static @Nullable Sprite read(Path file, JsonObject record) {
    try {
      return sprite(values(file), record);
    } catch (IOException | XAIException | IllegalArgumentException e) {
      return null;
    }
  }

  private static ImageArray values(Path file) throws IOException {
    if (MoreFiles.getFileExtension(file).equals("npy")) {
      Npy.Array array = Npy.read(file);
      return ImageArray.wrap(array.shape(), 1, array.data(), SampleType.FLOAT);
    }
    return ImageLoader.load(file, false);
  }

  /** Numbers in [0, 1], or raw; the range of a raw map is that of its values. */
  private static Sprite sprite(ImageArray values, JsonObject record) {
    float atZero = number(record, "rawMin", 0);
    float atOne = number(record, "rawMax", 1);
    Range range = Range.of(values.values());
    boolean raw =
        !(range.min() >= 0 && range.max() <= 1) || (range.min() == atZero && range.max() == atOne);
    return raw ? Sprite.ofRawMap(values) : Sprite.ofMap(values, atZero, atOne);
  }

  /** Numbers that are not finite are text. */
  private static float number(JsonObject record, String name, float otherwise) {
    JsonElement value = record.get(name);
    return value != null && value.isJsonPrimitive()
        ? Float.parseFloat(value.getAsString())
        : otherwise;
  }
}

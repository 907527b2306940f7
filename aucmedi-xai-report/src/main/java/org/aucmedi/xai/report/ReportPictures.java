package org.aucmedi.xai.report;

import com.google.common.base.Ascii;
import com.google.common.hash.Hashing;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.aucmedi.xai.Heatmap;
import org.aucmedi.xai.RawScale;
import org.aucmedi.xai.array.DisplayWindow;
import org.aucmedi.xai.array.Geometry;
import org.aucmedi.xai.array.ImageArray;
import org.aucmedi.xai.array.SampleType;
import org.aucmedi.xai.decoder.ExplanationSink;
import org.aucmedi.xai.error.XAIException;
import org.aucmedi.xai.imaging.OutputFolder;

/**
 * The pictures that a {@linkplain ReportPage report page} is made from, in the folder {@code
 * report} of a run's output: each image that maps lie on, and each map, with 8 bits a value. Their
 * names follow from the sample, the method and what is explained, so that a resumed run, or the
 * parts of a run in one folder, find each other's.
 *
 * <pre>{@code
 * ReportPictures pictures = ReportPictures.open(out, DisplayWindow.AUTO, generator.files());
 * XAIDecoder.builder().optOutput(out, OutputFormat.NPY).optSink(pictures.sink("gradcam"))...
 * ReportPage.write(out);
 * }</pre>
 *
 * <p>Safe for use by several threads.
 */
public final class ReportPictures {

  /** The folder's name. */
  public static final String FOLDER = "report";

  private static final int MAX_READABLE = 40;
  private static final int HASH_DIGITS = 16;

  private final OutputFolder folder;
  private final DisplayWindow window;

  /** The samples whose images are written. */
  private final Set<String> written = ConcurrentHashMap.newKeySet();

  private ReportPictures(OutputFolder folder, DisplayWindow window) {
    this.folder = folder;
    this.window = window;
  }

  /**
   * Makes the folder.
   *
   * @param output the output folder of the run
   * @param window the values of images that become black and white
   * @param inputs the images that are being explained, which are never replaced
   * @return the pictures of the run
   * @throws XAIException if it cannot be made
   */
  public static ReportPictures open(Path output, DisplayWindow window, Collection<Path> inputs) {
    return new ReportPictures(
        OutputFolder.open(output.resolve(FOLDER), inputs),
        Objects.requireNonNull(window, "window"));
  }

  /**
   * Returns a sink for the maps of one method.
   *
   * @param method the method's key
   * @return takes its maps; names no files, since the page finds them
   */
  public ExplanationSink sink(String method) {
    return (sample, map) -> {
      accept(method, sample, map);
      return List.of();
    };
  }

  private void accept(String method, ExplanationSink.Sample sample, Heatmap map) {
    if (written.add(sample.name())) {
      Sprite image = Sprite.of(sample.image(), window);
      folder.writePicture(imageName(sample.name()), image.picture(), image.layout().toJson());
    }
    Sprite picture = sprite(sample.image(), map);
    folder.writePicture(
        mapName(sample.name(), method, map.objective().label()),
        picture.picture(),
        picture.layout().toJson());
  }

  private static Sprite sprite(ImageArray image, Heatmap map) {
    Geometry geometry = image.geometry();
    int[] shape = map.shape();
    ImageArray values =
        ImageArray.wrap(shape, 1, map.values(), SampleType.FLOAT)
            .withGeometry(geometry == null ? null : geometry.resized(image.spatialShape(), shape));
    RawScale scale = map.rawScale();
    return map.isRaw()
        ? Sprite.ofRawMap(values)
        : Sprite.ofMap(values, scale.atZero(), scale.atOne());
  }

  static String imageName(String sample) {
    return name(sample, sample) + ".image.png";
  }

  static String mapName(String sample, String method, String label) {
    return name(sample, sample + '\0' + Ascii.toLowerCase(method) + '\0' + label) + ".map.png";
  }

  /** The start lets a person find a file; the hash makes it one of its own. */
  private static String name(String sample, String key) {
    String readable = sample.replaceAll("[^A-Za-z0-9_-]+", "_");
    return readable.substring(Math.max(0, readable.length() - MAX_READABLE))
        + "-"
        + Hashing.sha256()
            .hashString(key, StandardCharsets.UTF_8)
            .toString()
            .substring(0, HASH_DIGITS);
  }
}

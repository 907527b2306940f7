package org.aucmedi.xai.report;

import com.google.gson.JsonObject;
import java.awt.image.BufferedImage;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;
import org.aucmedi.xai.error.XAIException;
import org.aucmedi.xai.manifest.Manifest;
import org.jspecify.annotations.Nullable;

/**
 * The volumes of a run with their maps, with 8 bits a value and at most 256 voxels along an axis,
 * as the {@linkplain ReportPage report page} has them.
 */
public final class RunVolumes {

  private RunVolumes() {}

  /**
   * Numbers on a grid.
   *
   * @param size the number of voxels along (D, H, W)
   * @param spacing the distance of neighbours along these axes; in millimetres if it is known
   * @param axes where x, y and z point to, such as LPS; empty where it is not known
   * @param values from 0 to 255, row by row, x fastest
   * @param low what 0 stands for
   * @param high what 255 stands for
   */
  public record Grid(
      int[] size, double[] spacing, String axes, byte[] values, float low, float high) {}

  /**
   * A map.
   *
   * @param method the name of its method
   * @param explains the name of the class, or what else it explains
   * @param grid its values
   */
  public record VolumeMap(String method, String explains, Grid grid) {}

  /**
   * A sample.
   *
   * @param name its name
   * @param image what its maps lie on; null where it is not known any more
   * @param maps its maps, at least one
   */
  public record Volume(String name, @Nullable Grid image, List<VolumeMap> maps) {

    /** Copies the list. */
    public Volume {
      maps = List.copyOf(maps);
    }
  }

  /**
   * Reads the volumes of a run, one after another; flat images are left out, and so are maps that
   * are there as pictures only.
   *
   * @param output the output folder of the run, with its manifest
   * @param taker takes each of them, and what of it cannot be shown
   * @throws XAIException if there is no manifest, or the record is damaged
   */
  public static void forEach(Path output, BiConsumer<Volume, List<String>> taker) {
    RunContents run = RunContents.read(output);
    Manifest manifest = Manifest.read(output);
    run.samples()
        .forEach(
            (name, records) -> {
              List<String> problems = new ArrayList<>();
              Volume volume = volume(output, name, records, manifest, problems);
              if (volume != null) {
                taker.accept(volume, problems);
              }
            });
  }

  private static @Nullable Volume volume(
      Path output,
      String name,
      List<JsonObject> records,
      Manifest manifest,
      List<String> problems) {
    if (records.stream().noneMatch(record -> RunContents.array(record, "shape").size() == 3)) {
      return null;
    }
    SamplePictures pictures = new SamplePictures(output, name, records.get(0), problems::add);
    PictureFiles.Loaded below = pictures.image();
    Grid image = below == null ? null : grid(below.sprite(), null);
    List<VolumeMap> maps = new ArrayList<>();
    for (JsonObject record : records) {
      for (JsonObject map : RunContents.objects(record, "maps")) {
        Sprite sprite = sprite(pictures, record, map);
        if (sprite == null || sprite.layout().size().size() != 3) {
          problems.add("a map is there as a picture only, or not any more");
        } else {
          maps.add(
              new VolumeMap(
                  methodName(manifest, RunContents.text(record, "method")),
                  className(manifest, RunContents.text(map, "label")),
                  grid(sprite, image)));
        }
      }
    }
    return maps.isEmpty() ? null : new Volume(name, image, maps);
  }

  private static @Nullable Sprite sprite(
      SamplePictures pictures, JsonObject record, JsonObject map) {
    PictureFiles.Loaded kept = pictures.keptMap(record, map);
    if (kept != null) {
      return kept.sprite();
    }
    Path file = pictures.fileOf(map);
    return file == null ? null : MapFiles.read(file, map);
  }

  private static String methodName(Manifest manifest, String key) {
    return manifest.methods().stream()
        .filter(method -> method.key().equals(key))
        .map(Manifest.Method::name)
        .findFirst()
        .orElse(key);
  }

  private static String className(Manifest manifest, String label) {
    List<String> names = manifest.model().classNames();
    if (!label.matches("\\d{1,9}")) {
      return label;
    }
    int number = Integer.parseInt(label);
    return names != null && number < names.size() ? names.get(number) : "class " + label;
  }

  /** A map covers what its image covers, whatever its own size is. */
  private static Grid grid(Sprite sprite, @Nullable Grid image) {
    Layout layout = sprite.layout();
    int[] size = layout.size().stream().mapToInt(Integer::intValue).toArray();
    double[] spacing = new double[size.length];
    for (int axis = 0; axis < size.length; axis++) {
      double extent =
          image != null
              ? image.size[axis] * image.spacing[axis]
              : layout.shape().get(axis)
                  * (layout.spacing() == null ? 1 : layout.spacing().get(axis));
      spacing[axis] = extent / size[axis];
    }
    return new Grid(
        size,
        spacing,
        image != null ? image.axes : layout.axes(),
        voxels(sprite.picture(), size, layout.columns()),
        layout.low() == null ? 0 : layout.low(),
        layout.high() == null ? 255 : layout.high());
  }

  /** The slices one after another; colours become grey, by ITU-R 601 luma. */
  private static byte[] voxels(BufferedImage picture, int[] size, int columns) {
    byte[] voxels = new byte[size[0] * size[1] * size[2]];
    int bands = picture.getRaster().getNumBands();
    int[] line = new int[size[2] * bands];
    int at = 0;
    for (int z = 0; z < size[0]; z++) {
      for (int y = 0; y < size[1]; y++) {
        int left = z % columns * size[2];
        int top = z / columns * size[1] + y;
        picture.getRaster().getPixels(left, top, size[2], 1, line);
        for (int x = 0; x < size[2]; x++) {
          voxels[at++] = (byte) (bands == 1 ? line[x] : luma(line, x * bands));
        }
      }
    }
    return voxels;
  }

  private static long luma(int[] line, int at) {
    return Math.round(0.299 * line[at] + 0.587 * line[at + 1] + 0.114 * line[at + 2]);
  }
}

package org.aucmedi.xai.cli;

import com.google.gson.Gson;
import com.google.gson.JsonParseException;
import com.google.gson.annotations.SerializedName;
import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.aucmedi.xai.array.ImageArray;
import org.aucmedi.xai.error.XAIException;
import org.aucmedi.xai.imaging.FileErrors;
import org.aucmedi.xai.imaging.ImageLoader;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;

/** Where the objects are in the images of an evaluation. */
@FunctionalInterface
interface ObjectRegions {

  /** Nothing is known. */
  ObjectRegions NONE = (sample, shape) -> Optional.empty();

  /**
   * Finds the objects of an image.
   *
   * @param sample the image's name, with / between folders
   * @param shape the spatial shape of the image in the file
   * @return row-major, true where an object is; empty if nothing is known of this image
   * @throws XAIException if what is known does not fit the image, or cannot be read
   */
  Optional<boolean[]> of(String sample, int[] shape);

  /** One image of a file of boxes. */
  record Boxes(String file, @SerializedName("boxes_xyxy") double[][] corners) {

    private boolean isComplete() {
      return file != null
          && corners != null
          && Arrays.stream(corners).allMatch(box -> box != null && box.length == 4);
    }

    /** A pixel is inside if its centre is. */
    private boolean[] inside(int height, int width) {
      boolean[] inside = new boolean[height * width];
      for (int i = 0; i < inside.length; i++) {
        int x = i % width;
        int y = i / width;
        for (double[] box : corners) {
          inside[i] |=
              x + 0.5 >= box[0] && x + 0.5 <= box[2] && y + 0.5 >= box[1] && y + 0.5 <= box[3];
        }
      }
      return inside;
    }
  }

  /**
   * Reads boxes.
   *
   * @param json a list of objects with the members {@code file}, the image's name, and {@code
   *     boxes_xyxy}, for each box x0, y0, x1, y1 in pixels from the upper left corner; others are
   *     ignored
   * @throws XAIException if the file cannot be read or is no such list
   */
  static ObjectRegions ofBoxes(Path json) {
    Boxes[] all;
    try (Reader reader = Files.newBufferedReader(json)) {
      all = new Gson().fromJson(reader, Boxes[].class);
    } catch (IOException | JsonParseException e) {
      throw new XAIException(
          "cannot read the boxes in "
              + json
              + ": "
              + (e instanceof IOException io ? FileErrors.reason(io) : e.getMessage()),
          e);
    }
    Map<String, Boxes> byFile = new HashMap<>();
    for (Boxes boxes : all == null ? new Boxes[0] : all) {
      if (boxes == null || !boxes.isComplete()) {
        throw new XAIException(
            json
                + ": every image needs file, and boxes_xyxy with four numbers a box; "
                + (boxes == null || boxes.file() == null
                    ? "one has no file"
                    : boxes.file() + " has not"));
      }
      byFile.put(boxes.file(), boxes);
    }
    return (sample, shape) ->
        Optional.ofNullable(byFile.get(sample))
            .map(
                boxes -> {
                  if (shape.length != 2) {
                    throw new XAIException(
                        "boxes lie on images, and " + sample + " is a volume; give --masks");
                  }
                  return boxes.inside(shape[0], shape[1]);
                });
  }

  /**
   * Reads masks from a folder: for each image a file of its name below it, with any extension of an
   * image, of the image's size, where an object is not zero.
   *
   * @param command the command that was given the folder
   * @param option by which option
   * @param folder the folder
   * @throws ParameterException if it is no folder
   */
  static ObjectRegions ofMasks(CommandSpec command, String option, Path folder) {
    if (!Files.isDirectory(folder)) {
      throw new ParameterException(
          command.commandLine(),
          option + " " + folder + " is no folder; give one with a mask for each image");
    }
    return (sample, shape) -> maskOf(folder, sample).map(file -> mask(file, shape));
  }

  private static Optional<Path> maskOf(Path folder, String sample) {
    Path same = folder.resolve(sample);
    if (Files.isRegularFile(same)) {
      return Optional.of(same);
    }
    String lower = sample.toLowerCase(Locale.ROOT);
    int extensionLength =
        ImageLoader.extensions().stream()
            .map(extension -> "." + extension)
            .filter(lower::endsWith)
            .mapToInt(String::length)
            .max()
            .orElse(0);
    String plain = sample.substring(0, sample.length() - extensionLength);
    return ImageLoader.extensions().stream()
        .map(extension -> folder.resolve(plain + "." + extension))
        .filter(Files::isRegularFile)
        .findFirst();
  }

  private static boolean[] mask(Path file, int[] shape) {
    ImageArray mask = ImageLoader.load(file, false);
    if (!Arrays.equals(mask.spatialShape(), shape)) {
      throw new XAIException(
          "the mask "
              + file
              + " has the size "
              + Arrays.toString(mask.spatialShape())
              + ", the image "
              + Arrays.toString(shape)
              + "; give a mask of the image's size");
    }
    float[] values = mask.values();
    boolean[] inside = new boolean[values.length / mask.channels()];
    for (int i = 0; i < values.length; i++) {
      inside[i / mask.channels()] |= values[i] != 0;
    }
    return inside;
  }
}

package org.aucmedi.xai.examples;

import ai.djl.util.JsonUtils;
import com.google.gson.JsonParseException;
import com.google.gson.annotations.SerializedName;
import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.aucmedi.xai.error.XAIException;

/**
 * An image of a folder, its class, and where the objects of that class are.
 *
 * @param file the image, below the folder
 * @param label the name of its class
 * @param boxes x0, y0, x1, y1 of each object, in pixels from the upper left corner
 */
record AnnotatedImage(String file, String label, @SerializedName("boxes_xyxy") double[][] boxes) {

  /**
   * Reads the annotations of a folder.
   *
   * @param json a list of objects with the members {@code file}, {@code label} and {@code
   *     boxes_xyxy}; others are ignored
   * @return the images
   * @throws XAIException if the file cannot be read or is no such list
   */
  static List<AnnotatedImage> read(Path json) {
    AnnotatedImage[] images;
    try (Reader reader = Files.newBufferedReader(json)) {
      images = JsonUtils.GSON.fromJson(reader, AnnotatedImage[].class);
    } catch (IOException | JsonParseException e) {
      throw new XAIException("cannot read the boxes in " + json + ": " + e, e);
    }
    if (images == null || images.length == 0) {
      throw new XAIException(json + " lists no images");
    }
    for (AnnotatedImage image : images) {
      if (image == null || !image.isComplete()) {
        throw new XAIException(
            json
                + ": every image needs file, label and boxes_xyxy with four numbers a box; "
                + (image == null || image.file() == null
                    ? "one has no file"
                    : image.file() + " has not"));
      }
    }
    return List.of(images);
  }

  private boolean isComplete() {
    return file != null
        && label != null
        && boxes != null
        && boxes.length > 0
        && Arrays.stream(boxes).allMatch(box -> box != null && box.length == 4);
  }

  /**
   * Returns which pixels lie in a box.
   *
   * @param height rows of the image
   * @param width columns of the image
   * @return row-major; true where the centre of the pixel is inside
   */
  boolean[] inside(int height, int width) {
    boolean[] inside = new boolean[height * width];
    for (int i = 0; i < inside.length; i++) {
      int x = i % width;
      int y = i / width;
      for (double[] box : boxes) {
        inside[i] |=
            x + 0.5 >= box[0] && x + 0.5 <= box[2] && y + 0.5 >= box[1] && y + 0.5 <= box[3];
      }
    }
    return inside;
  }
}

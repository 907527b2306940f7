package org.aucmedi.xai.imaging;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import org.aucmedi.xai.array.ImageArray;
import org.jspecify.annotations.Nullable;

/**
 * Writes images of one file format with their numbers and their {@linkplain
 * org.aucmedi.xai.array.Geometry geometry}. Writers are found with {@link java.util.ServiceLoader}.
 *
 * <p>A writer is stateless: several threads use one at a time.
 */
public interface VolumeWriter {

  /**
   * Where an image comes from, for formats that tell.
   *
   * @param sample the name of the image that it was made from
   * @param file the file of that image, or the folder of its slices; null if there is none
   * @param method the name of the method that made it, such as Grad-CAM
   * @param description what it shows and how it was made, in a line
   * @param version the version of this program
   */
  record Origin(
      String sample, @Nullable Path file, String method, String description, String version) {}

  /** {@return the extension of the files that it writes, such as {@code nii.gz}} */
  String extension();

  /**
   * Writes an image with one channel as float32. An image without a geometry is written with voxels
   * of 1 mm at the origin.
   *
   * @param image the image
   * @param origin where it comes from
   * @param out where to; not closed
   * @throws IOException if it cannot be written
   * @throws IllegalArgumentException if the format cannot hold such an image
   */
  void write(ImageArray image, Origin origin, OutputStream out) throws IOException;

  /**
   * {@return whether this writer wrote a file, by a mark inside it; a file with another content is
   * a user's own, and is not replaced}
   *
   * @param file a regular file with this writer's extension
   * @throws IOException if it cannot be read
   */
  boolean wrote(Path file) throws IOException;
}

package org.aucmedi.xai.imaging;

import java.nio.file.Path;
import java.util.List;
import org.aucmedi.xai.array.ImageArray;

/**
 * Reads images of one file format. {@link ImageLoader} finds readers with {@link
 * java.util.ServiceLoader} and asks the one that recognises a file's content, or else the one that
 * knows its extension.
 *
 * <p>A reader is stateless: several threads use one at a time.
 */
public interface ImageReader {

  /**
   * Returns the file extensions that this reader handles. No two readers may share an extension.
   *
   * @return the extensions in lower case without the first dot, such as {@code png} or {@code
   *     nii.gz}; the case of a file's own does not matter
   */
  List<String> extensions();

  /**
   * Returns whether a file, whatever its extension, is one that it reads.
   *
   * @param start the first 512 bytes of the file, or fewer if it is shorter
   * @return whether it is; false unless overridden
   */
  default boolean recognises(byte[] start) {
    return false;
  }

  /**
   * Returns whether the files of a folder are the slices of a volume, which it reads as one image.
   *
   * @param folder a folder; what is below its own folders does not count
   * @return whether they are; false unless overridden
   */
  default boolean readsFolder(Path folder) {
    return false;
  }

  /**
   * Returns whether it applies {@link ImageLoader.Options#window()} itself. If not, {@link
   * ImageLoader} applies a window that is not a file's own to what it reads.
   *
   * @return whether it does; false unless overridden
   */
  default boolean appliesWindow() {
    return false;
  }

  /**
   * Reads an image.
   *
   * @param file a regular file that may be read, of one of the extensions or recognised; or a
   *     folder that it {@linkplain #readsFolder reads}
   * @param options how images are loaded; those that mean nothing for this kind are ignored
   * @return the image, channels last
   * @throws UnreadableImageException if the file is damaged, too large, or not such an image
   */
  ImageArray read(Path file, ImageLoader.Options options);
}

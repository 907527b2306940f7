package org.aucmedi.xai.imaging;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.aucmedi.xai.array.ImageArray;
import org.aucmedi.xai.array.ImageAxes;
import org.aucmedi.xai.array.Npy;

/**
 * Reads NumPy arrays as they are, in the order of axes that is declared; {@link ImageAxes} says
 * what is understood without.
 */
public final class NpyReader implements ImageReader {

  /** An array may have as many values as the largest picture has. */
  private static final int VALUES_PER_PIXEL = 3;

  /** Constructs a reader. */
  public NpyReader() {}

  @Override
  public List<String> extensions() {
    return List.of("npy");
  }

  @Override
  public ImageArray read(Path file, ImageLoader.Options options) {
    try {
      Npy.Array array = Npy.read(file, VALUES_PER_PIXEL * options.maxPixels());
      ImageAxes axes = options.axes();
      return (axes == null ? ImageAxes.undeclared(array.shape()) : axes).apply(array);
    } catch (IOException e) {
      throw new UnreadableImageException(file, FileErrors.reason(e), e);
    } catch (IllegalArgumentException e) {
      throw new UnreadableImageException(file, e.getMessage(), e);
    }
  }
}

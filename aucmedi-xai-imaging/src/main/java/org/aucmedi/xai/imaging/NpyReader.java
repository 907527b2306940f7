package org.aucmedi.xai.imaging;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.aucmedi.xai.array.ImageArray;
import org.aucmedi.xai.array.ImageAxes;
import org.aucmedi.xai.array.Npy;

/**
 * Reads NumPy arrays as they are, in the order of axes that is declared; {@link ImageAxes} says
 * what is understood without. An npz file has one array, or one named {@code image} or {@code
 * arr_0}.
 */
public final class NpyReader implements ImageReader {

  private static final String NPY = "\u0093NUMPY";
  private static final String ZIP = "PK\3\4";

  /** Where the length of the name of a zip file's first entry lies, and the name itself. */
  private static final int NAME_LENGTH = 26;

  private static final int NAME = 30;

  /** Constructs a reader. */
  public NpyReader() {}

  @Override
  public List<String> extensions() {
    return List.of("npy", "npz");
  }

  @Override
  public boolean recognises(byte[] start) {
    String text = new String(start, StandardCharsets.ISO_8859_1);
    return text.startsWith(NPY) || isNpz(text);
  }

  /** A zip file is one if its first entry is an array. */
  private static boolean isNpz(String start) {
    if (!start.startsWith(ZIP) || start.length() < NAME) {
      return false;
    }
    int end = NAME + start.charAt(NAME_LENGTH) + (start.charAt(NAME_LENGTH + 1) << 8);
    return end <= start.length() && start.substring(NAME, end).endsWith(".npy");
  }

  @Override
  public ImageArray read(Path file, ImageLoader.Options options) {
    try {
      int maxValues = options.maxValues();
      Npy.Array array = Npz.isZip(file) ? Npz.read(file, maxValues) : Npy.read(file, maxValues);
      ImageAxes axes = options.axes();
      return (axes == null ? ImageAxes.undeclared(array.shape()) : axes).apply(array);
    } catch (IOException e) {
      throw new UnreadableImageException(file, FileErrors.reason(e), e);
    } catch (IllegalArgumentException e) {
      throw new UnreadableImageException(file, e.getMessage(), e);
    }
  }
}

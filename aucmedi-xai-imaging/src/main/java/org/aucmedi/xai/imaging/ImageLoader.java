package org.aucmedi.xai.imaging;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.base.Ascii;
import com.google.common.base.Suppliers;
import com.google.common.collect.ImmutableMap;
import com.google.common.io.MoreFiles;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Supplier;
import org.aucmedi.xai.array.ImageArray;
import org.aucmedi.xai.array.ImageAxes;
import org.aucmedi.xai.array.SampleType;
import org.aucmedi.xai.model.Services;
import org.jspecify.annotations.Nullable;

/**
 * Loads images with the {@linkplain ImageReader readers} on the classpath: here {@linkplain
 * PictureReader pictures} (PNG, JPEG, TIFF, BMP, GIF) and {@linkplain NpyReader NumPy arrays} (npy,
 * npz). A file goes to the reader that recognises its content, whatever its name ends in, or else
 * to the one of its extension.
 */
public final class ImageLoader {

  /** The default limit on the number of pixels of a picture. */
  public static final int MAX_PIXELS = 100_000_000;

  static final int START_BYTES = 512;

  /** Its readers are found on first use. */
  private static final Supplier<ImageLoader> LOADER =
      Suppliers.memoize(() -> new ImageLoader(Services.load(ImageReader.class)));

  private final ImmutableMap<String, ImageReader> readers;

  /**
   * Takes readers.
   *
   * @throws IllegalStateException if two readers claim the same extension
   */
  ImageLoader(Collection<ImageReader> readers) {
    Map<String, ImageReader> byExtension = new LinkedHashMap<>();
    for (ImageReader reader : readers) {
      for (String extension : reader.extensions()) {
        ImageReader other = byExtension.putIfAbsent(extension, reader);
        if (other != null) {
          throw new IllegalStateException(
              other.getClass().getName()
                  + " and "
                  + reader.getClass().getName()
                  + " both read ."
                  + extension
                  + "; remove one of them from the classpath");
        }
      }
    }
    this.readers = ImmutableMap.copyOf(byExtension);
  }

  /**
   * How images are loaded.
   *
   * @param grayscale whether a picture becomes one channel, by ITU-R 601 luma; arrays stay as they
   *     are
   * @param axes the order of the axes of arrays, null for what {@link ImageAxes} understands
   *     without
   * @param maxPixels how many pixels a picture may have, from 1 to 700,000,000; an array may have
   *     three times as many values
   * @param window which part of the values becomes 0 to 255; {@link Windowing#NONE} leaves them
   * @param volume which volume of a series to take, from 0; null refuses a file that holds several
   * @param exifOrientation whether a JPEG or PNG picture is turned as its EXIF data says; if not,
   *     its pixels are taken as they are stored, as AUCMEDI does, and a warning names it
   */
  public record Options(
      boolean grayscale,
      @Nullable ImageAxes axes,
      int maxPixels,
      Windowing window,
      @Nullable Integer volume,
      boolean exifOrientation) {

    /** As stored, undeclared, up to {@link #MAX_PIXELS}. */
    public static final Options DEFAULT = new Options(false, null, MAX_PIXELS);

    private static final int MOST_PIXELS = 700_000_000;
    private static final int VALUES_PER_PIXEL = 3;

    /**
     * Makes options.
     *
     * @throws IllegalArgumentException if the number of pixels is out of range, or the volume is
     *     negative
     */
    public Options {
      checkArgument(volume == null || volume >= 0, "volumes count from 0, got %s", volume);
      checkArgument(
          maxPixels >= 1 && maxPixels <= MOST_PIXELS,
          "the largest number of pixels lies in 1 to %s, got %s",
          MOST_PIXELS,
          maxPixels);
      Objects.requireNonNull(window, "window");
    }

    /**
     * Makes options without a window, of single volumes and of pictures as stored.
     *
     * @param grayscale whether a picture becomes one channel
     * @param axes the order of the axes of arrays, or null
     * @param maxPixels how many pixels a picture may have
     * @throws IllegalArgumentException if the number of pixels is out of range
     */
    public Options(boolean grayscale, @Nullable ImageAxes axes, int maxPixels) {
      this(grayscale, axes, maxPixels, Windowing.NONE, null, false);
    }

    /** {@return how many values an array or a volume may have: as many as the largest picture} */
    public int maxValues() {
      return VALUES_PER_PIXEL * maxPixels;
    }

    /**
     * {@return these options with a window}
     *
     * @param other which part of the values becomes 0 to 255
     */
    public Options withWindow(Windowing other) {
      return new Options(grayscale, axes, maxPixels, other, volume, exifOrientation);
    }

    /**
     * {@return these options with a choice among the volumes of a series}
     *
     * @param other which volume to take, from 0, or null
     * @throws IllegalArgumentException if it is negative
     */
    public Options withVolume(@Nullable Integer other) {
      return new Options(grayscale, axes, maxPixels, window, other, exifOrientation);
    }

    /**
     * {@return these options with pictures turned, or not}
     *
     * @param turned whether pictures are turned as their EXIF data says
     */
    public Options withExifOrientation(boolean turned) {
      return new Options(grayscale, axes, maxPixels, window, volume, turned);
    }
  }

  /**
   * Returns the extensions of the files that the readers on the classpath read.
   *
   * @return the extensions, in lower case; the case does not matter
   */
  public static List<String> extensions() {
    return LOADER.get().knownExtensions();
  }

  /**
   * Returns whether a file is an image that can be loaded: by its extension or, if no reader knows
   * that, by how its content starts. A folder is one if it holds the slices of a volume.
   *
   * @param file the file, or the folder of slices
   * @return whether a reader takes it; false for an unknown extension and what cannot be opened
   */
  public static boolean isSupported(Path file) {
    ImageLoader loader = LOADER.get();
    if (Files.isDirectory(file)) {
      return loader.readerOfFolder(file).isPresent();
    }
    return loader.readerOfExtension(file).isPresent()
        || loader.readerOfContent(start(file)).isPresent();
  }

  /**
   * Loads an image.
   *
   * @param file the file
   * @param grayscale whether a picture becomes one channel, by ITU-R 601 luma; arrays stay as they
   *     are
   * @return the image
   * @throws UnreadableImageException if the file is missing, damaged, too large, or not an image
   */
  public static ImageArray load(Path file, boolean grayscale) {
    return load(file, new Options(grayscale, null, MAX_PIXELS));
  }

  /**
   * Loads an image.
   *
   * @param file the file, or a folder of files that are the slices of one volume
   * @param options how it is loaded
   * @return the image
   * @throws UnreadableImageException if the file is missing, damaged, too large, or not an image,
   *     or an array that does not have the axes
   */
  public static ImageArray load(Path file, Options options) {
    return LOADER.get().read(file, options);
  }

  List<String> knownExtensions() {
    return readers.keySet().asList();
  }

  ImageArray read(Path file, Options options) {
    if (!Files.exists(file)) {
      throw refusal(file, "there is no such file");
    }
    if (!Files.isRegularFile(file) && !Files.isDirectory(file)) {
      throw refusal(file, "it is not a regular file");
    }
    ImageReader reader = chooseReader(file);
    if (!Files.isReadable(file)) {
      throw refusal(file, "permission denied");
    }
    ImageArray image = reader.read(file, options);
    Optional<Window> window = options.window().window();
    if (window.isPresent() && !reader.appliesWindow()) {
      image = window.get().apply(image);
    }
    if (image.sampleType() == SampleType.FLOAT) {
      checkFinite(file, image.values());
    }
    return image;
  }

  private static void checkFinite(Path file, float[] values) {
    int bad = 0;
    for (float value : values) {
      if (!Float.isFinite(value)) {
        bad++;
      }
    }
    if (bad > 0) {
      throw refusal(
          file,
          "it contains NaN or infinity, "
              + bad
              + " times in "
              + values.length
              + " values; replace them, for instance with numpy.nan_to_num");
    }
  }

  /** A reader that recognises the content goes before one that only knows the extension. */
  private ImageReader chooseReader(Path file) {
    if (Files.isDirectory(file)) {
      return readerOfFolder(file)
          .orElseThrow(
              () ->
                  refusal(
                      file, "it is a folder, but not of slices of a volume; give the files in it"));
    }
    Optional<ImageReader> known = readerOfExtension(file);
    byte[] start = start(file);
    return known
        .filter(reader -> reader.recognises(start))
        .or(() -> readerOfContent(start))
        .or(() -> known)
        .orElseThrow(
            () ->
                refusal(
                    file,
                    "its extension '"
                        + Ascii.toLowerCase(MoreFiles.getFileExtension(file))
                        + "' is none of "
                        + knownExtensions()
                        + "; convert it to png"));
  }

  private Optional<ImageReader> readerOfFolder(Path folder) {
    return readers.values().stream()
        .distinct()
        .filter(reader -> reader.readsFolder(folder))
        .findFirst();
  }

  private Optional<ImageReader> readerOfExtension(Path file) {
    String name = Ascii.toLowerCase(String.valueOf(file.getFileName()));
    // The longest extension counts: nii.gz before gz.
    for (int dot = name.indexOf('.'); dot >= 0; dot = name.indexOf('.', dot + 1)) {
      ImageReader reader = readers.get(name.substring(dot + 1));
      if (reader != null) {
        return Optional.of(reader);
      }
    }
    return Optional.empty();
  }

  private Optional<ImageReader> readerOfContent(byte[] start) {
    return readers.values().stream().filter(reader -> reader.recognises(start)).findFirst();
  }

  /** The first bytes of a file, none where it cannot be read. */
  private static byte[] start(Path file) {
    if (!Files.isRegularFile(file)) {
      return new byte[0];
    }
    try (InputStream in = Files.newInputStream(file)) {
      return in.readNBytes(START_BYTES);
    } catch (IOException e) {
      return new byte[0];
    }
  }

  private static UnreadableImageException refusal(Path file, String reason) {
    return new UnreadableImageException(file, reason, null);
  }
}

package org.aucmedi.xai.decoder;

import static com.google.common.base.Preconditions.checkArgument;
import static com.google.common.base.Preconditions.checkState;

import com.google.common.math.LongMath;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.aucmedi.xai.array.ImageArray;
import org.aucmedi.xai.array.ImageAxes;
import org.aucmedi.xai.array.Placement;
import org.aucmedi.xai.imaging.ImageLoader;
import org.aucmedi.xai.imaging.Resize;
import org.aucmedi.xai.imaging.Standardize;
import org.aucmedi.xai.imaging.Subfunction;
import org.aucmedi.xai.imaging.Windowing;
import org.jspecify.annotations.Nullable;

/**
 * Loads images and prepares them for a model: load, subfunctions, resize, standardise, in this
 * order, as AUCMEDI's DataGenerator does. Immutable; loading is safe from several threads.
 *
 * <p>What AUCMEDI's {@code DataGenerator} takes for training, such as labels, augmentation and
 * shuffling, has no counterpart. Nor has {@code prepare_images}, which writes prepared images to a
 * temporary folder: here images are loaded while others are explained, each of them once.
 */
public final class DataGenerator {

  private final List<String> samples;
  private final List<Source> sources;
  private final List<Subfunction> subfunctions;
  private final int @Nullable [] resize;
  private final Standardize standardize;
  private final ImageLoader.Options loading;
  private final @Nullable Function<Path, ImageArray> loader;
  private final int batchSize;
  private final int workers;

  private DataGenerator(Builder builder) {
    samples = List.copyOf(builder.sources.keySet());
    sources = List.copyOf(builder.sources.values());
    subfunctions = List.copyOf(builder.subfunctions);
    resize = builder.resize;
    standardize = builder.standardize;
    loading =
        new ImageLoader.Options(builder.grayscale, builder.axes, builder.maxPixels)
            .withWindow(builder.window)
            .withVolume(builder.volume)
            .withExifOrientation(builder.exifOrientation);
    loader = builder.loader;
    batchSize = builder.batchSize;
    workers = builder.workers;
  }

  /** Where an image comes from: a file, or memory. */
  private record Source(@Nullable Path file, @Nullable Supplier<ImageArray> image) {

    @Override
    public String toString() {
      return file == null ? "an image in memory" : file.toString();
    }
  }

  /**
   * A loaded sample.
   *
   * @param original the image as loaded
   * @param processed the image after the subfunctions
   * @param input the image as the model gets it
   * @param placement where the processed image's pixels lie in the original; null if a subfunction
   *     of one's own gives another shape, so that it is unknown
   */
  public record Sample(
      ImageArray original, ImageArray processed, ImageArray input, @Nullable Placement placement) {}

  /**
   * Starts a generator.
   *
   * @return an empty builder
   */
  public static Builder builder() {
    return new Builder();
  }

  /**
   * Returns the names of the samples.
   *
   * @return the names, with extension, each once
   */
  public List<String> samples() {
    return samples;
  }

  /**
   * Returns the files of the samples, in the order of {@link #samples()}, as far as they have one.
   */
  List<Path> files() {
    return sources.stream().map(Source::file).filter(Objects::nonNull).toList();
  }

  /** Returns the file of a sample, or null if it has none. */
  @Nullable Path file(int index) {
    return sources.get(index).file();
  }

  /**
   * Returns how many images a model gets at once.
   *
   * @return the batch size
   */
  public int batchSize() {
    return batchSize;
  }

  /** Returns how many threads load images at once. */
  int workers() {
    return workers;
  }

  /**
   * Loads one sample.
   *
   * @param index its position among {@link #samples()}
   * @return the image in every stage
   * @throws org.aucmedi.xai.imaging.UnreadableImageException if the file cannot be read, has too
   *     many pixels, or is an array without the declared axes
   * @throws IllegalArgumentException if the image does not suit the standardisation
   */
  public Sample load(int index) {
    ImageArray original = read(sources.get(index));
    Subfunction.Result prepared = Subfunction.applyAll(subfunctions, original, samples.get(index));
    ImageArray processed = prepared.image();
    return new Sample(
        original, processed, standardize.apply(resized(processed)), prepared.placement());
  }

  /**
   * Makes what black, pixels of value 0, is for the model beside an image: standardised as the
   * image was, with its mean or range where that counts. A mask that multiplies pixel values leaves
   * this where it is 0.
   *
   * @param sample a loaded sample
   * @return an image of the input's size
   */
  public ImageArray black(Sample sample) {
    return standardize.black(resized(sample.processed()));
  }

  private ImageArray resized(ImageArray processed) {
    if (resize == null) {
      return processed;
    }
    checkArgument(
        resize.length == processed.spatialRank(),
        "cannot resize an image of %s spatial axes to %s",
        processed.spatialRank(),
        Arrays.toString(resize));
    return Resize.image(processed, resize);
  }

  private ImageArray read(Source source) {
    if (source.image() != null) {
      return source.image().get();
    }
    Path file = Objects.requireNonNull(source.file());
    return loader == null ? ImageLoader.load(file, loading) : loader.apply(file);
  }

  /** Builds a {@link DataGenerator}. */
  public static final class Builder {

    private final Map<String, Source> sources = new LinkedHashMap<>();
    private final List<Subfunction> subfunctions = new ArrayList<>();
    private int @Nullable [] resize;
    private Standardize standardize = Standardize.Z_SCORE;
    private boolean grayscale;
    private @Nullable ImageAxes axes;
    private int maxPixels = ImageLoader.MAX_PIXELS;
    private Windowing window = Windowing.NONE;
    private @Nullable Integer volume;
    private @Nullable Function<Path, ImageArray> loader;
    private boolean exifOrientation;
    private int batchSize = 32;
    private int workers = Runtime.getRuntime().availableProcessors();

    private Builder() {}

    /**
     * Adds samples that lie in one folder.
     *
     * @param folder the folder
     * @param names paths relative to the folder, with extension
     * @return this builder
     */
    public Builder addSamples(Path folder, List<String> names) {
      names.forEach(name -> addSample(name, folder.resolve(name)));
      return this;
    }

    /**
     * Adds samples whose names lack the extension: AUCMEDI's {@code image_format}.
     *
     * @param folder the folder
     * @param names paths relative to the folder, without extension
     * @param imageFormat the extension of all, without a dot, such as {@code png} or {@code nii.gz}
     * @return this builder
     */
    public Builder addSamples(Path folder, List<String> names, String imageFormat) {
      return addSamples(folder, names.stream().map(name -> name + "." + imageFormat).toList());
    }

    /**
     * Adds a sample.
     *
     * @param name a name of its own, with extension; output files are named after it
     * @param file the file, or a folder whose files are the slices of one volume
     * @return this builder
     * @throws IllegalArgumentException if the name is taken
     */
    public Builder addSample(String name, Path file) {
      return add(name, new Source(Objects.requireNonNull(file, "file"), null));
    }

    /**
     * Adds a sample that is in memory, as for AUCMEDI's {@code cache_loader}.
     *
     * @param name a name of its own; output files are named after it
     * @param image the image
     * @return this builder
     * @throws IllegalArgumentException if the name is taken
     */
    public Builder addSample(String name, ImageArray image) {
      Objects.requireNonNull(image, "image");
      return addSample(name, () -> image);
    }

    /**
     * Adds a sample from elsewhere, such as an archive.
     *
     * @param name a name of its own; output files are named after it
     * @param image gives the image each time it is loaded, on any thread
     * @return this builder
     * @throws IllegalArgumentException if the name is taken
     */
    public Builder addSample(String name, Supplier<ImageArray> image) {
      return add(name, new Source(null, Objects.requireNonNull(image, "image")));
    }

    private Builder add(String name, Source source) {
      Source other = sources.putIfAbsent(name, source);
      checkArgument(other == null, "sample '%s' is named twice: %s and %s", name, other, source);
      return this;
    }

    /**
     * Sets what loads files instead of {@link ImageLoader}: AUCMEDI's {@code loader}. {@link
     * #optGrayscale}, {@link #optAxes}, {@link #optMaxPixels}, {@link #optWindow}, {@link
     * #optVolume} and {@link #optExifOrientation} have no effect then.
     *
     * @param loader reads a file, on any thread
     * @return this builder
     */
    public Builder optLoader(Function<Path, ImageArray> loader) {
      this.loader = Objects.requireNonNull(loader, "loader");
      return this;
    }

    /**
     * Adds a step that runs after loading and before resizing.
     *
     * @param subfunction gives a new image, and says where its pixels lie; called once per sample
     * @return this builder
     */
    public Builder addSubfunction(Subfunction subfunction) {
      subfunctions.add(Objects.requireNonNull(subfunction, "subfunction"));
      return this;
    }

    /**
     * Adds a step of one's own that leaves the pixels where they are. If it gives another shape,
     * maps cannot be taken back to the image as loaded.
     *
     * @param subfunction gives a new image; called once per sample
     * @return this builder
     */
    public Builder addSubfunction(UnaryOperator<ImageArray> subfunction) {
      Objects.requireNonNull(subfunction, "subfunction");
      return addSubfunction(
          (image, sample) -> Subfunction.Result.of(image, subfunction.apply(image)));
    }

    /**
     * Resizes every image for the model; without this an image keeps its size.
     *
     * @param shape height and width, or depth, height and width, in pixels
     * @return this builder
     * @throws IllegalArgumentException if it is no size, or has more than {@link
     *     ImageLoader#MAX_PIXELS} pixels
     */
    public Builder optResize(int... shape) {
      checkArgument(
          (shape.length == 2 || shape.length == 3) && Arrays.stream(shape).allMatch(n -> n > 0),
          "a size is two or three positive numbers, got %s",
          Arrays.toString(shape));
      long pixels = Arrays.stream(shape).asLongStream().reduce(1, LongMath::saturatedMultiply);
      checkArgument(
          pixels <= ImageLoader.MAX_PIXELS,
          "a size of %s has %s pixels, more than the %s allowed; take a smaller one",
          Arrays.toString(shape),
          pixels,
          ImageLoader.MAX_PIXELS);
      this.resize = shape.clone();
      return this;
    }

    /**
     * Sets how pixel values are scaled for the model.
     *
     * @param mode the mode the model was trained with; z-score by default
     * @return this builder
     */
    public Builder optStandardize(Standardize mode) {
      this.standardize = Objects.requireNonNull(mode, "mode");
      return this;
    }

    /**
     * Loads pictures as one grey channel.
     *
     * @param grayscale whether to; false by default
     * @return this builder
     */
    public Builder optGrayscale(boolean grayscale) {
      this.grayscale = grayscale;
      return this;
    }

    /**
     * Declares the order of the axes of arrays; pictures have their own.
     *
     * @param axes the order, or null for what {@link ImageAxes} understands without, the default
     * @return this builder
     */
    public Builder optAxes(@Nullable ImageAxes axes) {
      this.axes = axes;
      return this;
    }

    /**
     * Sets which part of the values of images becomes 0 to 255, before everything else.
     *
     * @param window the window; {@link Windowing#NONE} by default
     * @return this builder
     */
    public Builder optWindow(Windowing window) {
      this.window = Objects.requireNonNull(window, "window");
      return this;
    }

    /**
     * Sets how many pixels a picture may have, and a third of the values that an array may have;
     * larger files are failures.
     *
     * @param maxPixels from 1 to 700,000,000; {@link ImageLoader#MAX_PIXELS} by default
     * @return this builder
     * @throws IllegalArgumentException if it is out of range
     */
    public Builder optMaxPixels(int maxPixels) {
      this.maxPixels = new ImageLoader.Options(false, null, maxPixels).maxPixels();
      return this;
    }

    /**
     * Chooses a volume of files that hold a series of them, such as a functional scan.
     *
     * @param volume its position, from 0; null, the default, refuses such files
     * @return this builder
     * @throws IllegalArgumentException if it is negative
     */
    public Builder optVolume(@Nullable Integer volume) {
      this.volume = ImageLoader.Options.DEFAULT.withVolume(volume).volume();
      return this;
    }

    /**
     * Sets how many threads load images at once: AUCMEDI's {@code workers}.
     *
     * @param workers at least 1; one per processor by default
     * @return this builder
     */
    public Builder optWorkers(int workers) {
      checkArgument(workers > 0, "the number of workers must be at least 1, got %s", workers);
      this.workers = workers;
      return this;
    }

    /**
     * Turns JPEG and PNG pictures as their EXIF data says.
     *
     * @param exifOrientation whether to; false by default: pixels are taken as stored, as AUCMEDI
     *     does, and a warning names each picture that is to be shown turned
     * @return this builder
     */
    public Builder optExifOrientation(boolean exifOrientation) {
      this.exifOrientation = exifOrientation;
      return this;
    }

    /**
     * Sets how many images a model gets at once at most; {@link XAIDecoder} takes fewer where they
     * are large.
     *
     * @param batchSize at least 1; 32 by default
     * @return this builder
     */
    public Builder optBatchSize(int batchSize) {
      checkArgument(batchSize > 0, "the batch size must be at least 1, got %s", batchSize);
      this.batchSize = batchSize;
      return this;
    }

    /**
     * Builds the generator.
     *
     * @return the generator
     * @throws IllegalStateException without samples
     */
    public DataGenerator build() {
      checkState(!sources.isEmpty(), "a generator needs samples; call addSamples");
      return new DataGenerator(this);
    }
  }
}

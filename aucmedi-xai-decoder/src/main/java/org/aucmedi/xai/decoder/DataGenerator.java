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
import java.util.function.UnaryOperator;
import org.aucmedi.xai.array.ImageArray;
import org.aucmedi.xai.array.ImageAxes;
import org.aucmedi.xai.imaging.ImageLoader;
import org.aucmedi.xai.imaging.Resize;
import org.aucmedi.xai.imaging.Standardize;
import org.jspecify.annotations.Nullable;

/**
 * Loads images and prepares them for a model: load, subfunctions, resize, standardise, in this
 * order, as AUCMEDI's DataGenerator does. Immutable; loading is safe from several threads.
 */
public final class DataGenerator {

  private final List<String> samples;
  private final List<Path> files;
  private final List<UnaryOperator<ImageArray>> subfunctions;
  private final int @Nullable [] resize;
  private final Standardize standardize;
  private final ImageLoader.Options loading;
  private final int batchSize;

  private DataGenerator(Builder builder) {
    samples = List.copyOf(builder.files.keySet());
    files = List.copyOf(builder.files.values());
    subfunctions = List.copyOf(builder.subfunctions);
    resize = builder.resize;
    standardize = builder.standardize;
    loading =
        new ImageLoader.Options(
            builder.grayscale, builder.axes, builder.maxPixels, builder.exifOrientation);
    batchSize = builder.batchSize;
  }

  /**
   * A loaded sample.
   *
   * @param original the image as loaded
   * @param processed the image after the subfunctions
   * @param input the image as the model gets it
   */
  public record Sample(ImageArray original, ImageArray processed, ImageArray input) {}

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

  /** Returns the files of the samples, in the order of {@link #samples()}. */
  List<Path> files() {
    return files;
  }

  /**
   * Returns how many images a model gets at once.
   *
   * @return the batch size
   */
  public int batchSize() {
    return batchSize;
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
    ImageArray original = ImageLoader.load(files.get(index), loading);
    ImageArray processed = original;
    for (UnaryOperator<ImageArray> subfunction : subfunctions) {
      processed = subfunction.apply(processed);
    }
    ImageArray resized = processed;
    if (resize != null) {
      checkArgument(
          resize.length == processed.spatialRank(),
          "cannot resize an image of %s spatial axes to %s",
          processed.spatialRank(),
          Arrays.toString(resize));
      resized = Resize.image(processed, resize);
    }
    return new Sample(original, processed, standardize.apply(resized));
  }

  /** Builds a {@link DataGenerator}. */
  public static final class Builder {

    private final Map<String, Path> files = new LinkedHashMap<>();
    private final List<UnaryOperator<ImageArray>> subfunctions = new ArrayList<>();
    private int @Nullable [] resize;
    private Standardize standardize = Standardize.Z_SCORE;
    private boolean grayscale;
    private @Nullable ImageAxes axes;
    private int maxPixels = ImageLoader.MAX_PIXELS;
    private boolean exifOrientation;
    private int batchSize = 32;

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
     * Adds a sample.
     *
     * @param name a name of its own, with extension; output files are named after it
     * @param file the file
     * @return this builder
     * @throws IllegalArgumentException if the name is taken
     */
    public Builder addSample(String name, Path file) {
      Path other = files.putIfAbsent(name, file);
      checkArgument(other == null, "sample '%s' is named twice: %s and %s", name, other, file);
      return this;
    }

    /**
     * Adds a step that runs after loading and before resizing.
     *
     * @param subfunction gives a new image; called once per sample
     * @return this builder
     */
    public Builder addSubfunction(UnaryOperator<ImageArray> subfunction) {
      subfunctions.add(Objects.requireNonNull(subfunction, "subfunction"));
      return this;
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
      checkState(!files.isEmpty(), "a generator needs samples; call addSamples");
      return new DataGenerator(this);
    }
  }
}

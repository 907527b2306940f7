package org.aucmedi.xai.methods;

import static com.google.common.base.Preconditions.checkArgument;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.Objects;
import org.aucmedi.xai.MethodOption;
import org.aucmedi.xai.array.BatchAxes;
import org.aucmedi.xai.array.Npy;
import org.aucmedi.xai.array.Range;
import org.aucmedi.xai.error.XAIException;
import org.jspecify.annotations.Nullable;

/**
 * A reference image that carries no information about the class, used to compare with or to fill
 * in: a {@link Constant}, the {@link Extreme} or the {@link Mean}, a {@link Blur}, the array in an
 * {@link NpyFile}, or a custom one.
 */
@FunctionalInterface
public interface Baseline {

  /**
   * Computes the baseline of an image.
   *
   * @param image the image's values, row-major; not modified
   * @param axes the axes of a batch of one
   * @param manager creates arrays on the model's engine, if needed
   * @return as many values, in the same order
   */
  float[] of(float[] image, BatchAxes axes, NDManager manager);

  /**
   * A constant image.
   *
   * @param value the value, in the units of the standardised image
   */
  record Constant(float value) implements Baseline {

    @Override
    public float[] of(float[] image, BatchAxes axes, NDManager manager) {
      float[] baseline = new float[image.length];
      Arrays.fill(baseline, value);
      return baseline;
    }

    @Override
    public String toString() {
      return Float.toString(value);
    }
  }

  /** The smallest or largest value of the image, as black or white would be. */
  enum Extreme implements Baseline {
    /** The smallest value. */
    MIN,
    /** The largest value. */
    MAX;

    @Override
    public float[] of(float[] image, BatchAxes axes, NDManager manager) {
      Range range = Range.of(image);
      float[] baseline = new float[image.length];
      Arrays.fill(baseline, this == MIN ? range.min() : range.max());
      return baseline;
    }

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** The mean of each channel of the image. */
  record Mean() implements Baseline {

    @Override
    public float[] of(float[] image, BatchAxes axes, NDManager manager) {
      float[] baseline = new float[image.length];
      for (int c = 0; c < axes.channels(); c++) {
        double sum = 0;
        for (int i = 0; i < axes.positions(); i++) {
          sum += image[axes.index(0, c, i)];
        }
        for (int i = 0; i < axes.positions(); i++) {
          baseline[axes.index(0, c, i)] = (float) (sum / axes.positions());
        }
      }
      return baseline;
    }

    @Override
    public String toString() {
      return "mean";
    }
  }

  /**
   * The image blurred with a box filter of 11 positions, three times along each axis, edges
   * repeated.
   */
  record Blur() implements Baseline {

    private static final SeparableFilter FILTER = SeparableFilter.box(5);
    private static final int PASSES = 3;

    @Override
    public float[] of(float[] image, BatchAxes axes, NDManager manager) {
      float[] blurred = image;
      for (int pass = 0; pass < PASSES; pass++) {
        blurred = FILTER.apply(blurred, axes);
      }
      return blurred;
    }

    @Override
    public String toString() {
      return "blur";
    }
  }

  /**
   * The array in a NumPy file, in the units of the standardised image. It is read once, when first
   * needed.
   */
  final class NpyFile implements Baseline {

    /** More than the header of an array needs. */
    private static final int HEADER_BYTES = 1 << 16;

    private final Path file;
    private @Nullable Content content;

    /** The file's array. */
    private record Content(Shape shape, float[] values) {}

    /**
     * Names a file.
     *
     * @param file holds numbers of the image's size with channels last, (H, W, C) or (D, H, W, C)
     */
    public NpyFile(Path file) {
      this.file = Objects.requireNonNull(file, "file");
    }

    @Override
    public float[] of(float[] image, BatchAxes axes, NDManager manager) {
      Shape expected = axes.spatialShape().add(axes.channels());
      Content read = read(expected);
      if (!read.shape.equals(expected)) {
        throw new XAIException(
            "baseline "
                + file
                + " has the shape "
                + read.shape
                + ", the image has "
                + expected
                + "; channels come last");
      }
      float[] baseline = new float[image.length];
      for (int i = 0; i < image.length; i++) {
        baseline[axes.index(0, i % axes.channels(), i / axes.channels())] = read.values[i];
      }
      return baseline;
    }

    private synchronized Content read(Shape expected) {
      Content known = content;
      if (known == null) {
        known = read(file, expected);
        content = known;
      }
      return known;
    }

    private static Content read(Path file, Shape expected) {
      try {
        long bytes = Files.size(file);
        if (bytes > expected.size() * Double.BYTES + HEADER_BYTES) {
          throw new XAIException(
              "baseline "
                  + file
                  + " has "
                  + bytes
                  + " bytes, more than an array of the image's shape "
                  + expected
                  + " can take; name another file");
        }
        Npy.Array array = Npy.read(file);
        return new Content(
            new Shape(Arrays.stream(array.shape()).asLongStream().toArray()), array.data());
      } catch (IOException e) {
        throw new XAIException(
            "cannot read the baseline "
                + file
                + " as a NumPy array of numbers: "
                + (e instanceof FileSystemException ? e : e.getMessage()),
            e);
      }
    }

    @Override
    public boolean equals(@Nullable Object other) {
      return other instanceof NpyFile that && file.equals(that.file);
    }

    @Override
    public int hashCode() {
      return file.hashCode();
    }

    @Override
    public String toString() {
      return file.toString();
    }
  }

  /**
   * Reads a baseline.
   *
   * @param text a number, {@code min}, {@code max}, {@code mean}, {@code blur} or the name of a
   *     file that ends in {@code .npy}
   * @return the baseline
   * @throws IllegalArgumentException if the text is none of these
   */
  static Baseline parse(String text) {
    if (text.endsWith(".npy")) {
      Path file = Path.of(text);
      checkArgument(Files.isRegularFile(file));
      return new NpyFile(file);
    }
    return switch (text.toLowerCase(Locale.ROOT)) {
      case "min" -> Extreme.MIN;
      case "max" -> Extreme.MAX;
      case "mean" -> new Mean();
      case "blur" -> new Blur();
      default -> {
        float value = Float.parseFloat(text);
        checkArgument(Float.isFinite(value));
        yield new Constant(value);
      }
    };
  }

  /**
   * Starts building an option whose values are baselines.
   *
   * @param name its name
   * @param description what it means
   * @return a builder
   */
  static MethodOption.Builder<Baseline> option(String name, String description) {
    return MethodOption.of(
            name,
            description,
            Baseline.class,
            "a number in the units of the standardised image, min, max, mean, blur, or an existing"
                + " .npy file",
            Baseline::parse)
        .check(Objects::requireNonNull);
  }
}

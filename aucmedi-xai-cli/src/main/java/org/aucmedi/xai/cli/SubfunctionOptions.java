package org.aucmedi.xai.cli;

import com.google.common.base.Splitter;
import com.google.common.primitives.Floats;
import java.util.ArrayList;
import java.util.List;
import org.aucmedi.xai.imaging.Chromer;
import org.aucmedi.xai.imaging.Clip;
import org.aucmedi.xai.imaging.ColorConstancy;
import org.aucmedi.xai.imaging.Crop;
import org.aucmedi.xai.imaging.PadMode;
import org.aucmedi.xai.imaging.Padding;
import org.aucmedi.xai.imaging.Resample;
import org.aucmedi.xai.imaging.Subfunction;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The steps between loading and resizing, in the order in which they run. */
final class SubfunctionOptions {

  private static final String SHAPE = "[1-9]\\d{0,5}(x[1-9]\\d{0,5}){1,2}";
  private static final String RANDOM = "random";

  @Option(
      names = "--resample",
      paramLabel = "ZxYxX",
      converter = ResampleConverter.class,
      description =
          "1. voxels of this size in millimetres, slices first: 3x1x1 is 3 mm from slice to slice and"
              + " 1 mm in it; YxX for flat images. The file has to tell its own")
  private @Nullable Resample resample;

  @Option(
      names = "--clip",
      paramLabel = "MIN:MAX",
      converter = ClipConverter.class,
      description =
          "2. limit values to a range, such as a window of Hounsfield units: -1000:400; without a"
              + " number on one side there is no limit. With commas one range per channel")
  private @Nullable Clip clip;

  @Option(
      names = "--pad",
      paramLabel = "square|SHAPE[:MODE]",
      converter = PadConverter.class,
      description =
          "3. a margin up to the longest axis (square), or up to HxW or DxHxW; MODE as in numpy.pad:"
              + " constant (zeros, default), edge, reflect, symmetric, wrap, maximum, mean, median,"
              + " minimum, linear_ramp")
  private @Nullable Padding pad;

  @Option(
      names = "--crop",
      paramLabel = "SHAPE[:random]",
      converter = CropConverter.class,
      description =
          "4. the part of HxW or DxHxW at the centre, or at a random place, which depends on the"
              + " image's name only")
  private @Nullable Crop crop;

  @Option(
      names = "--chromer",
      paramLabel = "rgb|grayscale",
      converter = ChromerConverter.class,
      description = "5. one channel to three, or three to one; takes values from 0 to 255")
  private @Nullable Chromer chromer;

  @Option(
      names = "--color-constancy",
      description = "6. remove the colour of the light (Shades of Gray, power 6); RGB only")
  private boolean colorConstancy;

  /** The steps that are asked for. */
  List<Subfunction> steps() {
    List<Subfunction> steps = new ArrayList<>();
    for (Subfunction step : new Subfunction[] {resample, clip, pad, crop, chromer}) {
      if (step != null) {
        steps.add(step);
      }
    }
    if (colorConstancy) {
      steps.add(ColorConstancy.DEFAULT);
    }
    return steps;
  }

  /** Whether a conversion is asked for. */
  boolean converts(Chromer conversion) {
    return chromer == conversion;
  }

  private static int[] shape(String text, String example) {
    if (!text.matches(SHAPE)) {
      throw new IllegalArgumentException(
          "'" + text + "' is no shape; write HxW or DxHxW, for instance " + example);
    }
    return Splitter.on('x').splitToStream(text).mapToInt(Integer::parseInt).toArray();
  }

  private static final class ResampleConverter extends TextConverter<Resample> {

    ResampleConverter() {
      super(ResampleConverter::of);
    }

    private static Resample of(String text) {
      try {
        return Resample.to(
            Splitter.on('x').splitToStream(text).mapToDouble(Double::parseDouble).toArray());
      } catch (NumberFormatException e) {
        throw new IllegalArgumentException(
            "'" + text + "' is no voxel size; write ZxYxX in millimetres, for instance 3x1x1", e);
      }
    }
  }

  private static final class ClipConverter extends TextConverter<Clip> {

    ClipConverter() {
      super(ClipConverter::of);
    }

    private static Clip of(String text) {
      List<String> ranges = Splitter.on(',').splitToList(text);
      float[] min = new float[ranges.size()];
      float[] max = new float[ranges.size()];
      for (int i = 0; i < min.length; i++) {
        List<String> bounds = Splitter.on(':').splitToList(ranges.get(i));
        Float low = bounds.size() == 2 ? bound(bounds.get(0), Float.NEGATIVE_INFINITY) : null;
        Float high = bounds.size() == 2 ? bound(bounds.get(1), Float.POSITIVE_INFINITY) : null;
        if (low == null || high == null || (low.isInfinite() && high.isInfinite())) {
          throw new IllegalArgumentException(
              "'" + text + "' is no range; write MIN:MAX, MIN: or :MAX, for instance -1000:400");
        }
        min[i] = low;
        max[i] = high;
      }
      return Clip.perChannel(min, max);
    }

    private static @Nullable Float bound(String text, float none) {
      return text.isEmpty() ? Float.valueOf(none) : Floats.tryParse(text);
    }
  }

  private static final class PadConverter extends TextConverter<Padding> {

    PadConverter() {
      super(PadConverter::of);
    }

    private static Padding of(String text) {
      if (text.equalsIgnoreCase("square")) {
        return Padding.square();
      }
      List<String> parts = Splitter.on(':').limit(2).splitToList(text);
      return Padding.to(
          parts.size() == 1 ? PadMode.CONSTANT : PadMode.of(parts.get(1)),
          shape(parts.get(0), "square, 256x256 or 64x128x128:edge"));
    }
  }

  private static final class CropConverter extends TextConverter<Crop> {

    CropConverter() {
      super(CropConverter::of);
    }

    private static Crop of(String text) {
      List<String> parts = Splitter.on(':').limit(2).splitToList(text);
      int[] shape = shape(parts.get(0), "224x224 or 64x128x128:random");
      if (parts.size() == 1 || parts.get(1).equalsIgnoreCase("center")) {
        return Crop.center(shape);
      }
      if (!parts.get(1).equalsIgnoreCase(RANDOM)) {
        throw new IllegalArgumentException(
            "'"
                + parts.get(1)
                + "' is no place of a crop; write random, or nothing for the centre");
      }
      return Crop.random(0, shape);
    }
  }

  private static final class ChromerConverter extends TextConverter<Chromer> {

    ChromerConverter() {
      super(Chromer::of);
    }
  }
}

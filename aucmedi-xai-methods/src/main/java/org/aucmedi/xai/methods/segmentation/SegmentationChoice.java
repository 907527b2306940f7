package org.aucmedi.xai.methods.segmentation;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableList;
import java.util.Arrays;
import java.util.List;
import org.aucmedi.xai.MethodOption;
import org.aucmedi.xai.MethodOptions;
import org.aucmedi.xai.array.BatchAxes;

/** The segmentation algorithms as an option, and the options of each algorithm. */
public enum SegmentationChoice {
  /** {@link #QUICKSHIFT} for 2D images with three channels, {@link #SLIC} otherwise. */
  AUTO,
  /** {@link Quickshift}. */
  QUICKSHIFT,
  /** {@link Slic}. */
  SLIC,
  /** {@link Boxes}, or {@link Grid} where their number is not given. */
  GRID;

  /** The option that selects the algorithm. */
  public static final MethodOption<SegmentationChoice> OPTION =
      MethodOption.ofEnum(
              "segmentation",
              "segmentation algorithm; auto: quickshift for colour images, otherwise slic",
              SegmentationChoice.class)
          .defaults(AUTO);

  /** About how many superpixels SLIC and the grid make. */
  public static final MethodOption<Integer> SEGMENTS =
      MethodOption.ofInt("segments", "slic and grid: approximate number of superpixels")
          .range(1, 100_000)
          .defaults(100);

  /** How many boxes the grid has along each axis. */
  public static final MethodOption<Boxes> BOXES =
      MethodOption.of(
              "boxes",
              "grid: number of boxes along each axis; auto: as segments says",
              Boxes.class,
              "auto, or numbers such as 1x8 or 4x4x4",
              Boxes::parse)
          .defaults(Boxes.AUTO);

  /** The weight of spatial proximity relative to colour in SLIC. */
  public static final MethodOption<Double> COMPACTNESS =
      MethodOption.ofDouble("compactness", "slic: larger values give more compact superpixels")
          .range(1e-6, 1e6)
          .defaults(10.0);

  /** The width of quickshift's Gaussian. */
  public static final MethodOption<Double> KERNEL_SIZE =
      MethodOption.ofDouble(
              "kernel-size", "quickshift: kernel width; larger values give fewer superpixels")
          .range(0.1, 1000.0)
          .defaults(4.0);

  /** The longest link of quickshift. */
  public static final MethodOption<Double> MAX_DISTANCE =
      MethodOption.ofDouble(
              "max-distance", "quickshift: longest link; larger values give fewer superpixels")
          .range(0.0, 1e9)
          .defaults(200.0);

  /** The weight of colour relative to spatial proximity in quickshift. */
  public static final MethodOption<Double> RATIO =
      MethodOption.ofDouble(
              "ratio", "quickshift: weight of colour; larger values give more superpixels")
          .range(0.0, 1e6)
          .defaults(0.2);

  /**
   * Whether quickshift sees the image stretched to [0, 1]. AUCMEDI passes the standardised image as
   * it is, whose colours then mean nothing in CIELAB.
   */
  public static final MethodOption<Boolean> STRETCH =
      MethodOption.ofBoolean("stretch", "quickshift: rescale the image to [0, 1] first")
          .defaults(false, true);

  /** What distances between positions are measured in. */
  public enum Unit {
    /** The distance of neighbouring positions, the same along each axis. */
    PIXELS,
    /** Millimetres, by the image's spacing. */
    MILLIMETRES
  }

  /** What distances between positions are measured in, for all algorithms but given boxes. */
  public static final MethodOption<Unit> DISTANCES =
      MethodOption.ofEnum(
              "distances",
              "unit of distances, kernel-size and max-distance; millimetres need an image that"
                  + " tells its spacing",
              Unit.class)
          .alias("mm", Unit.MILLIMETRES)
          .defaults(Unit.PIXELS);

  /** All of these options. */
  public static final List<MethodOption<?>> OPTIONS =
      ImmutableList.of(
          OPTION,
          SEGMENTS,
          BOXES,
          COMPACTNESS,
          KERNEL_SIZE,
          MAX_DISTANCE,
          RATIO,
          STRETCH,
          DISTANCES);

  /**
   * Creates the segmentation that the options select.
   *
   * @param options the parameters of a method
   * @param axes the axes of the image
   * @return the segmentation
   */
  public static Segmentation of(MethodOptions options, BatchAxes axes) {
    Segmentation chosen = chosen(options, axes);
    return (image, own) -> chosen.segment(image, measured(options, own));
  }

  /**
   * Chooses in what the distances of an image are measured.
   *
   * @param options the parameters of a method
   * @param axes the axes of the image
   * @return the axes with their spacing if {@link #DISTANCES} are millimetres, else without
   * @throws IllegalArgumentException if the spacing is asked for and not known
   */
  public static BatchAxes measured(MethodOptions options, BatchAxes axes) {
    if (options.get(DISTANCES) == Unit.PIXELS) {
      return axes.withSpacing(null);
    }
    checkArgument(
        axes.spacing() != null,
        "distances=millimetres needs the size of the image's pixels, which its file does not tell;"
            + " set distances=pixels");
    return axes;
  }

  private static Segmentation chosen(MethodOptions options, BatchAxes axes) {
    return switch (options.get(OPTION)) {
      case AUTO -> {
        boolean picture = axes.channels() == 3 && axes.spatialSizes().length == 2;
        yield picture ? quickshift(options) : slic(options);
      }
      case QUICKSHIFT -> quickshift(options);
      case SLIC -> slic(options);
      case GRID ->
          options.get(BOXES).isAuto() ? new Grid(options.get(SEGMENTS)) : options.get(BOXES);
    };
  }

  /**
   * Tells about how many superpixels an image will have: the number of a grid, exact where
   * distances are in pixels, and else that of {@link #SEGMENTS}, since it depends on the image.
   *
   * @param options the parameters of a method
   * @param sizes the spatial sizes of the image
   * @return the number, at least 1
   */
  public static int about(MethodOptions options, int[] sizes) {
    int segments = options.get(SEGMENTS);
    if (options.get(OPTION) == GRID) {
      Boxes boxes = options.get(BOXES);
      int[] counts =
          boxes.isAuto() ? new Grid(segments).counts(BatchAxes.ofMap(sizes)) : boxes.along(sizes);
      return Arrays.stream(counts).reduce(1, Math::multiplyExact);
    }
    long positions = Arrays.stream(sizes).asLongStream().reduce(1, Math::multiplyExact);
    return (int) Math.min(segments, positions);
  }

  private static Segmentation quickshift(MethodOptions options) {
    return new Quickshift(
        options.get(KERNEL_SIZE),
        options.get(MAX_DISTANCE),
        options.get(RATIO),
        options.get(STRETCH));
  }

  private static Segmentation slic(MethodOptions options) {
    return new Slic(options.get(SEGMENTS), options.get(COMPACTNESS));
  }
}

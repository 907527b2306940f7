package org.aucmedi.xai.imaging.medical.dicom;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.math.LongMath;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.aucmedi.xai.array.ImageArray;
import org.aucmedi.xai.imaging.FileErrors;
import org.aucmedi.xai.imaging.ImageLoader;
import org.aucmedi.xai.imaging.UnreadableImageException;

/**
 * A series of DICOM slices, one file each, as one volume.
 *
 * <p>Slices are ordered by where they lie along their normal, and their distance comes from their
 * positions; neither file names nor instance numbers nor {@code SliceThickness} matter. What is no
 * volume is refused: a missing slice, two at one place, slices of several orientations, sizes or
 * units, and slices shifted against each other by a tilted gantry. The message names the files.
 *
 * <pre>{@code
 * for (DicomSeries series : DicomSeries.find(folder)) {
 *   ImageArray volume = series.read(ImageLoader.Options.DEFAULT);
 * }
 * }</pre>
 */
public final class DicomSeries {

  private static final int START_BYTES = 132;

  private final String uid;
  private final List<Slice> slices;

  private DicomSeries(String uid, List<Slice> slices) {
    this.uid = uid;
    this.slices = List.copyOf(slices);
  }

  /** What the header of a file tells. */
  private record Slice(
      Path file, String uid, String description, PixelFormat format, Plane plane, String unit) {

    static Slice of(Path file, DataSet header) {
      return new Slice(
          file,
          header.string(Tags.SERIES_INSTANCE_UID).orElse(""),
          Stream.of(Tags.MODALITY, Tags.SERIES_NUMBER, Tags.SERIES_DESCRIPTION)
              .flatMap(tag -> header.string(tag).stream())
              .map(DataSet::printable)
              .collect(Collectors.joining(" ")),
          PixelFormat.of(header),
          Plane.of(FrameHeaders.of(header, 1).get(0)),
          unit(FrameHeaders.of(header, 1).get(0)));
    }

    private static String unit(DataSet header) {
      boolean rescaled =
          header.contains(Tags.RESCALE_SLOPE) || header.contains(Tags.MODALITY_LUT_SEQUENCE);
      return header
          .string(Tags.RESCALE_TYPE)
          .map(type -> " in " + DataSet.printable(type))
          .orElse(rescaled ? " in a unit of its own" : "");
    }

    /** What slices of a volume have in common, in words. */
    String kind() {
      return format.rows() + " x " + format.columns() + " " + format.photometric() + unit;
    }

    String name() {
      return file.getFileName().toString();
    }
  }

  /**
   * Finds the series in a folder.
   *
   * @param folder the folder; its own folders are not searched
   * @return the series in the order of their first file's name; empty if there are none
   * @throws UnreadableImageException if the folder cannot be searched, or a DICOM file in it is
   *     damaged
   */
  public static List<DicomSeries> find(Path folder) {
    return find(files(folder));
  }

  /**
   * Finds the series among files. Other files, and DICOM files without an image, are left out.
   *
   * @param files the files
   * @return the series in the order of their first file; empty if there are none
   * @throws UnreadableImageException if a DICOM file is damaged
   */
  public static List<DicomSeries> find(List<Path> files) {
    Map<String, List<Slice>> byUid = new LinkedHashMap<>();
    for (Path file : files) {
      if (isDicom(file)) {
        DataSet header = DicomFile.readHeader(file).dataSet();
        if (header.contains(Tags.ROWS)) {
          Slice slice = Refusals.named(file, () -> Slice.of(file, header));
          byUid.computeIfAbsent(slice.uid(), uid -> new ArrayList<>()).add(slice);
        }
      }
    }
    List<DicomSeries> series = new ArrayList<>();
    byUid.forEach((uid, slices) -> series.add(new DicomSeries(uid, slices)));
    return series;
  }

  /**
   * Reads the one series of a folder.
   *
   * @throws UnreadableImageException if there is none, or more than one
   */
  static ImageArray readOnly(Path folder, ImageLoader.Options options) {
    List<DicomSeries> found = find(folder);
    return Refusals.named(
        folder,
        () -> {
          checkArgument(!found.isEmpty(), "it holds no DICOM image");
          checkArgument(
              found.size() == 1,
              "it holds %s series: %s; put each into a folder of its own",
              found.size(),
              SliceStack.list(found.stream().map(DicomSeries::toString).toList()));
          return found.get(0).volume(options);
        });
  }

  /** Whether a folder holds a DICOM image, or a damaged DICOM file, which is told on reading. */
  static boolean isIn(Path folder) {
    return files(folder).stream().filter(DicomSeries::isDicom).anyMatch(DicomSeries::mayBeImage);
  }

  private static boolean mayBeImage(Path file) {
    try {
      return DicomFile.readHeader(file).dataSet().contains(Tags.ROWS);
    } catch (UnreadableImageException e) {
      return true;
    }
  }

  /** The files of a folder in the order of their names. */
  static List<Path> files(Path folder) {
    return Refusals.named(
        folder,
        () -> {
          try (Stream<Path> entries = Files.list(folder)) {
            return entries.filter(Files::isRegularFile).sorted().toList();
          }
        });
  }

  /** Whether a file is a DICOM file, by how it starts. */
  static boolean isDicom(Path file) {
    try (InputStream in = Files.newInputStream(file)) {
      return DicomFile.isDicom(in.readNBytes(START_BYTES));
    } catch (IOException e) {
      throw new UnreadableImageException(file, FileErrors.reason(e), e);
    }
  }

  /** {@return the SeriesInstanceUID, empty if the files have none} */
  public String uid() {
    return uid;
  }

  /** {@return the files, in the order in which they were found} */
  public List<Path> files() {
    return slices.stream().map(Slice::file).toList();
  }

  /** {@return modality, number and description, and how many files there are} */
  @Override
  public String toString() {
    return "'" + slices.get(0).description() + "' with " + slices.size() + " files";
  }

  /**
   * Reads the volume. A single file is read if it has several frames.
   *
   * @param options how images are loaded; their limit holds for the volume
   * @return the volume, (slices, rows, columns, channels), in the order of the slices' normal
   * @throws UnreadableImageException if the slices make no volume, or one of them is damaged
   */
  public ImageArray read(ImageLoader.Options options) {
    Path first = slices.get(0).file();
    Path folder = first.toAbsolutePath().getParent();
    return Refusals.named(folder, () -> volume(options));
  }

  private ImageArray volume(ImageLoader.Options options) {
    Slice first = slices.get(0);
    if (slices.size() == 1) {
      checkArgument(
          first.format().frames() > 1,
          "its series %s is one slice, which is no volume; give the file instead of the folder",
          this);
      return new DicomReader().read(first.file(), options);
    }
    checkSame(Slice::kind, "size or unit");
    checkArgument(
        slices.stream().allMatch(slice -> slice.format().frames() == 1),
        "its series %s has files of several frames; give them one by one",
        this);
    int channels = FrameValues.channels(first.format(), options);
    long values =
        LongMath.saturatedMultiply((long) slices.size() * channels, first.format().pixels());
    long limit = options.maxValues();
    checkArgument(
        values <= Math.min(limit, Integer.MAX_VALUE),
        "its %s slices have %s values, more than the limit of %s",
        slices.size(),
        values,
        limit);
    SliceStack stack =
        SliceStack.of(
            slices.stream().map(Slice::plane).toList(), slices.stream().map(Slice::name).toList());
    SliceVolume volume = new SliceVolume(first.format(), slices.size(), options);
    for (int index : stack.order()) {
      volume.add(slices.get(index).file());
    }
    return volume.image().withGeometry(stack.geometry());
  }

  private void checkSame(Function<Slice, String> property, String what) {
    Map<String, List<String>> names = new LinkedHashMap<>();
    for (Slice slice : slices) {
      names.computeIfAbsent(property.apply(slice), key -> new ArrayList<>()).add(slice.name());
    }
    checkArgument(
        names.size() == 1,
        "its slices differ in %s: %s; put each kind into a folder of its own",
        what,
        names.entrySet().stream()
            .map(kind -> kind.getKey() + " (" + SliceStack.list(kind.getValue()) + ")")
            .collect(Collectors.joining(", ")));
  }
}

package org.aucmedi.xai.imaging.medical.dicom;

import static com.google.common.base.Preconditions.checkArgument;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.aucmedi.xai.array.Geometry;
import org.aucmedi.xai.array.ImageArray;
import org.aucmedi.xai.array.SampleType;
import org.aucmedi.xai.imaging.ImageLoader;
import org.aucmedi.xai.imaging.ImageReader;

/**
 * Reads DICOM images: slices and pictures as (rows, columns, channels), multi-frame images as
 * (frames, rows, columns, channels), and folders of slices as {@link DicomSeries} does.
 *
 * <p>Values are those of the modality, such as Hounsfield units, without a window unless {@link
 * ImageLoader.Options#window()} asks for one. Bright is always high: MONOCHROME1 is mirrored.
 * Colours are RGB. Pixels of padding ({@code PixelPaddingValue}) keep their value. Doses are the
 * stored numbers: {@code DoseGridScaling} is not applied.
 */
public final class DicomReader implements ImageReader {

  /** The SOP class of a DICOMDIR. */
  private static final String DIRECTORY = "1.2.840.10008.1.3.10";

  /** Constructs a reader. */
  public DicomReader() {}

  @Override
  public List<String> extensions() {
    return List.of("dcm", "dicom", "ima");
  }

  @Override
  public boolean recognises(byte[] start) {
    // A DICOMDIR lists the files of a disc.
    return DicomFile.isDicom(start)
        && !new String(start, StandardCharsets.ISO_8859_1).contains(DIRECTORY);
  }

  @Override
  public boolean appliesWindow() {
    return true;
  }

  @Override
  public boolean readsFolder(Path folder) {
    return DicomSeries.isIn(folder);
  }

  @Override
  public ImageArray read(Path file, ImageLoader.Options options) {
    if (Files.isDirectory(file)) {
      return DicomSeries.readOnly(file, options);
    }
    long limit = options.maxValues();
    DicomFile dicom =
        DicomFile.readOrRefuse(
            file, header -> PixelFormat.of(header).checkSize(limit).plainBytes());
    return Refusals.named(file, () -> image(dicom, options));
  }

  private static ImageArray image(DicomFile file, ImageLoader.Options options) throws IOException {
    DataSet data = file.dataSet();
    PixelFormat format = PixelFormat.of(data).checkSize(options.maxValues());
    List<DataSet> headers = FrameHeaders.of(data, format.frames());
    List<Plane> planes = headers.stream().map(Plane::of).toList();
    boolean isStack =
        format.frames() > 1
            && data.contains(Tags.PER_FRAME_FUNCTIONAL_GROUPS_SEQUENCE)
            && planes.stream().anyMatch(plane -> plane.position() != null);
    List<Integer> order = IntStream.range(0, format.frames()).boxed().toList();
    Geometry geometry;
    if (isStack) {
      SliceStack stack =
          SliceStack.of(planes, order.stream().map(i -> "frame " + (i + 1)).toList());
      order = stack.order();
      geometry = stack.geometry();
    } else {
      geometry = planes.get(0).geometry(distance(data, planes.get(0), format.frames()));
    }
    int channels = FrameValues.channels(format, options);
    FrameValues frames = new FrameValues(file, format, options);
    float[] values = new float[format.frames() * format.pixels() * channels];
    SampleType type = SampleType.UINT8;
    for (int i = 0; i < order.size(); i++) {
      int frame = order.get(i);
      DataSet header = headers.get(frame);
      frames.read(frame, header, values, i * format.pixels() * channels);
      type = FrameValues.common(type, FrameValues.sampleType(format, header, options));
    }
    return ImageArray.wrap(shape(format), channels, values, type).withGeometry(geometry);
  }

  private static int[] shape(PixelFormat format) {
    return format.frames() == 1
        ? new int[] {format.rows(), format.columns()}
        : new int[] {format.frames(), format.rows(), format.columns()};
  }

  /** The distance of frames: of a dose its offsets, else that between slices or a slice's own. */
  private static double distance(DataSet data, Plane plane, int frames) {
    double[] offsets = data.numbers(Tags.GRID_FRAME_OFFSET_VECTOR);
    if (frames > 1 && offsets.length == frames) {
      double distance = (offsets[frames - 1] - offsets[0]) / (frames - 1);
      for (int i = 1; i < frames; i++) {
        checkArgument(
            distance != 0
                && Math.abs(offsets[i] - offsets[i - 1] - distance) <= 0.05 * Math.abs(distance),
            "its frames are not evenly spaced: %s and %s lie at %s mm and %s mm; resample them",
            i,
            i + 1,
            offsets[i - 1],
            offsets[i]);
      }
      return distance;
    }
    double between = data.number(Tags.SPACING_BETWEEN_SLICES).orElse(0);
    return frames > 1 && between != 0 ? between : plane.thickness();
  }
}

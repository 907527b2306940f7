package org.aucmedi.xai.imaging.medical.dicom;

import static com.google.common.base.Preconditions.checkArgument;

import java.nio.file.Path;
import org.aucmedi.xai.array.ImageArray;
import org.aucmedi.xai.array.SampleType;
import org.aucmedi.xai.imaging.ImageLoader;

/** The values of a volume as its slices are read, one after the other. */
final class SliceVolume {

  private final PixelFormat format;
  private final int slices;
  private final ImageLoader.Options options;
  private final int channels;
  private final float[] values;
  private SampleType sampleType = SampleType.UINT8;
  private int added;

  /**
   * Makes room for all slices.
   *
   * @param format the size of a slice
   */
  SliceVolume(PixelFormat format, int slices, ImageLoader.Options options) {
    this.format = format;
    this.slices = slices;
    this.options = options;
    channels = FrameValues.channels(format, options);
    values = new float[slices * format.pixels() * channels];
  }

  /** Reads the next slice. */
  void add(Path file) {
    DicomFile dicom =
        DicomFile.readOrRefuse(file, header -> checked(PixelFormat.of(header)).plainBytes());
    Refusals.named(
        file,
        () -> {
          DataSet header = FrameHeaders.of(dicom.dataSet(), 1).get(0);
          PixelFormat own = checked(PixelFormat.of(dicom.dataSet()));
          new FrameValues(dicom, own, options)
              .read(0, header, values, added * format.pixels() * channels);
          sampleType = FrameValues.common(sampleType, FrameValues.sampleType(own, header, options));
          return added++;
        });
  }

  /** The file may have changed since its header was read. */
  private PixelFormat checked(PixelFormat own) {
    checkArgument(
        own.frames() == 1
            && own.rows() == format.rows()
            && own.columns() == format.columns()
            && own.channels() == format.channels(),
        "it changed while it was read");
    return own;
  }

  /** The volume, once all slices are there. */
  ImageArray image() {
    return ImageArray.wrap(
        new int[] {slices, format.rows(), format.columns()}, channels, values, sampleType);
  }
}

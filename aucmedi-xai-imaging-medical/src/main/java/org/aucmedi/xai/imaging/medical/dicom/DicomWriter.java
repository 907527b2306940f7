package org.aucmedi.xai.imaging.medical.dicom;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.time.Clock;
import java.time.ZoneId;
import org.aucmedi.xai.array.ImageArray;
import org.aucmedi.xai.imaging.UnreadableImageException;
import org.aucmedi.xai.imaging.VolumeWriter;

/**
 * Writes maps as DICOM files, Explicit VR Little Endian: an overlay in colours as a Secondary
 * Capture, which every viewer shows, and a map's numbers as a Parametric Map, which keeps them.
 *
 * <p>A file belongs to the patient, the study and the frame of reference of the DICOM files it was
 * made from, and refers to them; its series is a new one, the same for all maps of one method and
 * kind from one series. The same map has the same UIDs in every run. A map of another kind of file
 * has no patient and a study of its own.
 */
public final class DicomWriter implements VolumeWriter {

  /** The manufacturer, by which a later run knows its files. */
  static final String MANUFACTURER = "AUCMEDI-XAI";

  private final Clock clock;

  /** Constructs a writer. */
  public DicomWriter() {
    this(Clock.system(ZoneId.systemDefault()));
  }

  /** Constructs a writer whose files are made at a given time. */
  DicomWriter(Clock clock) {
    this.clock = clock;
  }

  @Override
  public String extension() {
    return "dcm";
  }

  /**
   * Writes an image of one channel as a Parametric Map, or of three, red, green and blue from 0 to
   * 255, as a Secondary Capture.
   */
  @Override
  public void write(ImageArray image, Origin origin, OutputStream out) throws IOException {
    DerivedImage derived = new DerivedImage(image, SourceImages.of(origin.file()), origin, clock);
    DicomEncoder.write(
        image.channels() == 1 ? ParametricMap.of(derived) : SecondaryCapture.of(derived), out);
  }

  @Override
  public boolean wrote(Path file) {
    try {
      return DicomFile.readHeader(file)
          .dataSet()
          .string(Tags.MANUFACTURER)
          .filter(MANUFACTURER::equals)
          .isPresent();
    } catch (UnreadableImageException e) {
      return false;
    }
  }
}

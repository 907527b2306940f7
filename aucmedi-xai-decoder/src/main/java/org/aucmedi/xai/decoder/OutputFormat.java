package org.aucmedi.xai.decoder;

import com.google.common.base.Ascii;
import java.util.Arrays;
import java.util.stream.Collectors;
import org.aucmedi.xai.imaging.drawing.Drawing;

/** What the decoder writes for each map. */
public enum OutputFormat {
  /** An 8-bit picture: the overlay, or the map alone; of a volume a montage or cuts. */
  PNG("png"),
  /** An animation of a volume's slices, as pictures of 256 colours; of an image a still one. */
  GIF("gif"),
  /** The numbers: a float32 NumPy array of the map's spatial shape. */
  NPY("npy"),
  /** The numbers where the image lies in the patient, as NIfTI-1. */
  NIFTI("nii.gz"),
  /** The numbers where the image lies in the patient, as ITK's MetaImage. */
  META_IMAGE("mha"),
  /** The numbers where the image lies in the patient, as NRRD. */
  NRRD("nrrd"),
  /**
   * DICOM of the patient and study of the image: the overlay as a Secondary Capture, or the numbers
   * as a Parametric Map.
   */
  DICOM("dcm");

  private final String extension;

  OutputFormat(String extension) {
    this.extension = extension;
  }

  /**
   * Finds a format.
   *
   * @param extension its file name extension, in any case
   * @return the format
   * @throws IllegalArgumentException if there is none
   */
  public static OutputFormat of(String extension) {
    return Arrays.stream(values())
        .filter(format -> format.extension.equals(Ascii.toLowerCase(extension)))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "'"
                        + extension
                        + "' is not a format; use "
                        + Arrays.stream(values())
                            .map(OutputFormat::extension)
                            .collect(Collectors.joining(", "))));
  }

  /**
   * Returns the file name extension.
   *
   * @return the extension, without a dot
   */
  public String extension() {
    return extension;
  }

  /**
   * Returns whether maps are drawn.
   *
   * @param drawing how they would be
   * @return false where the numbers are written
   */
  public boolean draws(Drawing drawing) {
    return switch (this) {
      case PNG, GIF -> true;
      case DICOM -> drawing.overlay();
      default -> false;
    };
  }
}

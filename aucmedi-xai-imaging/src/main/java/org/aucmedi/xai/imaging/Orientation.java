package org.aucmedi.xai.imaging;

import java.io.IOException;
import java.util.List;
import javax.imageio.stream.ImageInputStream;
import org.aucmedi.xai.array.ImageArray;

/**
 * How a camera was held: field 274 of EXIF and TIFF, 1 to 8 (EXIF 2.32, section 4.6.4). It says
 * where the first row and the first column of the stored pixels are to be shown.
 */
final class Orientation {

  /** As stored: the first row at the top, the first column at the left. */
  static final int AS_STORED = 1;

  /** From here on the first row is shown at a side. */
  private static final int FIRST_TRANSPOSED = 5;

  private static final int LAST = 8;
  private static final int EXIF_CHUNK = 0x65584966;
  private static final int END_CHUNK = 0x49454e44;
  private static final int PNG_SIGNATURE = 8;

  private Orientation() {}

  /**
   * Returns the orientation that a JPEG picture has in its EXIF data.
   *
   * @return it, 1 without
   * @throws IOException if the file cannot be read
   */
  static int of(JpegHeader header, ImageInputStream in) throws IOException {
    return header.exifLength() == 0
        ? AS_STORED
        : ofTiff(in, header.exifPosition(), header.exifLength());
  }

  /**
   * Returns the orientation that a PNG picture has in its chunk eXIf.
   *
   * @return it, 1 without
   * @throws IOException if the file cannot be read
   */
  static int ofPng(ImageInputStream in) throws IOException {
    long end = in.length();
    for (long at = PNG_SIGNATURE; at + 12 <= end; ) {
      in.seek(at);
      long length = in.readUnsignedInt();
      int type = in.readInt();
      if (type == END_CHUNK) {
        break;
      }
      if (type == EXIF_CHUNK) {
        return ofTiff(in, at + 8, Math.min(length, end - at - 8));
      }
      at += length + 12;
    }
    return AS_STORED;
  }

  /** Damaged EXIF data says nothing. */
  private static int ofTiff(ImageInputStream in, long position, long length) {
    try {
      return of(TiffDirectory.readAll(in, position, length).get(0));
    } catch (IOException e) {
      return AS_STORED;
    }
  }

  /**
   * Returns the orientation that a page of a TIFF file has.
   *
   * @return it, 1 without
   * @throws IOException if the field is damaged
   */
  static int of(TiffDirectory page) throws IOException {
    long value = page.integer(TiffDirectory.ORIENTATION, AS_STORED);
    return value >= AS_STORED && value <= LAST ? (int) value : AS_STORED;
  }

  /**
   * Turns the planes of an image the way they are to be shown.
   *
   * @param orientation from 1 to 8
   * @return the image, the same one for 1; height and width are swapped from 5 on
   */
  static ImageArray apply(int orientation, ImageArray image) {
    if (orientation == AS_STORED) {
      return image;
    }
    int[] from = image.spatialShape();
    int rank = from.length;
    int height = from[rank - 2];
    int width = from[rank - 1];
    boolean transposed = orientation >= FIRST_TRANSPOSED;
    int[] to = from.clone();
    to[rank - 2] = transposed ? width : height;
    to[rank - 1] = transposed ? height : width;
    // 3, 4, 6 and 7 show the first row at the bottom or right, 2, 3, 7 and 8 so the first column.
    boolean flipRows = List.of(3, 4, 6, 7).contains(orientation);
    boolean flipColumns = List.of(2, 3, 7, 8).contains(orientation);
    int channels = image.channels();
    float[] values = image.values();
    float[] turned = new float[values.length];
    int plane = height * width * channels;
    for (int start = 0, target = 0; start < values.length; start += plane) {
      for (int y = 0; y < to[rank - 2]; y++) {
        for (int x = 0; x < to[rank - 1]; x++, target += channels) {
          int row = transposed ? x : y;
          int column = transposed ? y : x;
          int source =
              (flipRows ? height - 1 - row : row) * width
                  + (flipColumns ? width - 1 - column : column);
          System.arraycopy(values, start + source * channels, turned, target, channels);
        }
      }
    }
    return ImageArray.wrap(to, channels, turned, image.sampleType());
  }
}

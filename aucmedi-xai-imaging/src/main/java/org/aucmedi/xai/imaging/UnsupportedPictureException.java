package org.aucmedi.xai.imaging;

import java.io.IOException;

/** A picture is whole, but of a kind that is not read. The message says what to do. */
final class UnsupportedPictureException extends IOException {

  private static final long serialVersionUID = 1L;

  UnsupportedPictureException(String message) {
    super(message);
  }

  /** Refuses a picture that claims more pixels than are allowed. */
  static void checkPixels(long pixels, int maxPixels) throws UnsupportedPictureException {
    if (pixels > maxPixels) {
      throw new UnsupportedPictureException(
          "it claims "
              + pixels
              + " pixels, more than the "
              + maxPixels
              + " allowed; make it smaller or allow more");
    }
  }
}

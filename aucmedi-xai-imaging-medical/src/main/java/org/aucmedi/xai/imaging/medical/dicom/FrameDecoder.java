package org.aucmedi.xai.imaging.medical.dicom;

import java.io.IOException;
import org.aucmedi.xai.imaging.medical.codec.DecodedFrame;

/** Decodes the compressed pixel data of one frame. */
@FunctionalInterface
interface FrameDecoder {

  /**
   * Decodes a frame.
   *
   * @param codestream its bytes
   * @return the samples as the codestream holds them, without conversion of colours
   * @throws IOException if the codestream is damaged or of an unsupported kind; the message says
   *     why
   */
  DecodedFrame decode(byte[] codestream) throws IOException;
}

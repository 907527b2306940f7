package org.aucmedi.xai.imaging.medical.codec;

import java.io.IOException;

/**
 * The order of packets (T.800, B.12): by layer, resolution, component and position; the first
 * letter is the outermost loop.
 */
enum ProgressionOrder {
  LRCP,
  RLCP,
  RPCL,
  PCRL,
  CPRL;

  static ProgressionOrder of(int code) throws IOException {
    if (code >= values().length) {
      throw new IOException("its JPEG 2000 data is damaged: its progression order is unknown");
    }
    return values()[code];
  }
}

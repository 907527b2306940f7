package org.aucmedi.xai.imaging.medical.codec;

import java.io.IOException;

/** Walks through the markers of a JPEG or JPEG-LS codestream (T.81 annex B, T.87 annex C). */
final class JpegMarkers {

  static final int SOF0 = 0xc0;
  static final int SOF1 = 0xc1;
  static final int SOF2 = 0xc2;
  static final int SOF3 = 0xc3;
  static final int DHT = 0xc4;
  static final int RST0 = 0xd0;
  static final int RST7 = 0xd7;
  static final int SOI = 0xd8;
  static final int EOI = 0xd9;
  static final int SOS = 0xda;
  static final int DQT = 0xdb;
  static final int DNL = 0xdc;
  static final int DRI = 0xdd;
  static final int APP8 = 0xe8;
  static final int APP14 = 0xee;
  static final int SOF55 = 0xf7;
  static final int LSE = 0xf8;

  /** What {@link #next} returns where no marker is left. */
  static final int NONE = -1;

  /** Below this the byte after 0xff makes no marker that these codestreams use. */
  private static final int FIRST = SOF0;

  private final byte[] data;
  private int position;

  JpegMarkers(byte[] data) throws IOException {
    this.data = data;
    if (data.length < 2 || (data[0] & 0xff) != 0xff || (data[1] & 0xff) != SOI) {
      throw new IOException("its JPEG data do not start with the marker SOI");
    }
    this.position = 2;
  }

  /** Passes the next marker, whatever lies before it, and returns its second byte. */
  int next() {
    for (; position + 1 < data.length; position++) {
      int code = data[position + 1] & 0xff;
      if ((data[position] & 0xff) == 0xff && code >= FIRST && code != 0xff) {
        position += 2;
        return code;
      }
    }
    return NONE;
  }

  /** The segment of the marker just passed. */
  JpegSegment segment() throws IOException {
    int length = new JpegSegment(data, position, data.length).u16();
    if (length < 2 || length > data.length - position) {
      throw new IOException("a marker segment of its JPEG data is cut short");
    }
    JpegSegment segment = new JpegSegment(data, position + 2, position + length);
    position += length;
    return segment;
  }

  /** Where the bytes after the last marker or segment start. */
  int position() {
    return position;
  }

  /** Goes on at a position further down. */
  void moveTo(int newPosition) {
    position = newPosition;
  }

  /** Whether a marker has no segment. */
  static boolean standsAlone(int marker) {
    return marker >= RST0 && marker <= EOI;
  }
}

package org.aucmedi.xai.imaging.medical.codec;

/** One component of a JPEG image: its place in the frame header and its samples. */
final class JpegComponent {

  final int id;

  /** The horizontal sampling factor. */
  final int h;

  /** The vertical sampling factor. */
  final int v;

  final int quantisationTable;

  /** The number of columns of its own, without padding. */
  int width;

  /** The number of rows of its own, without padding. */
  int height;

  /** The number of columns with padding to whole MCUs. */
  int stride;

  /** Unsigned values, row by row, empty before {@link #allocate}. */
  short[] samples = {};

  /** Whether a scan has brought the samples. */
  boolean decoded;

  JpegComponent(int id, int h, int v, int quantisationTable) {
    this.id = id;
    this.h = h;
    this.v = v;
    this.quantisationTable = quantisationTable;
  }

  void allocate(int rows, int columns) {
    stride = columns;
    samples = new short[rows * columns];
  }

  int sample(int y, int x) {
    return samples[y * stride + x] & 0xffff;
  }
}

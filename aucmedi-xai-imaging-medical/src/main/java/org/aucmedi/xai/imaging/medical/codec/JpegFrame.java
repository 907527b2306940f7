package org.aucmedi.xai.imaging.medical.codec;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * A frame header (T.81 B.2.2).
 *
 * @param precision the number of bits per sample
 * @param width the number of columns
 * @param height the number of rows
 * @param components the components in their order
 */
record JpegFrame(int precision, int width, int height, List<JpegComponent> components) {

  /** The largest number of samples that are decoded unless the caller says otherwise. */
  static final long MOST_SAMPLES = 1L << 28;

  private static final int MOST_COMPONENTS = 4;
  private static final int MOST_FACTOR = 4;

  /**
   * Reads a frame header.
   *
   * @param segment the segment of a marker SOF
   * @param mostSamples the largest number of samples accepted
   * @throws IOException if a value is out of range or the image has too many samples
   */
  static JpegFrame read(JpegSegment segment, long mostSamples) throws IOException {
    int precision = segment.u8();
    int height = segment.u16();
    int width = segment.u16();
    int count = segment.u8();
    if (height == 0) {
      throw new IOException(
          "its JPEG data give the number of rows only at the end (DNL), which is not supported");
    }
    if (width == 0) {
      throw new IOException("its JPEG data say that the image has no columns");
    }
    if (count < 1 || count > MOST_COMPONENTS) {
      throw new IOException("its JPEG data have " + count + " components, not 1 to 4");
    }
    long samples = (long) width * height * count;
    if (samples > Math.min(mostSamples, Integer.MAX_VALUE - 8)) {
      throw new IOException(
          String.format(
              "its JPEG data have %d x %d pixels of %d values, more than the limit of %d values",
              width, height, count, mostSamples));
    }
    List<JpegComponent> components = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      int id = segment.u8();
      int factors = segment.u8();
      int h = factors >> 4;
      int v = factors & 0xf;
      if (h < 1 || h > MOST_FACTOR || v < 1 || v > MOST_FACTOR) {
        throw new IOException(
            "its JPEG data have the sampling factors " + h + " and " + v + ", not 1 to 4");
      }
      if (components.stream().anyMatch(other -> other.id == id)) {
        throw new IOException("its JPEG data have two components with the number " + id);
      }
      components.add(new JpegComponent(id, h, v, segment.u8()));
    }
    JpegFrame frame = new JpegFrame(precision, width, height, List.copyOf(components));
    for (JpegComponent component : components) {
      component.width = ceilDiv(width * component.h, frame.mostH());
      component.height = ceilDiv(height * component.v, frame.mostV());
    }
    return frame;
  }

  /** The largest horizontal sampling factor. */
  int mostH() {
    return components.stream().mapToInt(component -> component.h).max().orElseThrow();
  }

  /** The largest vertical sampling factor. */
  int mostV() {
    return components.stream().mapToInt(component -> component.v).max().orElseThrow();
  }

  /**
   * The number of MCUs side by side, if all components are interleaved.
   *
   * @param unit the width of a data unit: 8 with the DCT, else 1
   */
  int mcusAcross(int unit) {
    return ceilDiv(width, unit * mostH());
  }

  /**
   * The number of MCUs one below the other, if all components are interleaved.
   *
   * @param unit the height of a data unit: 8 with the DCT, else 1
   */
  int mcusDown(int unit) {
    return ceilDiv(height, unit * mostV());
  }

  /**
   * Allocates the samples of the components, if the codestream can hold as many.
   *
   * @param unit the width and height of a data unit: 8 with the DCT, else 1
   * @param bitsPerUnit how many bits a data unit takes at least
   * @param bytes the length of the codestream
   * @throws IOException if so few bytes cannot hold the image
   */
  void allocate(int unit, int bitsPerUnit, int bytes) throws IOException {
    long units = 0;
    for (JpegComponent component : components) {
      units += (long) ceilDiv(component.width, unit) * ceilDiv(component.height, unit);
    }
    if (units * bitsPerUnit > (long) bytes * Byte.SIZE) {
      throw new IOException(
          String.format(
              "its JPEG data of %d bytes are too few for %d x %d pixels", bytes, width, height));
    }
    for (JpegComponent component : components) {
      long rows = (long) mcusDown(unit) * component.v * unit;
      long columns = (long) mcusAcross(unit) * component.h * unit;
      if (rows * columns > Integer.MAX_VALUE - 8) {
        throw new IOException("its JPEG data hold too large an image");
      }
      component.allocate((int) rows, (int) columns);
    }
  }

  /**
   * {@return the component with a number}
   *
   * @throws IOException if there is none
   */
  JpegComponent component(int id) throws IOException {
    return components.stream()
        .filter(component -> component.id == id)
        .findFirst()
        .orElseThrow(
            () -> new IOException("a scan of its JPEG data names an unknown component " + id));
  }

  static int ceilDiv(int a, int b) {
    return (a + b - 1) / b;
  }
}

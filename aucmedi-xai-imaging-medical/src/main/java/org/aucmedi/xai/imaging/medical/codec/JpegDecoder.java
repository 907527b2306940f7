package org.aucmedi.xai.imaging.medical.codec;

import static com.google.common.base.Preconditions.checkArgument;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * Decodes JPEG with Huffman codes (ISO 10918-1, ITU-T T.81): sequential DCT of 8 or 12 bits
 * (processes 1, 2 and 4) and lossless of 2 to 16 bits (process 14). Not progressive, arithmetic or
 * hierarchical coding.
 *
 * <p>Colours are not converted. Components of half size are interpolated with the DCT and repeated
 * without; other sizes are repeated.
 */
public final class JpegDecoder {

  private static final int TABLES = 4;

  /** A block of the DCT takes at least a code for its mean and one for its end. */
  private static final int BITS_PER_BLOCK = 2;

  /** A sample takes at least a code of one bit. */
  private static final int BITS_PER_SAMPLE = 1;

  private final byte[] data;
  private final long mostSamples;
  private final JpegMarkers markers;
  private final @Nullable HuffmanTable[] dcTables = new HuffmanTable[TABLES];
  private final @Nullable HuffmanTable[] acTables = new HuffmanTable[TABLES];
  private final int[] @Nullable [] steps = new int[TABLES][];
  private int restartInterval;
  private @Nullable JpegFrame frame;
  private boolean lossless;

  private JpegDecoder(byte[] codestream, long mostSamples) throws IOException {
    this.data = codestream;
    this.mostSamples = mostSamples;
    this.markers = new JpegMarkers(codestream);
  }

  /**
   * Decodes an image of at most 2<sup>28</sup> samples.
   *
   * @param codestream the JPEG data from the marker SOI on; what follows the image is ignored
   * @return the image
   * @throws IOException if the data are wrong, end too early, or need a process that is not
   *     supported
   */
  public static DecodedFrame decode(byte[] codestream) throws IOException {
    return decode(codestream, JpegFrame.MOST_SAMPLES);
  }

  /**
   * Decodes an image.
   *
   * @param codestream the JPEG data from the marker SOI on; what follows the image is ignored
   * @param mostSamples the largest number of samples (width x height x components) accepted, at
   *     least 1
   * @return the image
   * @throws IOException if the data are wrong, end too early, hold a larger image, or need a
   *     process that is not supported
   */
  public static DecodedFrame decode(byte[] codestream, long mostSamples) throws IOException {
    checkArgument(mostSamples >= 1, "at least 1 sample is decoded, got %s", mostSamples);
    return new JpegDecoder(codestream, mostSamples).decode();
  }

  /**
   * Finds the colour transform that an Adobe marker (APP14) names.
   *
   * @param codestream the JPEG data from the marker SOI on
   * @return 0 for none (RGB or CMYK), 1 for YCbCr, 2 for YCCK; empty without the marker
   * @throws IOException if the data are wrong before the first scan
   */
  public static OptionalInt adobeTransform(byte[] codestream) throws IOException {
    JpegMarkers markers = new JpegMarkers(codestream);
    for (int marker = markers.next();
        marker != JpegMarkers.NONE && marker != JpegMarkers.SOS;
        marker = markers.next()) {
      if (JpegMarkers.standsAlone(marker)) {
        continue;
      }
      JpegSegment segment = markers.segment();
      if (marker == JpegMarkers.APP14 && segment.startsWith("Adobe")) {
        // The name, a version and two flags of 16 bits each come first.
        segment.skip("Adobe".length() + 6);
        return OptionalInt.of(segment.u8());
      }
    }
    return OptionalInt.empty();
  }

  private DecodedFrame decode() throws IOException {
    while (frame == null || !frame.components().stream().allMatch(part -> part.decoded)) {
      int marker = markers.next();
      if (marker == JpegMarkers.NONE || marker == JpegMarkers.EOI) {
        throw new IOException("its JPEG data end before the image is complete");
      }
      if (!JpegMarkers.standsAlone(marker)) {
        read(marker, markers.segment());
      }
    }
    return new DecodedFrame(
        frame.width(),
        frame.height(),
        frame.components().size(),
        frame.precision(),
        false,
        JpegUpsampling.samples(frame, !lossless));
  }

  private void read(int marker, JpegSegment segment) throws IOException {
    switch (marker) {
      case JpegMarkers.SOF0, JpegMarkers.SOF1, JpegMarkers.SOF3 -> readFrame(marker, segment);
      case JpegMarkers.DHT -> readHuffmanTables(segment);
      case JpegMarkers.DQT -> readSteps(segment);
      case JpegMarkers.DRI -> restartInterval = segment.u16();
      case JpegMarkers.SOS -> readScan(segment);
      default -> refuse(marker);
    }
  }

  private static void refuse(int marker) throws IOException {
    if (marker == JpegMarkers.SOF55) {
      throw new IOException("its data are JPEG-LS, where JPEG was expected");
    }
    String process =
        switch (marker) {
          case JpegMarkers.SOF2 -> "progressive JPEG";
          case 0xc5, 0xc6, 0xc7, 0xde -> "hierarchical JPEG";
          case 0xc9, 0xca, 0xcb, 0xcc, 0xcd, 0xce, 0xcf -> "JPEG with arithmetic coding";
          case JpegMarkers.DNL -> "JPEG with the number of rows at the end (DNL)";
          default -> "";
        };
    if (!process.isEmpty()) {
      throw new IOException("its data are " + process + ", which is not supported");
    }
  }

  private void readFrame(int marker, JpegSegment segment) throws IOException {
    if (frame != null) {
      throw new IOException("its JPEG data have two frame headers");
    }
    JpegFrame header = JpegFrame.read(segment, mostSamples);
    lossless = marker == JpegMarkers.SOF3;
    int bits = header.precision();
    boolean fits =
        lossless
            ? bits >= 2 && bits <= 16
            : bits == 8 || (bits == 12 && marker == JpegMarkers.SOF1);
    if (!fits) {
      throw new IOException(
          "its JPEG data have " + bits + " bits per sample, which their process does not allow");
    }
    if (lossless) {
      header.allocate(JpegLosslessScan.UNIT, BITS_PER_SAMPLE, data.length);
    } else {
      header.allocate(JpegDctScan.BLOCK, BITS_PER_BLOCK, data.length);
    }
    frame = header;
  }

  private void readHuffmanTables(JpegSegment segment) throws IOException {
    while (segment.remaining() > 0) {
      int place = segment.u8();
      HuffmanTable[] tables = place >> 4 == 0 ? dcTables : acTables;
      tables[place(place & 0xf)] = new HuffmanTable(segment);
    }
  }

  private void readSteps(JpegSegment segment) throws IOException {
    while (segment.remaining() > 0) {
      int place = segment.u8();
      int[] table = new int[JpegDctScan.BLOCK * JpegDctScan.BLOCK];
      for (int i = 0; i < table.length; i++) {
        table[i] = place >> 4 == 0 ? segment.u8() : segment.u16();
      }
      steps[place(place & 0xf)] = table;
    }
  }

  private static int place(int number) throws IOException {
    if (number >= TABLES) {
      throw new IOException("its JPEG data name a table " + number + ", not 0 to 3");
    }
    return number;
  }

  private static <T> T present(@Nullable T[] tables, int number) throws IOException {
    T table = tables[place(number)];
    if (table == null) {
      throw new IOException("its JPEG data lack the table " + number + " that they name");
    }
    return table;
  }

  private void readScan(JpegSegment segment) throws IOException {
    if (frame == null) {
      throw new IOException("its JPEG data have a scan before the frame header");
    }
    int count = segment.u8();
    List<JpegComponent> components = new ArrayList<>();
    List<Integer> tables = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      JpegComponent component = frame.component(segment.u8());
      if (component.decoded) {
        throw new IOException("its JPEG data code the component " + component.id + " twice");
      }
      component.decoded = true;
      components.add(component);
      tables.add(segment.u8());
    }
    if (components.isEmpty()) {
      throw new IOException("a scan of its JPEG data has no components");
    }
    int predictor = segment.u8();
    segment.u8();
    int pointTransform = segment.u8() & 0xf;
    JpegBits bits = JpegBits.ofJpeg(data, markers.position());
    JpegScan scan =
        lossless
            ? losslessScan(components, tables, bits, predictor, pointTransform)
            : dctScan(components, tables, bits);
    scan.decode();
    markers.moveTo(bits.position());
  }

  private JpegScan losslessScan(
      List<JpegComponent> components,
      List<Integer> tables,
      JpegBits bits,
      int predictor,
      int pointTransform)
      throws IOException {
    if (predictor < 1 || predictor > 7) {
      throw new IOException("its lossless JPEG data have the predictor " + predictor);
    }
    if (pointTransform >= frame.precision()) {
      throw new IOException("its lossless JPEG data have the point transform " + pointTransform);
    }
    List<HuffmanTable> codes = new ArrayList<>();
    for (int table : tables) {
      codes.add(present(dcTables, table >> 4));
    }
    return new JpegLosslessScan(
        frame, components, bits, restartInterval, codes, predictor, pointTransform);
  }

  private JpegScan dctScan(List<JpegComponent> components, List<Integer> tables, JpegBits bits)
      throws IOException {
    List<HuffmanTable> dc = new ArrayList<>();
    List<HuffmanTable> ac = new ArrayList<>();
    List<int[]> stepSizes = new ArrayList<>();
    for (int i = 0; i < components.size(); i++) {
      dc.add(present(dcTables, tables.get(i) >> 4));
      ac.add(present(acTables, tables.get(i) & 0xf));
      stepSizes.add(present(steps, components.get(i).quantisationTable));
    }
    return new JpegDctScan(frame, components, bits, restartInterval, dc, ac, stepSizes);
  }
}

package org.aucmedi.xai.imaging.medical.codec;

import static com.google.common.base.Preconditions.checkArgument;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * Decodes JPEG-LS, lossless and near-lossless (ISO 14495-1, ITU-T T.87): 2 to 16 bits, one to four
 * components of the same size, interleaved by samples, by lines or not at all. Not the palettes,
 * point transforms and images of more than 65,535 rows or columns that the standard allows too.
 */
public final class JpegLsDecoder {

  private static final int PRESET = 1;
  private static final int PALETTE = 2;
  private static final int PALETTE_GOES_ON = 3;
  private static final int LARGE_SIZE = 4;
  private static final int PRESET_VALUES = 5;

  private static final int BY_LINE = 1;
  private static final int BY_SAMPLE = 2;

  /** The longest run that one bit stands for. */
  private static final long LONGEST_RUN = 1 << 15;

  private final byte[] data;
  private final long mostSamples;
  private final JpegMarkers markers;
  private int[] preset = new int[PRESET_VALUES];
  private long restartInterval;
  private @Nullable JpegFrame frame;
  private int[] samples = {};

  private JpegLsDecoder(byte[] codestream, long mostSamples) throws IOException {
    this.data = codestream;
    this.mostSamples = mostSamples;
    this.markers = new JpegMarkers(codestream);
  }

  /**
   * Decodes an image of at most 2<sup>28</sup> samples.
   *
   * @param codestream the JPEG-LS data from the marker SOI on; what follows the image is ignored
   * @return the image
   * @throws IOException if the data are wrong, end too early, or need a feature that is not
   *     supported
   */
  public static DecodedFrame decode(byte[] codestream) throws IOException {
    return decode(codestream, JpegFrame.MOST_SAMPLES);
  }

  /**
   * Decodes an image.
   *
   * @param codestream the JPEG-LS data from the marker SOI on; what follows the image is ignored
   * @param mostSamples the largest number of samples (width x height x components) accepted, at
   *     least 1
   * @return the image
   * @throws IOException if the data are wrong, end too early, hold a larger image, or need a
   *     feature that is not supported
   */
  public static DecodedFrame decode(byte[] codestream, long mostSamples) throws IOException {
    checkArgument(mostSamples >= 1, "at least 1 sample is decoded, got %s", mostSamples);
    return new JpegLsDecoder(codestream, mostSamples).decode();
  }

  private DecodedFrame decode() throws IOException {
    while (frame == null || !frame.components().stream().allMatch(part -> part.decoded)) {
      int marker = markers.next();
      if (marker == JpegMarkers.NONE || marker == JpegMarkers.EOI) {
        throw new IOException("its JPEG-LS data end before the image is complete");
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
        samples);
  }

  private void read(int marker, JpegSegment segment) throws IOException {
    switch (marker) {
      case JpegMarkers.SOF55 -> readFrame(segment);
      case JpegMarkers.LSE -> readPreset(segment);
      case JpegMarkers.DRI -> readRestartInterval(segment);
      case JpegMarkers.SOS -> readScan(segment);
      case JpegMarkers.APP8 -> checkColours(segment);
      case JpegMarkers.SOF0, JpegMarkers.SOF1, JpegMarkers.SOF2, JpegMarkers.SOF3 ->
          throw new IOException("its data are JPEG, where JPEG-LS was expected");
      default -> {
        // Comments and application data.
      }
    }
  }

  private void readFrame(JpegSegment segment) throws IOException {
    if (frame != null) {
      throw new IOException("its JPEG-LS data have two frame headers");
    }
    JpegFrame header = JpegFrame.read(segment, mostSamples);
    if (header.precision() < 2 || header.precision() > 16) {
      throw new IOException(
          "its JPEG-LS data have " + header.precision() + " bits per sample, not 2 to 16");
    }
    for (JpegComponent component : header.components()) {
      if (component.width != header.width() || component.height != header.height()) {
        throw new IOException(
            "its JPEG-LS data have components of different sizes, which is not supported");
      }
    }
    long count = (long) header.width() * header.height() * header.components().size();
    if (count / LONGEST_RUN > (long) data.length * Byte.SIZE) {
      throw new IOException(
          String.format(
              "its JPEG-LS data of %d bytes are too few for %d x %d pixels",
              data.length, header.width(), header.height()));
    }
    samples = new int[(int) count];
    frame = header;
  }

  private void readPreset(JpegSegment segment) throws IOException {
    int kind = segment.u8();
    switch (kind) {
      case PRESET -> {
        preset = new int[PRESET_VALUES];
        for (int i = 0; i < PRESET_VALUES; i++) {
          preset[i] = segment.u16();
        }
      }
      case PALETTE, PALETTE_GOES_ON ->
          throw new IOException("its JPEG-LS data have a palette, which is not supported");
      case LARGE_SIZE ->
          throw new IOException(
              "its JPEG-LS data have more than 65535 rows or columns, which is not supported");
      default ->
          throw new IOException(
              "its JPEG-LS data use extension " + kind + ", which is not supported");
    }
  }

  /** Unlike in JPEG, the interval may have up to four bytes (C.2.5). */
  private void readRestartInterval(JpegSegment segment) throws IOException {
    long interval = 0;
    for (int bytes = Math.min(segment.remaining(), Integer.BYTES); bytes > 0; bytes--) {
      interval = interval << 8 | segment.u8();
    }
    restartInterval = interval;
  }

  /** Refuses the colour transforms of HP, which are not in the standard. */
  private static void checkColours(JpegSegment segment) throws IOException {
    if (segment.startsWith("mrfx")) {
      segment.skip("mrfx".length());
      if (segment.u8() != 0) {
        throw new IOException("its JPEG-LS data have a colour transform, which is not supported");
      }
    }
  }

  private void readScan(JpegSegment segment) throws IOException {
    if (frame == null) {
      throw new IOException("its JPEG-LS data have a scan before the frame header");
    }
    int count = segment.u8();
    if (count < 1 || count > frame.components().size()) {
      throw new IOException("a scan of its JPEG-LS data has " + count + " components");
    }
    int[] indexes = new int[count];
    for (int i = 0; i < count; i++) {
      JpegComponent component = frame.component(segment.u8());
      if (component.decoded) {
        throw new IOException("its JPEG-LS data code the component " + component.id + " twice");
      }
      component.decoded = true;
      indexes[i] = frame.components().indexOf(component);
      if (segment.u8() != 0) {
        throw new IOException("its JPEG-LS data have a palette, which is not supported");
      }
    }
    int near = segment.u8();
    int interleaving = segment.u8();
    int pointTransform = segment.u8() & 0xf;
    if (interleaving > BY_SAMPLE || (count > 1 && interleaving < BY_LINE)) {
      throw new IOException(
          "a scan of its JPEG-LS data has the interleave mode "
              + interleaving
              + " for "
              + count
              + " components");
    }
    if (pointTransform != 0) {
      throw new IOException("its JPEG-LS data have a point transform, which is not supported");
    }
    JpegBits bits = JpegBits.ofJpegLs(data, markers.position());
    JpegLsParameters parameters = JpegLsParameters.of(frame.precision(), near, preset);
    JpegLsScan scan =
        new JpegLsScan(parameters, bits, frame.width(), count, interleaving == BY_SAMPLE);
    decode(scan, indexes);
    markers.moveTo(bits.position());
  }

  private void decode(JpegLsScan scan, int[] indexes) throws IOException {
    int step = frame.components().size();
    int restarts = 0;
    for (int y = 0; y < frame.height(); y++) {
      if (restartInterval > 0 && y > 0 && y % restartInterval == 0) {
        scan.restart(restarts++);
      }
      int[][] lines = scan.nextLine();
      for (int c = 0; c < indexes.length; c++) {
        int to = y * frame.width() * step + indexes[c];
        for (int x = 0; x < frame.width(); x++) {
          samples[to + x * step] = lines[c][x + 1];
        }
      }
    }
  }
}

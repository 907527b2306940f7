package org.aucmedi.xai.imaging.medical.codec;

import java.io.IOException;

/**
 * Decodes JPEG 2000 images of Part 1 of the standard (ISO/IEC 15444-1, ITU-T T.800), lossless and
 * lossy: raw codestreams, and codestreams in the boxes of a JP2 file.
 *
 * <p>The samples are those of the codestream after its own component transform, if it has one.
 * Colour spaces and palettes in the boxes of a JP2 file are not applied. Components with fewer
 * columns or rows are enlarged by repeating samples. Lossy samples may differ from another
 * decoder's by one, since rounding is free.
 *
 * <p>Not supported: HTJ2K (Part 15) and other parts, packed packet headers (PPM, PPT), components
 * of different depths, and more than 26 bits. A codestream cut short is an error, but for a missing
 * end marker.
 */
public final class Jpeg2000Decoder {

  /** The most samples of an image where the caller sets no limit. */
  private static final long MOST_SAMPLES = 1L << 27;

  private static final int CODESTREAM_START = 0xff4f;
  private static final long SIGNATURE_BOX = 0x6a50_2020L;
  private static final long CODESTREAM_BOX = 0x6a70_3263L;

  private Jpeg2000Decoder() {}

  /**
   * Decodes an image of up to 2<sup>27</sup> samples.
   *
   * @param data the codestream or file; bytes behind its end are ignored
   * @return the image
   * @throws IOException if the data is damaged, ends early, or is not supported; the message is a
   *     sentence without the file's name
   */
  public static DecodedFrame decode(byte[] data) throws IOException {
    return decode(data, MOST_SAMPLES);
  }

  /**
   * Decodes an image, if it is not too large.
   *
   * @param data the codestream or file; bytes behind its end are ignored
   * @param mostSamples how many samples (columns x rows x components) the image may have; memory
   *     for about three ints per sample is needed
   * @return the image
   * @throws IOException if the data is damaged, ends early, is not supported, or has more samples;
   *     the message is a sentence without the file's name
   */
  public static DecodedFrame decode(byte[] data, long mostSamples) throws IOException {
    Codestream codestream = Codestream.read(findCodestream(data));
    ReferenceGrid grid = codestream.grid();
    ComponentMerger merger = new ComponentMerger(grid);
    merger.checkSize(Math.min(mostSamples, MOST_SAMPLES));
    int[][] planes = merger.newPlanes();
    TileDecoder decoder = new TileDecoder(grid, planes);
    for (int tile = 0; tile < grid.tileCount(); tile++) {
      decoder.decode(tile, codestream.takeTile(tile));
    }
    return merger.merge(planes);
  }

  /** Finds the codestream, which may be in a box (T.800, I.4). */
  private static CodestreamBytes findCodestream(byte[] data) throws IOException {
    CodestreamBytes in = new CodestreamBytes(data, 0, data.length);
    if (in.peek16() == CODESTREAM_START) {
      return in;
    }
    for (boolean first = true; ; first = false) {
      long length = in.u32();
      long type = in.u32();
      if (first && type != SIGNATURE_BOX) {
        throw new IOException("it holds no JPEG 2000 codestream");
      }
      long header = 8;
      if (length == 1) {
        length = in.u32() << 32 | in.u32();
        header = 16;
      }
      if (type == CODESTREAM_BOX) {
        return in;
      }
      if (length < header) {
        throw new IOException("it holds no JPEG 2000 codestream");
      }
      in.advance(length - header);
    }
  }
}

package org.aucmedi.xai.imaging.medical.dicom;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableMap;
import java.util.stream.Stream;
import org.aucmedi.xai.imaging.medical.codec.Jpeg2000Decoder;
import org.aucmedi.xai.imaging.medical.codec.JpegDecoder;
import org.aucmedi.xai.imaging.medical.codec.JpegLsDecoder;
import org.jspecify.annotations.Nullable;

/**
 * How the pixel data of a file is stored (PS3.5 section 10 and PS3.6 annex A).
 *
 * @param uid its UID
 * @param name its name in the standard
 * @param storage how a frame is stored
 * @param decoder the decoder of a compressed frame, null where none is needed or there is none
 */
record TransferSyntax(String uid, String name, Storage storage, @Nullable FrameDecoder decoder) {

  static final String IMPLICIT_LITTLE = "1.2.840.10008.1.2";
  static final String EXPLICIT_LITTLE = "1.2.840.10008.1.2.1";
  static final String DEFLATED = "1.2.840.10008.1.2.1.99";
  static final String EXPLICIT_BIG = "1.2.840.10008.1.2.2";

  private static final String COMPRESSED = "1.2.840.10008.1.2.";

  private static final ImmutableMap<String, TransferSyntax> KNOWN =
      Stream.of(
              plain("1.2.840.10008.1.2", "Implicit VR Little Endian"),
              plain("1.2.840.10008.1.2.1", "Explicit VR Little Endian"),
              plain("1.2.840.10008.1.2.1.99", "Deflated Explicit VR Little Endian"),
              plain("1.2.840.10008.1.2.2", "Explicit VR Big Endian"),
              new TransferSyntax(COMPRESSED + "5", "RLE Lossless", Storage.RLE, null),
              codec("4.50", "JPEG Baseline (Process 1)", JpegBaselineDecoder::decode),
              codec("4.51", "JPEG Extended (Process 2 and 4)", JpegDecoder::decode),
              codec("4.57", "JPEG Lossless (Process 14)", JpegDecoder::decode),
              codec("4.70", "JPEG Lossless (Process 14, Selection Value 1)", JpegDecoder::decode),
              codec("4.80", "JPEG-LS Lossless", JpegLsDecoder::decode),
              codec("4.81", "JPEG-LS Near-Lossless", JpegLsDecoder::decode),
              codec("4.90", "JPEG 2000 Lossless", Jpeg2000Decoder::decode),
              codec("4.91", "JPEG 2000", Jpeg2000Decoder::decode),
              refused("4.92", "JPEG 2000 Part 2 Multi-component Lossless"),
              refused("4.93", "JPEG 2000 Part 2 Multi-component"),
              refused("4.100", "MPEG2 Main Profile / Main Level"),
              refused("4.101", "MPEG2 Main Profile / High Level"),
              refused("4.102", "MPEG-4 AVC/H.264 High Profile"),
              refused("4.103", "MPEG-4 AVC/H.264 BD-compatible High Profile"),
              refused("4.104", "MPEG-4 AVC/H.264 High Profile for 2D Video"),
              refused("4.105", "MPEG-4 AVC/H.264 High Profile for 3D Video"),
              refused("4.106", "MPEG-4 AVC/H.264 Stereo High Profile"),
              refused("4.107", "HEVC/H.265 Main Profile"),
              refused("4.108", "HEVC/H.265 Main 10 Profile"),
              refused("4.110", "JPEG XL Lossless"),
              refused("4.111", "JPEG XL JPEG Recompression"),
              refused("4.112", "JPEG XL"),
              refused("4.201", "High-Throughput JPEG 2000 Lossless"),
              refused("4.202", "High-Throughput JPEG 2000 Lossless with RPCL"),
              refused("4.203", "High-Throughput JPEG 2000"))
          .collect(ImmutableMap.toImmutableMap(TransferSyntax::uid, syntax -> syntax));

  /** How a frame is stored. */
  enum Storage {
    /** As plain numbers. */
    PLAIN,
    /** As run lengths of planes of bytes. */
    RLE,
    /** As a codestream of a {@link FrameDecoder}. */
    CODEC,
    /** In a way that is not supported. */
    REFUSED
  }

  private static TransferSyntax plain(String uid, String name) {
    return new TransferSyntax(uid, name, Storage.PLAIN, null);
  }

  private static TransferSyntax codec(String end, String name, FrameDecoder decoder) {
    return new TransferSyntax(COMPRESSED + end, name, Storage.CODEC, decoder);
  }

  private static TransferSyntax refused(String end, String name) {
    return new TransferSyntax(COMPRESSED + end, name, Storage.REFUSED, null);
  }

  /** {@return the syntax with a UID} Private ones are refused. */
  static TransferSyntax of(String uid) {
    TransferSyntax known = KNOWN.get(uid);
    return known == null ? new TransferSyntax(uid, "unknown", Storage.REFUSED, null) : known;
  }

  /**
   * Refuses plain pixel data of a private syntax. A syntax of compression may stand above it: some
   * programs unpack a file and forget its header.
   *
   * @throws IllegalArgumentException if the syntax is private
   */
  void checkKnown() {
    checkArgument(
        KNOWN.containsKey(uid),
        "its transfer syntax '%s' is unknown; convert it, for instance with 'gdcmconv --raw IN"
            + " OUT'",
        DataSet.printable(uid));
  }

  /** {@return the UID of plain numbers} */
  static String of(Encoding encoding) {
    if (encoding.bigEndian()) {
      return EXPLICIT_BIG;
    }
    return encoding.explicit() ? EXPLICIT_LITTLE : IMPLICIT_LITTLE;
  }

  /**
   * Refuses a syntax without a decoder.
   *
   * @throws IllegalArgumentException if it has none
   */
  TransferSyntax checkSupported() {
    checkArgument(
        storage != Storage.REFUSED,
        "its pixel data is compressed as %s (%s), which is not supported; unpack it, for instance"
            + " with 'gdcmconv --raw IN OUT', or save it as a picture or NIfTI file",
        name,
        DataSet.printable(uid));
    return this;
  }
}

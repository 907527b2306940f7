package org.aucmedi.xai.imaging.medical.dicom;

import static com.google.common.base.Preconditions.checkArgument;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import org.aucmedi.xai.imaging.medical.codec.DecodedFrame;

/**
 * The frames of an image as stored: unpacked, with the bits that count, and the values of a pixel
 * side by side.
 */
final class StoredFrames {

  private final PixelFormat format;
  private final TransferSyntax syntax;
  private final byte[] plain;
  private final List<byte[]> compressed;

  /**
   * Finds the frames.
   *
   * @throws IllegalArgumentException if they are missing, or compressed in an unsupported way
   */
  StoredFrames(DicomFile file, PixelFormat format) {
    this.format = format;
    Element pixels = file.dataSet().element(pixelTag(format)).orElse(null);
    checkArgument(pixels != null, "it has no %s", Tags.name(pixelTag(format)));
    if (pixels instanceof Element.Fragments fragments) {
      syntax = TransferSyntax.of(file.transferSyntax()).checkSupported();
      checkArgument(
          syntax.decoder() != null || syntax.storage() == TransferSyntax.Storage.RLE,
          "its pixel data is compressed, but its transfer syntax is %s",
          syntax.name());
      checkArgument(
          format.kind() == PixelFormat.Kind.INTEGER, "its floating-point numbers are compressed");
      plain = new byte[0];
      compressed = FragmentedFrames.frames(fragments, file.dataSet(), format.frames());
    } else {
      // Private syntaxes may store numbers in another order.
      TransferSyntax.of(file.transferSyntax()).checkKnown();
      syntax = TransferSyntax.of(TransferSyntax.EXPLICIT_LITTLE);
      plain = file.dataSet().bytes(pixelTag(format));
      compressed = List.of();
      checkArgument(
          plain.length >= format.plainBytes(),
          "its pixel data has %s bytes, but %s frames of %s x %s pixels need %s; it was cut short",
          plain.length,
          format.frames(),
          format.rows(),
          format.columns(),
          format.plainBytes());
    }
  }

  private static int pixelTag(PixelFormat format) {
    return switch (format.kind()) {
      case INTEGER -> Tags.PIXEL_DATA;
      case FLOAT -> Tags.FLOAT_PIXEL_DATA;
      case DOUBLE -> Tags.DOUBLE_FLOAT_PIXEL_DATA;
    };
  }

  /**
   * Reads a frame of floating-point numbers.
   *
   * @param frame its index
   * @param out takes the values
   * @param offset where in it
   */
  void floats(int frame, float[] out, int offset) {
    ByteBuffer buffer = ByteBuffer.wrap(plain).order(ByteOrder.LITTLE_ENDIAN);
    int count = format.pixels();
    int first = frame * count;
    for (int i = 0; i < count; i++) {
      out[offset + i] =
          format.kind() == PixelFormat.Kind.FLOAT
              ? buffer.getFloat((first + i) * Float.BYTES)
              : (float) buffer.getDouble((first + i) * Double.BYTES);
    }
  }

  /**
   * Reads a frame of integers.
   *
   * @param frame its index
   * @return rows x columns x samples values; those of 32 bits without sign as their bits
   * @throws IOException if the frame is damaged
   */
  int[] integers(int frame) throws IOException {
    return switch (syntax.storage()) {
      case PLAIN -> masked(PlainPixels.unpack(plain, format, frame), format.highBit() + 1);
      case RLE -> masked(RleDecoder.decode(compressed.get(frame), format), format.highBit() + 1);
      case CODEC -> decoded(compressed.get(frame));
      case REFUSED -> throw new IllegalStateException(syntax.name());
    };
  }

  private int[] decoded(byte[] codestream) throws IOException {
    Codestream.of(codestream).checkSize(format);
    DecodedFrame decoded;
    try {
      decoded = syntax.decoder().decode(codestream);
    } catch (IndexOutOfBoundsException e) {
      throw new IOException("its compressed pixel data is damaged", e);
    }
    checkArgument(
        decoded.samples().length == format.pixels() * format.samples(),
        "its compressed frame has %s values, not %s",
        decoded.samples().length,
        format.pixels() * format.samples());
    // A codestream that knows the sign has extended it; one may drop the bits below those that
    // count.
    return decoded.signed()
        ? decoded.samples()
        : masked(decoded.samples(), Math.min(format.highBit() + 1, decoded.bits()));
  }

  /** The compressed bytes of a frame, for the colours that its markers tell. */
  boolean isYcc(int frame) {
    boolean declared = format.photometric().startsWith("YBR_FULL");
    return syntax.storage() == TransferSyntax.Storage.CODEC
        ? Codestream.of(compressed.get(frame)).isYcc(declared)
        : declared;
  }

  /** Keeps the bits that count, which end before a bit, and extends the sign. */
  private int[] masked(int[] values, int end) {
    int down = Math.max(0, end - format.bitsStored());
    int unused = Integer.SIZE - format.bitsStored();
    if (unused == 0) {
      return values;
    }
    for (int i = 0; i < values.length; i++) {
      int up = values[i] >>> down << unused;
      values[i] = format.signed() ? up >> unused : up >>> unused;
    }
    return values;
  }
}

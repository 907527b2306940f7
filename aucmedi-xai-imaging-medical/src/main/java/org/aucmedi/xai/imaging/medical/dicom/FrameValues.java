package org.aucmedi.xai.imaging.medical.dicom;

import static com.google.common.base.Preconditions.checkArgument;

import java.io.IOException;
import java.util.function.DoubleUnaryOperator;
import org.aucmedi.xai.array.SampleType;
import org.aucmedi.xai.imaging.ImageLoader;
import org.aucmedi.xai.imaging.Windowing;
import org.jspecify.annotations.Nullable;

/**
 * The values of the frames of a file as an image has them: values of the modality, or RGB.
 *
 * <p>Bright is always high: values of MONOCHROME1 are mirrored between those of the lowest and the
 * highest value that can be stored, after a window if there is one. Pixels of padding keep their
 * value.
 */
final class FrameValues {

  private static final double WHITE = 255;

  private final StoredFrames stored;
  private final PixelFormat format;
  private final ImageLoader.Options options;

  /**
   * Finds the frames.
   *
   * @throws IllegalArgumentException if they are missing, or compressed in an unsupported way
   */
  FrameValues(DicomFile file, PixelFormat format, ImageLoader.Options options) {
    this.stored = new StoredFrames(file, format);
    this.format = format;
    this.options = options;
  }

  /** The number of channels of the image. */
  static int channels(PixelFormat format, ImageLoader.Options options) {
    return options.grayscale() ? 1 : format.channels();
  }

  /** The type of the values of the image; whole numbers stay such unless something is applied. */
  static SampleType sampleType(PixelFormat format, DataSet header, ImageLoader.Options options) {
    boolean isGrey = format.isGrey();
    if (format.kind() != PixelFormat.Kind.INTEGER
        || (isGrey && options.window() != Windowing.NONE)
        || (isGrey && !ModalityTransform.of(header, format.signed()).isIdentity())) {
      return SampleType.FLOAT;
    }
    boolean bytes = format.bitsAllocated() <= Byte.SIZE && !format.signed();
    return bytes || format.photometric().equals("PALETTE COLOR")
        ? SampleType.UINT8
        : SampleType.INTEGER;
  }

  /** The type that holds the values of two frames: the later one of {@link SampleType}. */
  static SampleType common(SampleType one, SampleType other) {
    return one.compareTo(other) < 0 ? other : one;
  }

  /**
   * Reads a frame.
   *
   * @param frame its index in the file
   * @param header its elements
   * @param out takes the values, channels last
   * @param offset where in it
   * @throws IOException if the frame is damaged
   */
  void read(int frame, DataSet header, float[] out, int offset) throws IOException {
    if (format.isGrey()) {
      readGrey(frame, header, out, offset);
      return;
    }
    int[] colours = colours(frame, header);
    if (!options.grayscale()) {
      for (int i = 0; i < colours.length; i++) {
        out[offset + i] = (float) number(colours[i]);
      }
      return;
    }
    for (int i = 0; i < format.pixels(); i++) {
      out[offset + i] =
          (float)
              Math.rint(
                  0.299 * number(colours[3 * i])
                      + 0.587 * number(colours[3 * i + 1])
                      + 0.114 * number(colours[3 * i + 2]));
    }
  }

  private int[] colours(int frame, DataSet header) throws IOException {
    int[] values = stored.integers(frame);
    if (format.photometric().equals("PALETTE COLOR")) {
      return Colours.ofPalette(values, header, format.signed());
    }
    if (stored.isYcc(frame)) {
      checkArgument(
          format.bitsStored() <= Short.SIZE && !format.signed(),
          "its colours are %s of %s bits, not 8 or 16",
          format.photometric(),
          format.bitsStored());
      Colours.yccToRgb(values, format.bitsStored());
    }
    return values;
  }

  private void readGrey(int frame, DataSet header, float[] out, int offset) throws IOException {
    ModalityTransform modality = ModalityTransform.of(header, format.signed());
    DoubleUnaryOperator window = window(header, modality);
    boolean inverted = format.photometric().equals("MONOCHROME1");
    double mirror = window != null ? WHITE : modality.mirror(format);
    int count = format.pixels();
    int[] integers = format.kind() == PixelFormat.Kind.INTEGER ? stored.integers(frame) : null;
    if (integers == null) {
      stored.floats(frame, out, offset);
    }
    for (int i = 0; i < count; i++) {
      double value = modality.apply(integers == null ? out[offset + i] : number(integers[i]));
      if (window != null) {
        value = window.applyAsDouble(value);
      }
      out[offset + i] = (float) (inverted ? mirror - value : value);
    }
  }

  private @Nullable DoubleUnaryOperator window(DataSet header, ModalityTransform modality) {
    if (options.window() == Windowing.OF_FILE) {
      return VoiLut.of(header, format.signed() || modality.intercept() < 0);
    }
    return options.window().window().<DoubleUnaryOperator>map(w -> w::apply).orElse(null);
  }

  /** A value whose bits an int holds; those of 32 bits may lack a sign. */
  private double number(int value) {
    return format.signed() || format.bitsStored() < Integer.SIZE ? value : value & 0xffffffffL;
  }
}

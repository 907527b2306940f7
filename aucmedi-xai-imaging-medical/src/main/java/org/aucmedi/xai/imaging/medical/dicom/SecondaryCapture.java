package org.aucmedi.xai.imaging.medical.dicom;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.stream.IntStream;
import org.aucmedi.xai.array.Geometry;

/**
 * A picture in colours (PS3.3 sections A.8.1 and A.8.5.4): of one frame, or of one for each slice
 * of a volume.
 */
final class SecondaryCapture {

  private static final String ONE_FRAME = "1.2.840.10008.5.1.4.1.1.7";
  private static final String TRUE_COLOUR_FRAMES = "1.2.840.10008.5.1.4.1.1.7.4";
  private static final int COLOURS = 3;

  private SecondaryCapture() {}

  static DataSet of(DerivedImage derived) {
    checkArgument(
        derived.image().channels() == COLOURS,
        "it has %s channels, neither 1 nor 3",
        derived.image().channels());
    boolean volume = derived.image().spatialRank() == 3;
    DataSet.Builder elements =
        derived
            .elements(volume ? TRUE_COLOUR_FRAMES : ONE_FRAME)
            .put(Tags.IMAGE_TYPE, "DERIVED", "SECONDARY")
            .put(Tags.CONVERSION_TYPE, "WSD")
            .put(Tags.PATIENT_ORIENTATION)
            .putNumbers(Tags.SAMPLES_PER_PIXEL, COLOURS)
            .put(Tags.PHOTOMETRIC_INTERPRETATION, "RGB")
            .putNumbers(Tags.PLANAR_CONFIGURATION, 0)
            .putNumbers(Tags.BITS_ALLOCATED, Byte.SIZE)
            .putNumbers(Tags.BITS_STORED, Byte.SIZE)
            .putNumbers(Tags.HIGH_BIT, Byte.SIZE - 1)
            .putNumbers(Tags.PIXEL_REPRESENTATION, 0)
            .putItems(
                Tags.SOURCE_IMAGE_SEQUENCE, derived.source().references().toArray(DataSet[]::new))
            .put(Tags.PIXEL_DATA, Vr.OB, pixels(derived.image().values()));
    if (derived.source().references().isEmpty()) {
      elements.remove(Tags.SOURCE_IMAGE_SEQUENCE);
    }
    derived.source().first().element(Tags.BURNED_IN_ANNOTATION).ifPresent(elements::put);
    Geometry geometry = derived.image().geometry();
    if (geometry != null) {
      elements.putNumbers(Tags.PIXEL_SPACING, geometry.spacing()[1], geometry.spacing()[0]);
    }
    if (volume) {
      elements
          .putNumbers(Tags.NUMBER_OF_FRAMES, derived.frames())
          .putNumbers(Tags.FRAME_INCREMENT_POINTER, Tags.PAGE_NUMBER_VECTOR)
          .putNumbers(
              Tags.PAGE_NUMBER_VECTOR,
              IntStream.rangeClosed(1, derived.frames()).asDoubleStream().toArray())
          .put(Tags.BURNED_IN_ANNOTATION, burnedIn(derived));
    }
    return elements.build();
  }

  private static String burnedIn(DerivedImage derived) {
    return derived.source().first().string(Tags.BURNED_IN_ANNOTATION).orElse("NO");
  }

  private static byte[] pixels(float[] values) {
    byte[] pixels = new byte[values.length + values.length % 2];
    for (int i = 0; i < values.length; i++) {
      pixels[i] = (byte) Math.round(Math.min(Math.max(values[i], 0), 255));
    }
    return pixels;
  }
}

package org.aucmedi.xai.imaging.medical.dicom;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import org.aucmedi.xai.array.Geometry;
import org.aucmedi.xai.array.ImageArray;
import org.aucmedi.xai.array.Range;

/** The numbers of a map at their places in the patient (PS3.3 section A.75), as float32. */
final class ParametricMap {

  private static final String SOP_CLASS = "1.2.840.10008.5.1.4.1.1.30";
  private static final String[] TYPE = {"DERIVED", "PRIMARY", "SALIENCY", "NONE"};

  private static final double[][] UNTURNED = {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}};

  private ParametricMap() {}

  static DataSet of(DerivedImage derived) {
    ImageArray image = derived.image();
    Geometry known = image.geometry();
    Geometry geometry =
        known == null ? Geometry.of(new double[] {1, 1, 1}, new double[3], UNTURNED) : known;
    DataSet.Builder elements = derived.elements(SOP_CLASS);
    List<DataSet> references = derived.source().references();
    if (!references.isEmpty()) {
      elements.putItems(Tags.REFERENCED_SERIES_SEQUENCE, series(derived, references));
    }
    DataSet[] frames = new DataSet[derived.frames()];
    for (int z = 0; z < frames.length; z++) {
      frames[z] = frame(z, geometry);
    }
    String dimensions = DerivedImage.uid("dimensions of a parametric map");
    return elements
        .put(Tags.IMAGE_TYPE, TYPE)
        .put(Tags.CONTENT_QUALIFICATION, "RESEARCH")
        .put(Tags.CONTENT_LABEL, "SALIENCY")
        .put(Tags.CONTENT_DESCRIPTION, DerivedImage.plain(derived.origin().method(), 64))
        .put(Tags.CONTENT_CREATOR_NAME)
        .putNumbers(Tags.SAMPLES_PER_PIXEL, 1)
        .put(Tags.PHOTOMETRIC_INTERPRETATION, "MONOCHROME2")
        .putNumbers(Tags.BITS_ALLOCATED, Float.SIZE)
        .putNumbers(Tags.NUMBER_OF_FRAMES, frames.length)
        .put(Tags.BURNED_IN_ANNOTATION, "NO")
        .put(Tags.RECOGNIZABLE_VISUAL_FEATURES, "NO")
        .put(Tags.PRESENTATION_LUT_SHAPE, "IDENTITY")
        .putItems(Tags.ACQUISITION_CONTEXT_SEQUENCE)
        .put(Tags.DIMENSION_ORGANIZATION_TYPE, "3D")
        .putItems(
            Tags.DIMENSION_ORGANIZATION_SEQUENCE,
            DataSet.builder().put(Tags.DIMENSION_ORGANIZATION_UID, dimensions).build())
        .putItems(
            Tags.DIMENSION_INDEX_SEQUENCE,
            DataSet.builder()
                .put(Tags.DIMENSION_ORGANIZATION_UID, dimensions)
                .putNumbers(Tags.DIMENSION_INDEX_POINTER, Tags.IMAGE_POSITION_PATIENT)
                .putNumbers(Tags.FUNCTIONAL_GROUP_POINTER, Tags.PLANE_POSITION_SEQUENCE)
                .build())
        .putItems(Tags.SHARED_FUNCTIONAL_GROUPS_SEQUENCE, shared(derived, geometry))
        .putItems(Tags.PER_FRAME_FUNCTIONAL_GROUPS_SEQUENCE, frames)
        .put(Tags.FLOAT_PIXEL_DATA, Vr.OF, pixels(image.values()))
        .build();
  }

  /** What holds for all frames. */
  private static DataSet shared(DerivedImage derived, Geometry geometry) {
    double[] spacing = geometry.spacing();
    double[][] direction = geometry.direction();
    double[] orientation = new double[6];
    for (int row = 0; row < 3; row++) {
      orientation[row] = direction[row][0];
      orientation[3 + row] = direction[row][1];
    }
    DataSet.Builder groups =
        DataSet.builder()
            .putItems(
                Tags.PIXEL_MEASURES_SEQUENCE,
                DataSet.builder()
                    .putNumbers(Tags.PIXEL_SPACING, spacing[1], spacing[0])
                    .putNumbers(Tags.SLICE_THICKNESS, spacing[2])
                    .putNumbers(Tags.SPACING_BETWEEN_SLICES, spacing[2])
                    .build())
            .putItems(
                Tags.PLANE_ORIENTATION_SEQUENCE,
                DataSet.builder().putNumbers(Tags.IMAGE_ORIENTATION_PATIENT, orientation).build())
            .putItems(
                Tags.PIXEL_VALUE_TRANSFORMATION_SEQUENCE,
                DataSet.builder()
                    .putNumbers(Tags.RESCALE_INTERCEPT, 0)
                    .putNumbers(Tags.RESCALE_SLOPE, 1)
                    .put(Tags.RESCALE_TYPE, "US")
                    .build())
            .putItems(
                Tags.PARAMETRIC_MAP_FRAME_TYPE_SEQUENCE,
                DataSet.builder().put(Tags.FRAME_TYPE, TYPE).build())
            .putItems(Tags.REAL_WORLD_VALUE_MAPPING_SEQUENCE, meaning(derived.image()))
            .putItems(Tags.FRAME_VOILUT_SEQUENCE, window(derived.image()));
    List<DataSet> references = derived.source().references();
    if (!references.isEmpty()) {
      groups.putItems(Tags.DERIVATION_IMAGE_SEQUENCE, derivation(derived, references));
    }
    return groups.build();
  }

  private static DataSet series(DerivedImage derived, List<DataSet> references) {
    return DataSet.builder()
        .put(
            Tags.SERIES_INSTANCE_UID,
            derived.source().first().string(Tags.SERIES_INSTANCE_UID).orElse(""))
        .putItems(Tags.REFERENCED_INSTANCE_SEQUENCE, references.toArray(DataSet[]::new))
        .build();
  }

  private static DataSet derivation(DerivedImage derived, List<DataSet> references) {
    DataSet purpose = code("121322", "DCM", "Source image for image processing operation");
    return DataSet.builder()
        .put(Tags.DERIVATION_DESCRIPTION, derived.derivation())
        .putItems(
            Tags.DERIVATION_CODE_SEQUENCE,
            code("SALIENCY", "99AUCMEDIXAI", "Importance of each pixel for a decision"))
        .putItems(
            Tags.SOURCE_IMAGE_SEQUENCE,
            references.stream()
                .map(
                    reference ->
                        reference.toBuilder()
                            .putItems(Tags.PURPOSE_OF_REFERENCE_CODE_SEQUENCE, purpose)
                            .build())
                .toArray(DataSet[]::new))
        .build();
  }

  /** The stored numbers are the values. */
  private static DataSet meaning(ImageArray image) {
    Range range = Range.of(image.values());
    return DataSet.builder()
        .put(Tags.LUT_EXPLANATION, "Importance for the decision")
        .put(Tags.LUT_LABEL, "IMPORTANCE")
        .putNumbers(Tags.REAL_WORLD_VALUE_SLOPE, 1)
        .putNumbers(Tags.REAL_WORLD_VALUE_INTERCEPT, 0)
        .putNumbers(Tags.DOUBLE_FLOAT_REAL_WORLD_VALUE_FIRST_VALUE_MAPPED, range.min())
        .putNumbers(Tags.DOUBLE_FLOAT_REAL_WORLD_VALUE_LAST_VALUE_MAPPED, range.max())
        .putItems(Tags.MEASUREMENT_UNITS_CODE_SEQUENCE, code("1", "UCUM", "no units"))
        .build();
  }

  private static DataSet window(ImageArray image) {
    Range range = Range.of(image.values());
    double width = range.max() > range.min() ? range.max() - range.min() : 1;
    return DataSet.builder()
        .putNumbers(Tags.WINDOW_CENTER, (range.min() + range.max()) / 2)
        .putNumbers(Tags.WINDOW_WIDTH, width)
        .put(Tags.VOILUT_FUNCTION, "LINEAR_EXACT")
        .build();
  }

  private static DataSet frame(int z, Geometry geometry) {
    return DataSet.builder()
        .putItems(
            Tags.FRAME_CONTENT_SEQUENCE,
            DataSet.builder()
                .put(Tags.STACK_ID, "1")
                .putNumbers(Tags.IN_STACK_POSITION_NUMBER, z + 1)
                .putNumbers(Tags.DIMENSION_INDEX_VALUES, z + 1)
                .build())
        .putItems(
            Tags.PLANE_POSITION_SEQUENCE,
            DataSet.builder()
                .putNumbers(Tags.IMAGE_POSITION_PATIENT, geometry.position(0, 0, z))
                .build())
        .build();
  }

  private static DataSet code(String value, String scheme, String meaning) {
    return DataSet.builder()
        .put(Tags.CODE_VALUE, value)
        .put(Tags.CODING_SCHEME_DESIGNATOR, scheme)
        .put(Tags.CODE_MEANING, meaning)
        .build();
  }

  private static byte[] pixels(float[] values) {
    ByteBuffer pixels =
        ByteBuffer.allocate(Math.multiplyExact(values.length, Float.BYTES))
            .order(ByteOrder.LITTLE_ENDIAN);
    pixels.asFloatBuffer().put(values);
    return pixels.array();
  }
}

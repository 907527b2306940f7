package org.aucmedi.xai.imaging.medical.dicom;

import com.google.common.base.Ascii;
import com.google.common.base.CharMatcher;
import com.google.common.hash.Hasher;
import com.google.common.hash.Hashing;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Arrays;
import org.aucmedi.xai.array.ImageArray;
import org.aucmedi.xai.imaging.VolumeWriter.Origin;

/**
 * An image made from others, and the elements that all kinds of such images have.
 *
 * @param image the image
 * @param source the files it was made from
 * @param origin what it is
 * @param clock gives the time of its making
 */
record DerivedImage(ImageArray image, SourceImages source, Origin origin, Clock clock) {

  /** The patient, the study, and what place positions are relative to. */
  private static final int[] KEPT = {
    Tags.SPECIFIC_CHARACTER_SET,
    Tags.STUDY_DATE,
    Tags.STUDY_TIME,
    Tags.ACCESSION_NUMBER,
    Tags.REFERRING_PHYSICIAN_NAME,
    Tags.STUDY_DESCRIPTION,
    Tags.PATIENT_NAME,
    Tags.PATIENT_ID,
    Tags.ISSUER_OF_PATIENT_ID,
    Tags.PATIENT_BIRTH_DATE,
    Tags.PATIENT_SEX,
    Tags.PATIENT_AGE,
    Tags.PATIENT_SIZE,
    Tags.PATIENT_WEIGHT,
    Tags.PATIENT_IDENTITY_REMOVED,
    Tags.DEIDENTIFICATION_METHOD,
    Tags.BODY_PART_EXAMINED,
    Tags.STUDY_INSTANCE_UID,
    Tags.STUDY_ID,
    Tags.LATERALITY,
    Tags.FRAME_OF_REFERENCE_UID,
    Tags.POSITION_REFERENCE_INDICATOR,
    Tags.LOSSY_IMAGE_COMPRESSION,
    Tags.LOSSY_IMAGE_COMPRESSION_RATIO,
    Tags.LOSSY_IMAGE_COMPRESSION_METHOD
  };

  /** What has to be there, if only empty (PS3.3, type 2). */
  private static final int[] REQUIRED = {
    Tags.STUDY_DATE,
    Tags.STUDY_TIME,
    Tags.ACCESSION_NUMBER,
    Tags.REFERRING_PHYSICIAN_NAME,
    Tags.PATIENT_NAME,
    Tags.PATIENT_ID,
    Tags.PATIENT_BIRTH_DATE,
    Tags.PATIENT_SEX,
    Tags.STUDY_ID,
    Tags.LATERALITY,
    Tags.POSITION_REFERENCE_INDICATOR
  };

  /** High, so that a viewer lists the maps behind the images. */
  private static final int SERIES_NUMBER = 9000;

  private static final int LONG_STRING = 64;
  private static final int SHORT_TEXT = 1024;

  /**
   * {@return the elements of every kind}
   *
   * @param sopClass the UID of the kind
   */
  DataSet.Builder elements(String sopClass) {
    DataSet.Builder elements = DataSet.builder();
    for (int tag : REQUIRED) {
      elements.put(tag);
    }
    DataSet first = source.first();
    for (int tag : KEPT) {
      first.element(tag).ifPresent(elements::put);
    }
    String file = place();
    if (first.string(Tags.STUDY_INSTANCE_UID).isEmpty()) {
      elements.put(Tags.STUDY_INSTANCE_UID, uid("study", file));
    }
    if (first.string(Tags.FRAME_OF_REFERENCE_UID).isEmpty()) {
      elements.put(Tags.FRAME_OF_REFERENCE_UID, uid("frame of reference", file));
    }
    if (!first.contains(Tags.LOSSY_IMAGE_COMPRESSION)) {
      elements.put(Tags.LOSSY_IMAGE_COMPRESSION, "00");
    }
    String series = first.string(Tags.SERIES_INSTANCE_UID).orElse(file);
    LocalDateTime now = LocalDateTime.now(clock);
    return elements
        .put(Tags.SOP_CLASS_UID, sopClass)
        .put(Tags.SOP_INSTANCE_UID, instanceUid(sopClass, file))
        .put(Tags.SERIES_INSTANCE_UID, uid("series", sopClass, series, origin.method()))
        .putNumbers(Tags.SERIES_NUMBER, SERIES_NUMBER)
        .putNumbers(Tags.INSTANCE_NUMBER, first.integer(Tags.INSTANCE_NUMBER).orElse(1))
        .put(Tags.SERIES_DESCRIPTION, plain(origin.method() + " (AUCMEDI-XAI)", LONG_STRING))
        .put(Tags.DERIVATION_DESCRIPTION, derivation())
        .put(Tags.CONTENT_DATE, now.format(DateTimeFormatter.BASIC_ISO_DATE))
        .put(Tags.CONTENT_TIME, now.format(DateTimeFormatter.ofPattern("HHmmss")))
        .put(Tags.MODALITY, "OT")
        .put(Tags.MANUFACTURER, DicomWriter.MANUFACTURER)
        .put(Tags.MANUFACTURER_MODEL_NAME, "AUCMEDI-XAI, not a medical device")
        .put(Tags.DEVICE_SERIAL_NUMBER, "none")
        .put(Tags.SOFTWARE_VERSIONS, plain(origin.version(), LONG_STRING))
        .putNumbers(Tags.ROWS, rows())
        .putNumbers(Tags.COLUMNS, columns());
  }

  /** What tells the image from all others where no file of DICOM does. */
  private String place() {
    Path file = origin.file();
    return file == null ? origin.sample() : file.toAbsolutePath().normalize().toString();
  }

  int frames() {
    return image.spatialRank() == 2 ? 1 : image.spatialShape()[0];
  }

  int rows() {
    return image.spatialShape()[image.spatialRank() - 2];
  }

  int columns() {
    return image.spatialShape()[image.spatialRank() - 1];
  }

  /** {@return what the image is and how it was made, for a text of DICOM} */
  String derivation() {
    return plain(origin.description() + "; not for diagnosis", SHORT_TEXT);
  }

  /** {@return a short text of DICOM, of the characters that every character set has} */
  static String plain(String text, int length) {
    String ascii = CharMatcher.inRange(' ', '~').negate().replaceFrom(text, '?');
    return Ascii.truncate(ascii.replace('\\', '/'), length, "");
  }

  /** The UID of this image: another for other values. */
  private String instanceUid(String sopClass, String file) {
    Hasher hasher = Hashing.sha256().newHasher();
    for (float value : image.values()) {
      hasher.putFloat(value);
    }
    return uid(
        "instance",
        sopClass,
        source.first().string(Tags.SOP_INSTANCE_UID).orElse(file),
        origin.description(),
        Arrays.toString(image.spatialShape()),
        hasher.hash().toString());
  }

  /**
   * {@return a UID for a name, made from a UUID (PS3.5 annex B.2) that is made from a hash}
   *
   * @param name parts that together belong to one thing only
   */
  static String uid(String... name) {
    byte[] hash =
        Hashing.sha256().hashString(String.join("\0", name), StandardCharsets.UTF_8).asBytes();
    byte[] uuid = Arrays.copyOf(hash, 16);
    uuid[6] = (byte) ((uuid[6] & 0x0f) | 0x80);
    uuid[8] = (byte) ((uuid[8] & 0x3f) | 0x80);
    return "2.25." + new BigInteger(1, uuid);
  }
}

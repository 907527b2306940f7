package org.aucmedi.xai.decoder;

import com.google.common.hash.Hashing;
import java.nio.charset.Charset;
import java.nio.charset.CharsetEncoder;
import java.nio.charset.StandardCharsets;
import java.text.Normalizer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Names the files of maps after their samples, each file differently.
 *
 * <ul>
 *   <li>Folders become dots, the class goes before the extension: {@code cls/a.png} as npy is
 *       {@code cls.a.npy}, for class 0 {@code cls.a.class_0.npy}; {@code .nii.gz} is one extension.
 *   <li>Samples that would share a name, in any case of their letters, keep their extensions:
 *       {@code scan.png} and {@code scan.jpg} as PNG are {@code scan.png.png} and {@code
 *       scan.jpg.png}. So does a sample whose map would have the name of an image to explain.
 *   <li>Where even those names are equal the second gets {@code ~2}, the next {@code ~3}: {@code
 *       a/b.png} and {@code a.b.png} are {@code a.b.png.png} and {@code a.b.png~2.png}.
 *   <li>A name longer than 255 bytes is cut and ends in {@code ~} and eight hexadecimal digits of
 *       the whole name's SHA-256.
 *   <li>What the system's character set does not have becomes {@code _}.
 * </ul>
 */
final class OutputNames {

  private static final String COMPRESSED_NIFTI = ".nii.gz";
  private static final String CLASS = ".class_";

  /** What file systems allow, in bytes of UTF-8. */
  private static final int MAX_LENGTH = 255;

  private static final int MAX_LABEL_LENGTH = 40;

  private static final int HASH_DIGITS = 8;

  private final List<String> stems;
  private final String ending;
  private final int maxStem;

  /**
   * Chooses the names.
   *
   * @param samples the samples' names, with their extensions if they have any
   * @param extension the extension of the output, without a dot; empty for none
   * @param perClass whether a sample has a file for each class, or one in all
   * @param taken names in the output folder that are not to be used
   */
  public OutputNames(
      List<String> samples, String extension, boolean perClass, Collection<String> taken) {
    this(samples, extension, perClass, taken, fileNameCharset());
  }

  OutputNames(
      List<String> samples,
      String extension,
      boolean perClass,
      Collection<String> taken,
      Charset charset) {
    ending = extension.isEmpty() ? "" : "." + extension;
    maxStem = MAX_LENGTH - ending.length() - (perClass ? CLASS.length() + MAX_LABEL_LENGTH : 0);
    CharsetEncoder encoder = charset.newEncoder();
    stems =
        choose(
            samples.stream().map(sample -> Flat.of(encodable(sample, encoder))).toList(),
            takenStems(taken, perClass));
  }

  /**
   * Returns the name of a sample's only file.
   *
   * @param index the sample's position
   * @return the name, without any folder
   */
  public String name(int index) {
    return stems.get(index) + ending;
  }

  /**
   * Returns the name of a sample's file for one of several maps.
   *
   * @param index the sample's position
   * @param label what the map explains, for instance the class; what is neither a letter, a digit
   *     nor one of {@code .+-} becomes {@code _}, and the rest after 40 characters is left out
   * @return the name, without any folder
   */
  public String name(int index, String label) {
    return stems.get(index) + CLASS + plain(label) + ending;
  }

  /** A label as a file name has it. */
  static String plain(String label) {
    String plain = label.replaceAll("[^A-Za-z0-9.+-]", "_");
    return plain.substring(0, Math.min(plain.length(), MAX_LABEL_LENGTH));
  }

  private List<String> choose(List<Flat> samples, Set<String> taken) {
    List<String> plain = samples.stream().map(sample -> cut(sample.stem(), maxStem)).toList();
    Map<String, Integer> count = new HashMap<>();
    plain.forEach(stem -> count.merge(key(stem), 1, Integer::sum));
    Set<String> used = new HashSet<>(taken);
    Set<String> chosen =
        plain.stream()
            .filter(stem -> count.get(key(stem)) == 1 && used.add(key(stem)))
            .collect(Collectors.toSet());
    List<String> result = new ArrayList<>();
    for (int i = 0; i < plain.size(); i++) {
      String stem = plain.get(i);
      result.add(chosen.contains(stem) ? stem : distinct(samples.get(i).whole(), used));
    }
    return List.copyOf(result);
  }

  private String distinct(String name, Set<String> used) {
    String stem = cut(name, maxStem);
    for (int n = 2; !used.add(key(stem)); n++) {
      String number = "~" + n;
      stem = cut(name, maxStem - number.length()) + number;
    }
    return stem;
  }

  /** The names in use, without their endings. */
  private Set<String> takenStems(Collection<String> taken, boolean perClass) {
    Pattern name =
        Pattern.compile(
            "(.*)" + (perClass ? "\\.class_[a-z0-9.+_-]+" : "") + Pattern.quote(key(ending)),
            Pattern.DOTALL);
    return taken.stream()
        .map(file -> name.matcher(key(file)))
        .filter(Matcher::matches)
        .map(match -> match.group(1))
        .collect(Collectors.toSet());
  }

  /** One name for all that a file system may take for the same. */
  private static String key(String name) {
    return Normalizer.normalize(name, Normalizer.Form.NFC)
        .toUpperCase(Locale.ROOT)
        .toLowerCase(Locale.ROOT);
  }

  private static String cut(String stem, int maxLength) {
    if (length(stem) <= maxLength) {
      return stem;
    }
    String hash =
        Hashing.sha256()
            .hashString(stem, StandardCharsets.UTF_8)
            .toString()
            .substring(0, HASH_DIGITS);
    int end = stem.length();
    while (length(stem.substring(0, end)) > maxLength - 1 - HASH_DIGITS) {
      end = stem.offsetByCodePoints(end, -1);
    }
    return stem.substring(0, end) + "~" + hash;
  }

  private static int length(String name) {
    return name.getBytes(StandardCharsets.UTF_8).length;
  }

  private static String encodable(String name, CharsetEncoder encoder) {
    return name.codePoints()
        .mapToObj(Character::toString)
        .map(character -> encoder.canEncode(character) ? character : "_")
        .collect(Collectors.joining());
  }

  private static Charset fileNameCharset() {
    String name = System.getProperty("sun.jnu.encoding");
    return name != null && Charset.isSupported(name)
        ? Charset.forName(name)
        : StandardCharsets.UTF_8;
  }

  /** A sample's name without folders, with its extension and without. */
  private record Flat(String whole, String stem) {

    /** Only a sample whose own file is hidden gets a name that starts with a dot. */
    static Flat of(String sample) {
      List<String> parts =
          Arrays.stream(sample.split("[/\\\\]"))
              .filter(part -> !part.isEmpty() && !part.equals(".") && !part.equals(".."))
              .toList();
      if (parts.isEmpty()) {
        return new Flat("_", "_");
      }
      String whole = String.join(".", parts);
      int extension = extensionLength(parts.get(parts.size() - 1));
      return new Flat(whole, whole.substring(0, whole.length() - extension));
    }

    private static int extensionLength(String file) {
      if (file.toLowerCase(Locale.ROOT).endsWith(COMPRESSED_NIFTI)
          && file.length() > COMPRESSED_NIFTI.length()) {
        return COMPRESSED_NIFTI.length();
      }
      int dot = file.lastIndexOf('.');
      return dot > 0 ? file.length() - dot : 0;
    }
  }
}

package org.aucmedi.xai.imaging.medical;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.base.Ascii;
import com.google.common.base.CharMatcher;
import com.google.common.base.Splitter;
import com.google.common.math.LongMath;
import com.google.common.primitives.Doubles;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPInputStream;
import org.aucmedi.xai.array.Geometry;
import org.aucmedi.xai.array.ImageArray;
import org.jspecify.annotations.Nullable;

/**
 * Reads NRRD files: {@code .nrrd}, and {@code .nhdr} with the values in a file beside it, raw or
 * packed with gzip.
 *
 * <p>Format: <a href="https://teem.sourceforge.net/nrrd/format.html">teem.sourceforge.net</a>.
 */
public final class NrrdReader extends VolumeReader {

  /** Constructs a reader. */
  public NrrdReader() {}

  @Override
  public List<String> extensions() {
    return List.of("nrrd", "nhdr");
  }

  @Override
  public boolean recognises(byte[] start) {
    return new String(start, StandardCharsets.ISO_8859_1).startsWith("NRRD000");
  }

  @Override
  ImageArray read(Path file, InputStream in, Request request) throws IOException {
    checkArgument(line(in).startsWith("NRRD000"), "it does not start as a NRRD file does");
    Map<String, String> header = header(in);
    long[] sizes = sizes(header);
    // Colours and vectors are the first axis.
    boolean vector = isVector(header, sizes.length);
    int channels = vector ? Math.toIntExact(Math.min(sizes[0], Integer.MAX_VALUE)) : 1;
    int first = vector ? 1 : 0;
    int spatial = Math.min(3, sizes.length - first);
    checkArgument(spatial >= 2, "it has %s spatial dimensions, not 2 or 3", spatial);
    long volumes = 1;
    for (int axis = first + spatial; axis < sizes.length; axis++) {
      volumes = LongMath.saturatedMultiply(volumes, sizes[axis]);
    }
    int volume = request.choose(volumes, "last");
    int count = count(request.limit(), Arrays.copyOf(sizes, first + spatial));
    NumberType type = type(required(header, "type"));
    String data = header.getOrDefault("data file", header.get("datafile"));
    float[] values;
    if (data == null) {
      values = values(header, in, volume, count, type);
    } else {
      checkArgument(
          !data.startsWith("LIST") && !data.contains("%"),
          "its values are in several files, which is not supported; save it as one .nrrd file");
      try (InputStream beside = openBeside(file, data)) {
        values = values(header, beside, volume, count, type);
      }
    }
    long[] space = new long[spatial];
    System.arraycopy(sizes, first, space, 0, spatial);
    return ImageArray.wrap(spatialShape(space), channels, values, type.sampleType())
        .withGeometry(geometry(header, first, spatial));
  }

  /** The fields by name in lower case, up to an empty line. */
  private static Map<String, String> header(InputStream in) throws IOException {
    Map<String, String> fields = new HashMap<>();
    int lines = 0;
    for (String line = line(in); !line.isEmpty(); line = line(in)) {
      checkArgument(lines++ < MOST_LINES, "its header has too many lines");
      int colon = line.indexOf(": ");
      boolean comment = line.startsWith("#") || line.contains(":=");
      if (!comment) {
        checkArgument(colon > 0, "its header has a line '%s' without ': '", printable(line));
        fields.put(
            Ascii.toLowerCase(line.substring(0, colon).strip()), line.substring(colon + 2).strip());
        if (fields.containsKey("data file") && line.startsWith("data file: LIST")) {
          break;
        }
      }
    }
    return fields;
  }

  private static String required(Map<String, String> header, String field) {
    String text = header.get(field);
    checkArgument(text != null, "its header lacks %s", field);
    return text;
  }

  private static List<String> words(String text) {
    return Splitter.on(CharMatcher.whitespace()).omitEmptyStrings().splitToList(text);
  }

  private static long[] sizes(Map<String, String> header) {
    String text = required(header, "sizes");
    long[] sizes =
        words(text).stream()
            .mapToLong(
                word -> {
                  Double number = Doubles.tryParse(word);
                  checkArgument(
                      number != null && number >= 1 && number == Math.rint(number),
                      "its sizes are '%s'",
                      printable(text));
                  return number.longValue();
                })
            .toArray();
    checkArgument(
        sizes.length >= 2 && sizes.length <= 5, "it has %s dimensions, not 2 or 3", sizes.length);
    return sizes;
  }

  private static boolean isVector(Map<String, String> header, int dimensions) {
    List<String> kinds = words(header.getOrDefault("kinds", ""));
    List<String> directions = vectors(header.getOrDefault("space directions", ""));
    return (directions.size() == dimensions && directions.get(0).equals("none"))
        || (!kinds.isEmpty()
            && (kinds.get(0).endsWith("vector")
                || kinds.get(0).endsWith("color")
                || kinds.get(0).equals("list")));
  }

  private static float[] values(
      Map<String, String> header, InputStream in, int volume, int count, NumberType type)
      throws IOException {
    boolean big = Ascii.toLowerCase(header.getOrDefault("endian", "little")).equals("big");
    String encoding = Ascii.toLowerCase(required(header, "encoding"));
    for (String skip : List.of("line skip", "lineskip", "byte skip", "byteskip")) {
      checkArgument(
          header.getOrDefault(skip, "0").equals("0"),
          "its %s is not supported; save it without",
          skip);
    }
    InputStream unpacked =
        switch (encoding) {
          case "raw" -> in;
          case "gz", "gzip" -> new GZIPInputStream(in);
          default ->
              throw new IllegalArgumentException(
                  "its encoding '"
                      + printable(encoding)
                      + "' is not supported; save it as raw or gzip");
        };
    unpacked.skipNBytes((long) volume * count * type.bytes());
    return Samples.read(
        unpacked, count, type, big ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN, 1, 0);
  }

  private static NumberType type(String name) {
    return switch (Ascii.toLowerCase(name)) {
      case "uchar", "unsigned char", "uint8", "uint8_t" -> NumberType.UINT8;
      case "signed char", "int8", "int8_t" -> NumberType.INT8;
      case "ushort", "unsigned short", "unsigned short int", "uint16", "uint16_t" ->
          NumberType.UINT16;
      case "short", "short int", "signed short", "signed short int", "int16", "int16_t" ->
          NumberType.INT16;
      case "uint", "unsigned int", "uint32", "uint32_t" -> NumberType.UINT32;
      case "int", "signed int", "int32", "int32_t" -> NumberType.INT32;
      case "ulonglong", "unsigned long long", "unsigned long long int", "uint64", "uint64_t" ->
          NumberType.UINT64;
      case "longlong", "long long", "long long int", "signed long long", "int64", "int64_t" ->
          NumberType.INT64;
      case "float" -> NumberType.FLOAT32;
      case "double" -> NumberType.FLOAT64;
      default ->
          throw new IllegalArgumentException(
              "its type '" + printable(name) + "' is not supported; convert it to float");
    };
  }

  private static @Nullable Geometry geometry(Map<String, String> header, int first, int spatial) {
    double[][] affine = {{1, 0, 0, 0}, {0, 1, 0, 0}, {0, 0, 1, 0}};
    String directions = header.get("space directions");
    if (directions == null) {
      String spacings = header.get("spacings");
      if (spacings == null) {
        return null;
      }
      List<String> words = words(spacings);
      for (int axis = 0; axis < spatial && first + axis < words.size(); axis++) {
        Double spacing = Doubles.tryParse(words.get(first + axis));
        affine[axis][axis] = spacing == null || !(spacing > 0) ? 1 : spacing;
      }
      return Geometry.ofAffine(affine);
    }
    List<String> vectors = vectors(directions);
    checkArgument(
        vectors.size() >= first + spatial,
        "its space directions '%s' are too few",
        printable(directions));
    for (int axis = 0; axis < spatial; axis++) {
      setColumn(affine, axis, vectors.get(first + axis));
    }
    if (header.containsKey("space origin")) {
      setColumn(affine, 3, header.get("space origin"));
    }
    boolean[] reversed = reversed(header.getOrDefault("space", "left-posterior-superior"));
    for (int row = 0; row < 3; row++) {
      for (int column = 0; reversed[row] && column < 4; column++) {
        // Adding zero makes -0 a 0.
        affine[row][column] = -affine[row][column] + 0.0;
      }
    }
    return Geometry.ofAffine(affine);
  }

  /** Which axes of the file's space point against left, posterior and superior. */
  private static boolean[] reversed(String space) {
    return switch (Ascii.toLowerCase(space)) {
      case "left-posterior-superior", "lps" -> new boolean[] {false, false, false};
      case "right-anterior-superior", "ras" -> new boolean[] {true, true, false};
      case "left-anterior-superior", "las" -> new boolean[] {false, true, false};
      default ->
          throw new IllegalArgumentException(
              "its space '"
                  + printable(space)
                  + "' is not supported; use left-posterior-superior or right-anterior-superior");
    };
  }

  /** Splits {@code none (1,0,0) (0, 1, 0)} into its vectors. */
  private static List<String> vectors(String text) {
    List<String> vectors = new ArrayList<>();
    for (int i = 0; i < text.length(); ) {
      int close = text.indexOf(')', i);
      if (text.charAt(i) == '(' && close > 0) {
        vectors.add(text.substring(i, close + 1));
        i = close + 1;
      } else if (text.startsWith("none", i)) {
        vectors.add("none");
        i += "none".length();
      } else {
        i++;
      }
    }
    return vectors;
  }

  private static void setColumn(double[][] affine, int column, String vector) {
    List<String> parts = Splitter.on(',').trimResults(CharMatcher.anyOf("() ")).splitToList(vector);
    for (int row = 0; row < parts.size() && row < 3; row++) {
      Double value = Doubles.tryParse(parts.get(row));
      checkArgument(value != null, "its header has a vector '%s'", printable(vector));
      affine[row][column] = value;
    }
  }
}

package org.aucmedi.xai.imaging.medical;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.base.Ascii;
import com.google.common.base.CharMatcher;
import com.google.common.base.Splitter;
import com.google.common.primitives.Doubles;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.InflaterInputStream;
import org.aucmedi.xai.array.Geometry;
import org.aucmedi.xai.array.ImageArray;

/**
 * Reads ITK's MetaImages: {@code .mha}, and {@code .mhd} with the values in a file beside it,
 * compressed or not.
 *
 * <p>Format: <a href="https://itk.org/Wiki/ITK/MetaIO/Documentation">MetaIO</a>.
 */
public final class MetaImageReader extends VolumeReader {

  /** Constructs a reader. */
  public MetaImageReader() {}

  @Override
  public List<String> extensions() {
    return List.of("mha", "mhd");
  }

  @Override
  public boolean recognises(byte[] start) {
    String text = new String(start, StandardCharsets.ISO_8859_1);
    return text.startsWith("ObjectType") || (text.startsWith("NDims") && text.contains("DimSize"));
  }

  @Override
  ImageArray read(Path file, InputStream in, Request request) throws IOException {
    Map<String, String> header = header(in);
    int rank = integer(header, "ndims");
    checkArgument(rank >= 2 && rank <= 4, "it has %s dimensions, not 2 or 3", rank);
    long[] sizes =
        Arrays.stream(numbers(header, "dimsize", rank)).mapToLong(d -> (long) d).toArray();
    int channels =
        header.containsKey("elementnumberofchannels")
            ? integer(header, "elementnumberofchannels")
            : 1;
    int volume = request.choose(rank == 4 ? sizes[3] : 1, "fourth");
    int spatial = Math.min(rank, 3);
    long[] space = Arrays.copyOf(sizes, spatial);
    checkArgument(channels >= 1, "it has %s channels", channels);
    int count = Math.multiplyExact(count(request.limit() / channels, space), channels);
    NumberType type = type(header.getOrDefault("elementtype", ""));
    String data = header.get("elementdatafile");
    checkArgument(
        !data.equals("LIST") && !data.contains("%"),
        "its values are in several files, which is not supported; save it as one .mha file");
    float[] values;
    if (data.equalsIgnoreCase("LOCAL")) {
      values = values(header, in, volume, count, type);
    } else {
      try (InputStream beside = openBeside(file, data)) {
        values = values(header, beside, volume, count, type);
      }
    }
    return ImageArray.wrap(spatialShape(space), channels, values, type.sampleType())
        .withGeometry(geometry(header, rank));
  }

  /** The fields by name in lower case. The values follow the last one. */
  private static Map<String, String> header(InputStream in) throws IOException {
    Map<String, String> fields = new HashMap<>();
    while (!fields.containsKey("elementdatafile")) {
      checkArgument(fields.size() < MOST_LINES, "its header has too many lines");
      String line = line(in);
      int equals = line.indexOf('=');
      checkArgument(equals > 0, "its header has a line '%s' without '='", printable(line));
      fields.put(
          Ascii.toLowerCase(line.substring(0, equals).strip()), line.substring(equals + 1).strip());
    }
    return fields;
  }

  private static float[] values(
      Map<String, String> header, InputStream in, int volume, int count, NumberType type)
      throws IOException {
    boolean big = isTrue(header, "binarydatabyteordermsb") || isTrue(header, "elementbyteordermsb");
    checkArgument(
        isTrue(header, "binarydata") || !header.containsKey("binarydata"),
        "its values are text, which is not supported; save it as binary");
    long skipped =
        header.containsKey("headersize") ? Math.max(0, integer(header, "headersize")) : 0;
    in.skipNBytes(skipped);
    InputStream unpacked = isTrue(header, "compresseddata") ? new InflaterInputStream(in) : in;
    unpacked.skipNBytes((long) volume * count * type.bytes());
    return Samples.read(
        unpacked, count, type, big ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN, 1, 0);
  }

  private static boolean isTrue(Map<String, String> header, String field) {
    return Ascii.toLowerCase(header.getOrDefault(field, "false")).startsWith("t");
  }

  private static NumberType type(String name) {
    return switch (name) {
      case "MET_UCHAR" -> NumberType.UINT8;
      case "MET_CHAR" -> NumberType.INT8;
      case "MET_USHORT" -> NumberType.UINT16;
      case "MET_SHORT" -> NumberType.INT16;
      case "MET_UINT" -> NumberType.UINT32;
      case "MET_INT" -> NumberType.INT32;
      case "MET_ULONG_LONG" -> NumberType.UINT64;
      case "MET_LONG_LONG" -> NumberType.INT64;
      case "MET_FLOAT" -> NumberType.FLOAT32;
      case "MET_DOUBLE" -> NumberType.FLOAT64;
      default ->
          throw new IllegalArgumentException(
              "its ElementType '"
                  + printable(name)
                  + "' is not supported; convert it to MET_FLOAT");
    };
  }

  private static Geometry geometry(Map<String, String> header, int rank) {
    double[] spacing = {1, 1, 1};
    double[] origin = new double[3];
    double[][] direction = {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}};
    int used = Math.min(rank, 3);
    for (String name : List.of("elementsize", "elementspacing")) {
      if (header.containsKey(name)) {
        System.arraycopy(numbers(header, name, rank), 0, spacing, 0, used);
      }
    }
    for (String name : List.of("origin", "position", "offset")) {
      if (header.containsKey(name)) {
        System.arraycopy(numbers(header, name, rank), 0, origin, 0, used);
      }
    }
    for (String name : List.of("orientation", "rotation", "transformmatrix")) {
      if (header.containsKey(name)) {
        // The direction of x, then that of y, then that of z.
        double[] matrix = numbers(header, name, rank * rank);
        for (int axis = 0; axis < used; axis++) {
          for (int row = 0; row < used; row++) {
            direction[row][axis] = matrix[axis * rank + row];
          }
        }
      }
    }
    return Geometry.of(spacing, origin, direction);
  }

  private static int integer(Map<String, String> header, String field) {
    double value = numbers(header, field, 1)[0];
    checkArgument(value == (int) value, "its %s is %s, not a whole number", field, value);
    return (int) value;
  }

  private static double[] numbers(Map<String, String> header, String field, int count) {
    String text = header.get(field);
    checkArgument(text != null, "its header lacks %s", field);
    double[] numbers = new double[count];
    List<String> words = Splitter.on(CharMatcher.whitespace()).omitEmptyStrings().splitToList(text);
    for (int i = 0; i < count; i++) {
      Double number = i < words.size() ? Doubles.tryParse(words.get(i)) : null;
      checkArgument(
          number != null, "its %s is '%s', not %s numbers", field, printable(text), count);
      numbers[i] = number;
    }
    return numbers;
  }
}

package org.aucmedi.xai.decoder;

import com.google.common.base.Joiner;
import java.io.BufferedReader;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.MathContext;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.aucmedi.xai.error.XAIException;
import org.aucmedi.xai.imaging.AtomicFiles;
import org.aucmedi.xai.imaging.FileErrors;

/** AUCMEDI's file of predictions, as pandas writes it. */
final class PredictionsCsv {

  private static final String SAMPLE = "SAMPLE";

  /** With so many every float32 reads back. */
  private static final int MOST_DIGITS = 9;

  private PredictionsCsv() {}

  static void write(Predictions predictions, Path csv) {
    Map<String, Long> count =
        predictions.samples().stream()
            .collect(
                Collectors.groupingBy(
                    Predictions::withoutExtension, LinkedHashMap::new, Collectors.counting()));
    Function<String, String> name =
        sample -> {
          String plain = Predictions.withoutExtension(sample);
          return count.get(plain) == 1 ? plain : sample;
        };
    Map<String, String> sorted = new TreeMap<>();
    predictions.samples().forEach(sample -> sorted.put(name.apply(sample), sample));
    StringBuilder text = new StringBuilder();
    List<String> header = new ArrayList<>(List.of(SAMPLE));
    header.addAll(predictions.classNames());
    appendLine(text, header);
    sorted.forEach(
        (shown, sample) -> {
          List<String> line = new ArrayList<>(List.of(shown));
          for (float value : predictions.row(sample)) {
            line.add(number(value));
          }
          appendLine(text, line);
        });
    try {
      Path folder = csv.toAbsolutePath().getParent();
      if (folder != null) {
        Files.createDirectories(folder);
      }
      AtomicFiles.write(csv, out -> out.write(text.toString().getBytes(StandardCharsets.UTF_8)));
    } catch (IOException e) {
      throw new XAIException("cannot write " + csv + ": " + FileErrors.reason(e), e);
    }
  }

  private static void appendLine(StringBuilder text, List<String> fields) {
    Joiner.on(',')
        .appendTo(text, fields.stream().map(PredictionsCsv::quoted).iterator())
        .append('\n');
  }

  private static String quoted(String field) {
    boolean plain = field.chars().noneMatch(c -> c == ',' || c == '"' || c == '\n' || c == '\r');
    return plain && !field.isEmpty() ? field : '"' + field.replace("\"", "\"\"") + '"';
  }

  /** The shortest decimal that reads back as the same float32, in NumPy's form. */
  static String number(float value) {
    if (value == 0) {
      return "0.0";
    }
    BigDecimal exact = new BigDecimal(value);
    BigDecimal shortest =
        IntStream.rangeClosed(1, MOST_DIGITS)
            .mapToObj(digits -> exact.round(new MathContext(digits)))
            .filter(rounded -> rounded.floatValue() == value)
            .findFirst()
            .orElseThrow()
            .stripTrailingZeros();
    int exponent = shortest.precision() - shortest.scale() - 1;
    double size = Math.abs((double) value);
    if (size >= 1e-4 && size < 1e16) {
      String plain = shortest.toPlainString();
      return plain.contains(".") ? plain : plain + ".0";
    }
    return shortest.movePointLeft(exponent).toPlainString()
        + String.format(Locale.ROOT, "e%s%02d", exponent < 0 ? "-" : "+", Math.abs(exponent));
  }

  static Predictions read(Path csv) {
    try (BufferedReader reader = Files.newBufferedReader(csv)) {
      return new Parser(csv, reader).parse();
    } catch (CharacterCodingException e) {
      throw new XAIException(csv + " is not text in UTF-8; export it as CSV", e);
    } catch (IOException e) {
      throw new XAIException("cannot read " + csv + ": " + FileErrors.reason(e), e);
    }
  }

  private static final class Parser {

    private final Path csv;
    private final CsvReader reader;

    Parser(Path csv, BufferedReader reader) throws IOException {
      this.csv = csv;
      this.reader = new CsvReader(reader);
    }

    Predictions parse() throws IOException {
      List<String> header = reader.record();
      int sample = header == null ? -1 : header.indexOf(SAMPLE);
      if (sample < 0 || header.size() < 2) {
        throw new XAIException(
            csv
                + " does not begin with a header of "
                + SAMPLE
                + " and the names of the classes, separated by commas"
                + (header == null ? "" : ", but with '" + String.join(",", header) + "'")
                + "; give a file that 'predict' or AUCMEDI has written");
      }
      if (new HashSet<>(header).size() < header.size()) {
        throw new XAIException(csv + " names a column twice in " + header + "; rename one");
      }
      Map<String, float[]> rows = new LinkedHashMap<>();
      for (List<String> fields = reader.record(); fields != null; fields = reader.record()) {
        if (fields.size() != header.size()) {
          throw refusal("has " + fields.size() + " values where the header has " + header.size());
        }
        if (rows.put(fields.get(sample), row(header, fields, sample)) != null) {
          throw refusal("names the sample '" + fields.get(sample) + "' once more");
        }
      }
      List<String> classNames = new ArrayList<>(header);
      classNames.remove(sample);
      return new Predictions(csv.toString(), classNames, rows);
    }

    private float[] row(List<String> header, List<String> fields, int sample) {
      float[] row = new float[fields.size() - 1];
      for (int column = 0, c = 0; column < fields.size(); column++) {
        if (column != sample) {
          row[c++] = value(header.get(column), fields.get(column));
        }
      }
      return row;
    }

    private float value(String column, String field) {
      try {
        float value = Float.parseFloat(field);
        if (Float.isFinite(value)) {
          return value;
        }
      } catch (NumberFormatException e) {
        // Refused below.
      }
      throw refusal("has '" + field + "' in column " + column + ", which is no finite number");
    }

    private XAIException refusal(String problem) {
      return new XAIException(
          csv + ", line " + reader.line() + ", " + problem + "; correct it, or predict again");
    }
  }
}

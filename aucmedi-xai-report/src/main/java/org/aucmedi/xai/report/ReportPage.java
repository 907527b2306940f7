package org.aucmedi.xai.report;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.aucmedi.xai.array.Colormap;
import org.aucmedi.xai.error.XAIException;
import org.aucmedi.xai.imaging.FileErrors;
import org.aucmedi.xai.imaging.OutputFolder;

/**
 * Makes the report page of a run: {@code report.html} in its output folder, one file to open in a
 * browser, which loads nothing. The images and maps are inside it, taken from {@linkplain
 * ReportPictures the pictures of the run}, or else from the map files and the images as they are.
 *
 * <p>A page larger than 60 MB is divided: {@code report.html} keeps the table, and links to {@code
 * report/part-001.html} and so on, each with the pictures of some samples.
 */
public final class ReportPage {

  /** The page's name. */
  public static final String NAME = "report.html";

  private static final long MAX_CHARACTERS = 60_000_000;

  /** A table with more than these gets no further thumbnails. */
  private static final long MAX_THUMBNAIL_CHARACTERS = 20_000_000;

  /** Samples that are read at the same time. */
  private static final int CHUNK = 32;

  private static final String PART = "part-";

  /**
   * A page that was written.
   *
   * @param page the file to open
   * @param samples how many samples it shows
   * @param parts how many files beside it hold the pictures; 0 if it holds them itself
   * @param bytes the size of all of them
   * @param problems what cannot be shown, and how often
   */
  public record Written(
      Path page, int samples, int parts, long bytes, Map<String, Integer> problems) {

    /** Copies the problems. */
    public Written {
      problems = Map.copyOf(problems);
    }
  }

  private final Path output;
  private final RunContents run;
  private final long maxCharacters;
  private final JsonArray rows = new JsonArray();
  private final List<String> media = new ArrayList<>();
  private final Map<String, Integer> problems = new TreeMap<>();
  private JsonArray part = new JsonArray();
  private long partCharacters;
  private long thumbnailCharacters;
  private int parts;
  private long bytes;

  private ReportPage(Path output, RunContents run, long maxCharacters) {
    this.output = output;
    this.run = run;
    this.maxCharacters = maxCharacters;
  }

  /**
   * Writes the page of a run, finished or not, over an earlier one.
   *
   * @param output the output folder of the run, with its manifest
   * @return what was written
   * @throws XAIException if there is no manifest, or the page cannot be written, or would replace
   *     what this program did not write
   */
  public static Written write(Path output) {
    return write(output, MAX_CHARACTERS);
  }

  static Written write(Path output, long maxCharacters) {
    return new ReportPage(output, RunContents.read(output), maxCharacters).write();
  }

  private Written write() {
    OutputFolder.open(output, List.of()).check(NAME);
    List<String> names = List.copyOf(run.samples().keySet());
    for (int from = 0; from < names.size(); from += CHUNK) {
      int to = Math.min(names.size(), from + CHUNK);
      IntStream.range(from, to)
          .parallel()
          .mapToObj(
              i -> SampleView.of(output, i + 1, names.get(i), run.samples().get(names.get(i))))
          .toList()
          .forEach(this::add);
    }
    if (parts > 0) {
      endPart();
    }
    JsonObject data = data(rows);
    data.addProperty("parts", parts);
    Path page = write(output, NAME, data, media);
    removeParts();
    return new Written(page, names.size(), parts, bytes, problems);
  }

  private void add(SampleView view) {
    view.problems().forEach(problem -> problems.merge(problem, 1, Integer::sum));
    long characters = (long) view.media().length() + view.row().toString().length();
    if (partCharacters > 0 && partCharacters + characters > maxCharacters) {
      endPart();
    }
    partCharacters += characters;
    media.add(view.media());
    part.add(view.row());
    rows.add(light(view.row()));
  }

  /** The row as the table of a divided page has it. */
  private JsonObject light(JsonObject row) {
    thumbnailCharacters += length(row, "thumb") + length(row, "overlay");
    if (thumbnailCharacters <= MAX_THUMBNAIL_CHARACTERS) {
      return row;
    }
    JsonObject light = row.deepCopy();
    light.remove("thumb");
    light.remove("overlay");
    return light;
  }

  private static int length(JsonObject row, String name) {
    return RunContents.text(row, name).length();
  }

  private void endPart() {
    parts++;
    String name = partName(parts);
    int first = rows.size() - part.size();
    JsonObject data = data(part);
    data.addProperty("part", parts);
    data.addProperty("home", "../" + NAME);
    write(output.resolve(ReportPictures.FOLDER), name, data, media);
    for (int i = first; i < rows.size(); i++) {
      rows.get(i).getAsJsonObject().addProperty("link", ReportPictures.FOLDER + "/" + name);
    }
    part = new JsonArray();
    media.clear();
    partCharacters = 0;
  }

  private static String partName(int number) {
    return String.format(Locale.ROOT, "%s%03d.html", PART, number);
  }

  private JsonObject data(JsonArray samples) {
    JsonObject data = new JsonObject();
    data.add("run", run.manifest());
    data.addProperty("made", Instant.now().truncatedTo(ChronoUnit.SECONDS).toString());
    data.add("caveats", Caveats.all());
    JsonObject colours = new JsonObject();
    for (Colormap map : Colormap.values()) {
      colours.addProperty(map.name().toLowerCase(Locale.ROOT), table(map));
    }
    data.add("colormaps", colours);
    data.add("samples", samples);
    return data;
  }

  private static String table(Colormap map) {
    byte[] table = new byte[256 * 3];
    for (int i = 0; i < table.length; i++) {
      table[i] = (byte) (int) map.intensity(i / 3, i % 3);
    }
    return Base64.getEncoder().encodeToString(table);
  }

  private Path write(Path folder, String name, JsonObject data, List<String> pictures) {
    Path file =
        OutputFolder.open(folder, List.of())
            .writePage(name, out -> PageDocument.write(out, data, pictures));
    try {
      bytes += Files.size(file);
    } catch (IOException e) {
      throw new XAIException("cannot read " + file + ": " + FileErrors.reason(e), e);
    }
    return file;
  }

  /** Removes the parts of an earlier, larger page. */
  private void removeParts() {
    Path folder = output.resolve(ReportPictures.FOLDER);
    if (!Files.isDirectory(folder)) {
      return;
    }
    List<String> current = IntStream.rangeClosed(1, parts).mapToObj(ReportPage::partName).toList();
    try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, PART + "*.html")) {
      for (Path file : files) {
        if (!current.contains(String.valueOf(file.getFileName())) && OutputFolder.wrote(file)) {
          Files.deleteIfExists(file);
        }
      }
    } catch (IOException e) {
      throw new XAIException("cannot clean " + folder + ": " + FileErrors.reason(e), e);
    }
  }
}

package org.aucmedi.xai.viewer.niivue;

import com.google.common.io.Resources;
import com.google.gson.Gson;
import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.aucmedi.xai.array.Colormap;
import org.aucmedi.xai.error.XAIException;
import org.aucmedi.xai.imaging.FileErrors;
import org.aucmedi.xai.imaging.OutputFolder;
import org.aucmedi.xai.report.PagePolicy;
import org.aucmedi.xai.report.ReportPage;
import org.aucmedi.xai.report.RunViewer;
import org.aucmedi.xai.report.RunVolumes;
import org.aucmedi.xai.report.RunVolumes.Grid;
import org.aucmedi.xai.report.RunVolumes.Volume;
import org.aucmedi.xai.report.RunVolumes.VolumeMap;

/**
 * The volumes of a run in NiiVue: {@code report-niivue.html} in its output folder, one file that
 * loads nothing. NiiVue and the volumes, as compressed NIfTI files, are inside it. It needs a
 * browser with WebGL 2.
 *
 * <p>Volumes beyond 60 MB are left out, and counted among what cannot be shown.
 */
public final class NiivueViewer implements RunViewer {

  /** The page's name. */
  public static final String PAGE = "report-niivue.html";

  private static final long MAX_CHARACTERS = 60_000_000;

  /** Escapes what ends an element: {@code <} is {@code \\u003c}. */
  private static final Gson GSON = new Gson();

  private static final String HEAD =
      """
      <html lang="en">
      <head>
      <meta charset="utf-8">
      <meta http-equiv="Content-Security-Policy" content="%s">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <meta name="referrer" content="no-referrer">
      <title>AUCMEDI-XAI volumes in NiiVue</title>
      <style>
      %s</style>
      </head>
      <body>
      <noscript>This page needs JavaScript. It loads nothing from the network.</noscript>
      <!--
      %s-->
      """;

  private final long maxCharacters;

  /** Constructs the viewer; ServiceLoader calls this. */
  public NiivueViewer() {
    this(MAX_CHARACTERS);
  }

  NiivueViewer(long maxCharacters) {
    this.maxCharacters = maxCharacters;
  }

  @Override
  public String name() {
    return "niivue";
  }

  @Override
  public ReportPage.Written write(Path output) {
    OutputFolder folder = OutputFolder.open(output, List.of());
    folder.check(PAGE);
    Map<String, Integer> problems = new TreeMap<>();
    List<String> volumes = new ArrayList<>();
    long[] characters = {0};
    RunVolumes.forEach(
        output,
        (volume, wrong) -> {
          wrong.forEach(problem -> problems.merge(problem, 1, Integer::sum));
          String json = GSON.toJson(json(volume));
          characters[0] += json.length();
          if (characters[0] <= maxCharacters || volumes.isEmpty()) {
            volumes.add(json);
          } else {
            problems.merge(
                "a volume is left out, since the page would be too large", 1, Integer::sum);
          }
        });
    if (volumes.isEmpty()) {
      return new ReportPage.Written(output.resolve(PAGE), 0, 0, 0, problems);
    }
    int leftOut =
        problems.getOrDefault("a volume is left out, since the page would be too large", 0);
    Path page = folder.writePage(PAGE, out -> write(out, volumes, leftOut));
    try {
      return new ReportPage.Written(page, volumes.size(), 0, Files.size(page), problems);
    } catch (IOException e) {
      throw new XAIException("cannot read " + page + ": " + FileErrors.reason(e), e);
    }
  }

  private static JsonObject json(Volume volume) {
    JsonObject json = new JsonObject();
    json.addProperty("name", volume.name());
    Grid first = volume.image() == null ? volume.maps().get(0).grid() : volume.image();
    json.addProperty("oriented", Nifti.isClear(first.axes()));
    if (volume.image() != null) {
      json.addProperty("image", base64(volume.image()));
    }
    JsonArray maps = new JsonArray();
    for (VolumeMap map : volume.maps()) {
      JsonObject one = new JsonObject();
      one.addProperty("method", map.method());
      one.addProperty("explains", map.explains());
      one.addProperty("low", map.grid().low());
      one.addProperty("high", map.grid().high());
      one.addProperty("nifti", base64(map.grid()));
      maps.add(one);
    }
    json.add("maps", maps);
    return json;
  }

  private static String base64(Grid grid) {
    return Base64.getEncoder().encodeToString(Nifti.compressed(grid));
  }

  private static void write(OutputStream out, List<String> volumes, int leftOut)
      throws IOException {
    String niivue = resource("niivue.umd.js");
    String script = "\n" + resource("page.js");
    String policy = PagePolicy.of("data: blob:", List.of(niivue, script));
    Writer page = new OutputStreamWriter(out, StandardCharsets.UTF_8);
    page.write(HEAD.formatted(policy, resource("page.css"), resource("LICENSE-niivue.txt")));
    page.write("<script type=\"application/json\" id=\"settings\">");
    JsonObject settings = new JsonObject();
    settings.addProperty("volumes", volumes.size());
    settings.addProperty("leftOut", leftOut);
    settings.add("colormaps", colormaps());
    GSON.toJson(settings, page);
    page.write("</script>\n");
    for (int i = 0; i < volumes.size(); i++) {
      page.write("<script type=\"application/json\" id=\"volume-" + i + "\">");
      page.write(volumes.get(i));
      page.write("</script>\n");
    }
    page.write("<script>" + niivue + "</script>\n");
    page.write("<script>" + script + "</script>\n");
    page.write("</body>\n</html>\n");
    page.flush();
  }

  /** The colours of each table, red, green and blue of 0 to 255. */
  private static JsonObject colormaps() {
    JsonObject all = new JsonObject();
    for (Colormap map : Colormap.values()) {
      JsonArray channels = new JsonArray();
      for (int channel = 0; channel < 3; channel++) {
        JsonArray values = new JsonArray();
        for (int i = 0; i < 256; i++) {
          values.add((int) map.intensity(i, channel));
        }
        channels.add(values);
      }
      all.add(map.name().toLowerCase(Locale.ROOT), channels);
    }
    return all;
  }

  private static String resource(String name) {
    try {
      return Resources.toString(
              Resources.getResource(NiivueViewer.class, name), StandardCharsets.UTF_8)
          // A browser reads every end of line as this one, and so must the hash.
          .replace("\r\n", "\n")
          .replace("\r", "\n");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}

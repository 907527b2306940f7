package org.aucmedi.xai.report;

import com.google.common.io.Resources;
import com.google.gson.Gson;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Collectors;

/**
 * The text of a page: one file that loads nothing. Its policy lets no script run but its own, which
 * it names by its hash. What comes from outside is JSON in elements that no browser runs, and the
 * script shows it as text.
 */
final class PageDocument {

  private static final List<String> STYLES =
      List.of("theme.css", "table.css", "viewer.css", "print.css");

  private static final List<String> SCRIPTS =
      List.of(
          "dom.js",
          "data.js",
          "pixels.js",
          "planes.js",
          "pane.js",
          "controls.js",
          "facts.js",
          "viewer.js",
          "table.js",
          "sections.js",
          "main.js");

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
      <title>AUCMEDI-XAI report</title>
      <style>
      %s</style>
      </head>
      <body>
      <noscript>This page needs JavaScript. It loads nothing from the network.</noscript>
      <div id="app"></div>
      """;

  private PageDocument() {}

  private static String script() {
    return "\n\"use strict\";\n(() => {\n" + joined(SCRIPTS) + "})();\n";
  }

  private static String joined(List<String> names) {
    return names.stream().map(PageDocument::resource).collect(Collectors.joining("\n"));
  }

  private static String resource(String name) {
    try {
      return Resources.toString(
              Resources.getResource(PageDocument.class, "page/" + name), StandardCharsets.UTF_8)
          // A browser reads every end of line as this one, and so must the hash.
          .replace("\r\n", "\n");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Writes everything after the document type.
   *
   * @param out takes it, in UTF-8; stays open
   * @param data the run, and a row for each sample
   * @param media JSON of the pictures of each sample, by its place among the rows
   */
  static void write(OutputStream out, JsonObject data, List<String> media) throws IOException {
    Writer page = new OutputStreamWriter(out, StandardCharsets.UTF_8);
    String script = script();
    page.write(HEAD.formatted(PagePolicy.of("data:", List.of(script)), joined(STYLES)));
    page.write("<script type=\"application/json\" id=\"report-data\">");
    GSON.toJson(data, page);
    page.write("</script>\n");
    // The table shows while the pictures are still being read.
    page.write("<script>");
    page.write(script);
    page.write("</script>\n");
    for (int i = 0; i < media.size(); i++) {
      page.write("<script type=\"application/json\" id=\"media-" + i + "\">");
      page.write(media.get(i));
      page.write("</script>\n");
    }
    page.write("</body>\n</html>\n");
    page.flush();
  }
}

package org.aucmedi.xai.server;

import com.google.common.io.Resources;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;

/** The files of the web page. They hold nothing that is not public. */
final class Page {

  /**
   * A file.
   *
   * @param path where a browser finds it
   * @param resource its name here
   * @param type its type
   */
  record Item(String path, String resource, String type) {

    Reply reply() {
      try {
        return Reply.ok(
            type, Resources.toByteArray(Resources.getResource(Page.class, "page/" + resource)));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  static final List<Item> ITEMS =
      List.of(
          new Item("/", "index.html", "text/html; charset=utf-8"),
          new Item("/style.css", "style.css", "text/css; charset=utf-8"),
          new Item("/app.js", "app.js", "text/javascript; charset=utf-8"),
          new Item("/overlay.js", "overlay.js", "text/javascript; charset=utf-8"),
          new Item("/icon.svg", "icon.svg", "image/svg+xml"));

  private Page() {}
}

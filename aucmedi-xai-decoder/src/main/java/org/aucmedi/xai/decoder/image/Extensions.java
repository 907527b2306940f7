package org.aucmedi.xai.decoder.image;

import java.nio.file.Path;
import java.util.Locale;

/** The endings of file names. */
final class Extensions {

  private Extensions() {}

  /** Returns what follows the last dot, in lower case; empty without a dot. */
  static String of(Path file) {
    String name = String.valueOf(file.getFileName());
    int dot = name.lastIndexOf('.');
    return dot < 0 ? "" : name.substring(dot + 1).toLowerCase(Locale.ROOT);
  }
}

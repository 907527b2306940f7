package org.aucmedi.xai.cli;

import com.google.gson.JsonObject;
import java.nio.file.Path;
import java.util.Locale;
import org.aucmedi.xai.manifest.Manifest;

/** What a run says on stdout when it ends. */
final class RunSummary {

  private RunSummary() {}

  /**
   * Returns one JSON object on one line.
   *
   * @param run the run at its end
   * @param done how many samples earlier runs had done
   */
  static String json(Manifest run, Path output, int done) {
    Manifest.Summary counts = run.summary();
    JsonObject json = new JsonObject();
    json.addProperty("status", run.status().toString());
    if (run.reason() != null) {
      json.addProperty("reason", run.reason());
    }
    json.addProperty("output", output.toString());
    if (run.shard() != null) {
      json.addProperty("shard", run.shard());
    }
    json.addProperty("samples", run.samples());
    json.addProperty("doneBefore", done);
    json.addProperty("explained", counts.explained());
    json.addProperty("unexplained", counts.unexplained());
    json.addProperty("failed", counts.failed());
    json.addProperty("warned", counts.warned());
    json.addProperty("maps", counts.maps());
    json.addProperty("seconds", counts.seconds());
    return json.toString();
  }

  /**
   * Returns one line for people.
   *
   * @param run the run at its end
   * @param maps how many maps it wrote itself
   * @param done how many samples earlier runs had done
   */
  static String text(Manifest run, Path output, int maps, int done) {
    Manifest.Summary counts = run.summary();
    return String.format(
        Locale.ROOT,
        "%d of %d images explained%s%s, %d maps written to %s",
        run.samples() - counts.failed() - counts.unexplained(),
        run.samples(),
        counts.unexplained() == 0 ? "" : ", " + counts.unexplained() + " without a map",
        done == 0 ? "" : ", " + done + " of them by an earlier run",
        maps,
        Printable.of(output));
  }

  /** Returns what is told of a run that something has ended. */
  static String ofEnded(int maps, Path output) {
    return String.format(
        Locale.ROOT, "%d maps written to %s before the run ended", maps, Printable.of(output));
  }
}

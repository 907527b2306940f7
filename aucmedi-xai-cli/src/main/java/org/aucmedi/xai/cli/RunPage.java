package org.aucmedi.xai.cli;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Locale;
import java.util.TreeMap;
import org.aucmedi.xai.report.ReportPage;
import org.aucmedi.xai.report.RunViewer;
import org.jspecify.annotations.Nullable;

/** Makes a run's report page, and another if wanted, and tells where they are. */
final class RunPage {

  private RunPage() {}

  /**
   * Makes the page.
   *
   * @param output the output folder of the run
   * @param viewer makes another page, or null
   * @param out told where the pages are and how large, and what they cannot show
   */
  static void write(Path output, @Nullable RunViewer viewer, PrintWriter out) {
    ReportPage.Written page = ReportPage.write(output);
    out.printf(
        Locale.ROOT,
        "report of %s: %s (%.1f MB%s)%n",
        page.samples() == 1 ? "1 image" : page.samples() + " images",
        Printable.of(page.page()),
        page.bytes() / 1e6,
        page.parts() == 0 ? "" : ", with its parts in " + Printable.of(output.resolve("report")));
    tell("report", page, out);
    if (viewer != null) {
      ReportPage.Written other = viewer.write(output);
      if (other.samples() == 0) {
        out.println(viewer.name() + ": no page, since the run has no volume to show");
      } else {
        out.printf(
            Locale.ROOT,
            "%s: %s in %s (%.1f MB)%n",
            viewer.name(),
            other.samples() == 1 ? "1 volume" : other.samples() + " volumes",
            Printable.of(other.page()),
            other.bytes() / 1e6);
      }
      tell(viewer.name(), other, out);
    }
    out.flush();
  }

  private static void tell(String who, ReportPage.Written page, PrintWriter out) {
    new TreeMap<>(page.problems())
        .forEach(
            (problem, times) ->
                out.printf(
                    Locale.ROOT,
                    "%s: %s%s%n",
                    who,
                    problem,
                    times == 1 ? "" : " (" + times + " times)"));
  }
}

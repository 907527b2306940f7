package org.aucmedi.xai.cli;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Locale;
import java.util.TreeMap;
import org.aucmedi.xai.report.ReportPage;

/** Makes a run's report page and tells where it is. */
final class RunPage {

  private RunPage() {}

  /**
   * Makes the page.
   *
   * @param output the output folder of the run
   * @param out told where the page is and how large, and what it cannot show
   */
  static void write(Path output, PrintWriter out) {
    ReportPage.Written page = ReportPage.write(output);
    out.printf(
        Locale.ROOT,
        "report of %s: %s (%.1f MB%s)%n",
        page.samples() == 1 ? "1 image" : page.samples() + " images",
        Printable.of(page.page()),
        page.bytes() / 1e6,
        page.parts() == 0 ? "" : ", with its parts in " + Printable.of(output.resolve("report")));
    new TreeMap<>(page.problems())
        .forEach(
            (problem, times) ->
                out.printf(
                    Locale.ROOT,
                    "report: %s%s%n",
                    problem,
                    times == 1 ? "" : " (" + times + " times)"));
    out.flush();
  }
}

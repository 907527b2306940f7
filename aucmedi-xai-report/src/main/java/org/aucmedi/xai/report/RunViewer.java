package org.aucmedi.xai.report;

import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import org.aucmedi.xai.model.Services;

/**
 * Another page to look at a run with, beside the {@linkplain ReportPage report page}. Modules
 * register theirs with {@link java.util.ServiceLoader}.
 */
public interface RunViewer {

  /** {@return its name, in lower case, for instance "niivue"} */
  String name();

  /**
   * Writes the page of a run into its output folder, over an earlier one.
   *
   * @param output the output folder of the run, with its manifest
   * @return what was written; without samples if the run has none that this page shows
   * @throws org.aucmedi.xai.error.XAIException if there is no manifest, or the page cannot be
   *     written, or would replace what this program did not write
   */
  ReportPage.Written write(Path output);

  /**
   * Finds a viewer.
   *
   * @param name its name
   * @return the viewer
   * @throws IllegalArgumentException if no module on the class path has it
   */
  static RunViewer of(String name) {
    List<RunViewer> all = Services.load(RunViewer.class);
    return all.stream()
        .filter(viewer -> viewer.name().equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "there is no viewer '"
                        + name
                        + "'; "
                        + (all.isEmpty()
                            ? "add a module that has one, for instance aucmedi-xai-viewer-niivue"
                            : "present: "
                                + all.stream()
                                    .map(RunViewer::name)
                                    .collect(Collectors.joining(", ")))));
  }
}

package org.aucmedi.xai.cli;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.aucmedi.xai.manifest.RunFiles;
import picocli.CommandLine;

/** What a command line did. */
record Run(int code, String out, String err) {

  static Run of(String... args) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    CommandLine command = AucmediXai.commandLine();
    command.setOut(new PrintWriter(out, true)).setErr(new PrintWriter(err, true));
    int code = command.execute(args);
    return new Run(
        code,
        out.toString().replace(System.lineSeparator(), "\n"),
        err.toString().replace(System.lineSeparator(), "\n"));
  }

  /** Lists a folder, without the record of the run. */
  static List<String> maps(Path folder) {
    return Arrays.stream(Objects.requireNonNull(folder.toFile().list()))
        .filter(name -> RunFiles.ofRecord(folder.resolve(name)) == null)
        .sorted()
        .toList();
  }
}

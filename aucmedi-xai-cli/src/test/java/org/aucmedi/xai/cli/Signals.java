package org.aucmedi.xai.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** What this process, and all that it starts, does on a signal. */
final class Signals {

  /** Ctrl-C. */
  static final int INT = 2;

  private Signals() {}

  /**
   * Returns whether a signal is ignored, as Ctrl-C is by what a shell starts in the background: the
   * virtual machine then leaves it so. False where the system does not tell.
   */
  static boolean isIgnored(int signal) throws IOException {
    Path status = Path.of("/proc/self/status");
    return Files.exists(status)
        && Files.readAllLines(status).stream()
            .filter(line -> line.startsWith("SigIgn:"))
            .map(line -> Long.parseUnsignedLong(line.replaceFirst("SigIgn:\\s*", ""), 16))
            .anyMatch(ignored -> (ignored >> (signal - 1) & 1) == 1);
  }
}

package org.aucmedi.xai.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** The launcher as a process of its own. */
final class LauncherJvm {

  private LauncherJvm() {}

  /** Returns its command, to be started in this test's class path. */
  static List<String> command(List<String> jvmOptions, String... arguments) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(jvmOptions);
    command.addAll(
        List.of(
            "-Dai.djl.offline=true",
            "-Djava.awt.headless=true",
            "-cp",
            System.getProperty("java.class.path"),
            Launcher.class.getName()));
    command.addAll(Arrays.asList(arguments));
    return command;
  }
}

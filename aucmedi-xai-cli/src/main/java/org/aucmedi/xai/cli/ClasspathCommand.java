package org.aucmedi.xai.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Prints the class path that the launcher has given to Java. */
@Command(
    name = "classpath",
    description =
        "Prints the launcher's class path, with every engine, for programs of your own: java -cp"
            + " \"$(./aucmedi-xai classpath)\" Mine.java",
    mixinStandardHelpOptions = true)
final class ClasspathCommand implements Runnable {

  @Spec private CommandSpec spec;

  @Override
  public void run() {
    spec.commandLine().getOut().println(System.getProperty("java.class.path"));
  }
}

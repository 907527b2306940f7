package org.aucmedi.xai.decoder.cli;

import java.io.PrintWriter;
import org.aucmedi.xai.XAIException;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;

/**
 * The root command.
 *
 * <p>Exit codes: 0 all done, 1 some inputs failed and the rest is done, 2 a usage or model error.
 */
@Command(
    name = "aucmedi-xai",
    description = "Explains what an image classifier looked at.",
    mixinStandardHelpOptions = true,
    version = "aucmedi-xai 0.1.0",
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {ExplainCommand.class, MethodsCommand.class, LayersCommand.class})
public final class AucmediXai {

  /** The exit code of a run in which some inputs failed. */
  public static final int SOME_FAILED = 1;

  /** The exit code of a usage or model error. */
  public static final int ERROR = 2;

  @Option(names = "--debug", description = "print stack traces", scope = ScopeType.INHERIT)
  private boolean debug;

  private AucmediXai() {}

  /**
   * Returns the command line, ready to execute; more subcommands may be added.
   *
   * @return the command line
   */
  public static CommandLine commandLine() {
    AucmediXai root = new AucmediXai();
    return new CommandLine(root)
        .setCaseInsensitiveEnumValuesAllowed(true)
        .setParameterExceptionHandler((e, args) -> root.reportUsage(e))
        .setExecutionExceptionHandler((e, command, parsed) -> root.report(e, command));
  }

  private int reportUsage(ParameterException e) {
    CommandLine command = e.getCommandLine();
    PrintWriter err = command.getErr();
    err.println("error: " + e.getMessage());
    err.println("see '" + command.getCommandSpec().qualifiedName() + " --help'");
    printStackTrace(e, err);
    return ERROR;
  }

  private int report(Exception e, CommandLine command) {
    PrintWriter err = command.getErr();
    boolean expected =
        e instanceof XAIException
            || e instanceof IllegalArgumentException
            || e instanceof IllegalStateException;
    err.println(
        expected
            ? "error: " + e.getMessage()
            : "internal error: " + e + "; run again with --debug and report what it prints");
    printStackTrace(e, err);
    return ERROR;
  }

  private void printStackTrace(Exception e, PrintWriter err) {
    if (debug) {
      e.printStackTrace(err);
    }
  }
}

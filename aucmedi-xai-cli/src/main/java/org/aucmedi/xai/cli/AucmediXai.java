package org.aucmedi.xai.cli;

import java.io.PrintWriter;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.aucmedi.xai.Version;
import org.aucmedi.xai.error.XAIException;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExecutionException;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.RunLast;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.UnmatchedArgumentException;

/**
 * The root command.
 *
 * <p>Exit codes: 0 all done, 1 some inputs failed and the rest is done, 2 a usage or model error,
 * 130 ended by Ctrl-C, 143 ended by SIGTERM.
 */
@Command(
    name = "aucmedi-xai",
    description = "Explains what an image classifier looked at.",
    mixinStandardHelpOptions = true,
    versionProvider = AucmediXai.VersionText.class,
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {
      ExplainCommand.class,
      PredictCommand.class,
      ReportCommand.class,
      MethodsCommand.class,
      EvaluateCommand.class,
      RecommendCommand.class,
      LayersCommand.class,
      ServeCommand.class,
      ConvertCommand.class,
      MergeCommand.class,
      CompletionCommand.class,
      ClasspathCommand.class,
      DoctorCommand.class
    })
public final class AucmediXai {

  /** The exit code of a run in which some inputs failed. */
  public static final int SOME_FAILED = 1;

  /** The exit code of a usage or model error. */
  public static final int ERROR = 2;

  /** What picocli says of a name that the file system's encoding does not have. */
  private static final Pattern NO_PATH =
      Pattern.compile(
          "cannot convert '(?<path>.*)' to interface java\\.nio\\.file\\.Path"
              + " \\(.*InvalidPathException: (?<reason>.*): \\k<path>\\)",
          Pattern.DOTALL);

  @Option(names = "--debug", description = "print stack traces", scope = ScopeType.INHERIT)
  private boolean debug;

  /** Where the options stand that come from a file, by their names. */
  private final Map<String, String> origins = new HashMap<>();

  private AucmediXai() {}

  /** What {@code --version} prints. */
  static final class VersionText implements IVersionProvider {

    @Override
    public String[] getVersion() {
      return new String[] {"aucmedi-xai " + Version.CURRENT};
    }
  }

  /** {@return the command line, ready to execute; more subcommands may be added} */
  public static CommandLine commandLine() {
    AucmediXai root = new AucmediXai();
    return HelpLayout.install(
        new Configurable(root)
            .setCaseInsensitiveEnumValuesAllowed(true)
            .setExecutionStrategy(AucmediXai::execute)
            .setParameterExceptionHandler((e, args) -> root.reportUsage(e))
            .setExecutionExceptionHandler((e, command, parsed) -> root.report(e, command)));
  }

  /** A command line that reads the file of {@code --config} first. */
  private static final class Configurable extends CommandLine {

    private final AucmediXai root;

    Configurable(AucmediXai root) {
      super(root);
      this.root = root;
    }

    @Override
    public int execute(String... args) {
      String[] all;
      try {
        all = ConfigArguments.expand(this, args, root.origins);
      } catch (XAIException e) {
        return root.report(e, this);
      }
      return super.execute(all);
    }
  }

  /** Returns whether a command runs with {@code --debug}. */
  static boolean debug(CommandSpec spec) {
    return spec.root().findOption("--debug").<Boolean>getValue();
  }

  /** Runs the command; picocli's handler of exceptions sees an error only as a cause. */
  private static int execute(ParseResult parsed) {
    ParseResult last = parsed.hasSubcommand() ? parsed.subcommand() : parsed;
    SavedConfig saved = SavedConfig.of(last);
    try {
      int code = new RunLast().execute(parsed);
      if (saved != null && (code == 0 || code == SOME_FAILED)) {
        saved.write();
      }
      return code;
    } catch (XAIException e) {
      throw new ExecutionException(last.commandSpec().commandLine(), "configuration", e);
    } catch (Error e) {
      throw new ExecutionException(parsed.commandSpec().commandLine(), "error", e);
    }
  }

  private int reportUsage(ParameterException e) {
    CommandLine command = e.getCommandLine();
    PrintWriter err = command.getErr();
    err.println("error: " + Printable.of(usage(e)));
    err.println("see '" + command.getCommandSpec().qualifiedName() + " --help'");
    printStackTrace(e, err);
    return ERROR;
  }

  private String usage(ParameterException e) {
    String message = String.valueOf(e.getMessage());
    Matcher noPath = NO_PATH.matcher(message);
    if (noPath.find()) {
      return noPath(noPath.group("path"), noPath.group("reason"));
    }
    if (e instanceof UnmatchedArgumentException unmatched) {
      // picocli ends a list of paths at the first that is none.
      for (String argument : unmatched.getUnmatched()) {
        try {
          var unused = Path.of(argument);
        } catch (InvalidPathException invalid) {
          return noPath(argument, invalid.getReason());
        }
      }
    }
    String explained = Typo.explained(e, message);
    String origin =
        e.getArgSpec() instanceof OptionSpec option ? origins.get(option.longestName()) : null;
    return origin == null ? explained : explained + " (" + origin + ")";
  }

  private static String noPath(String argument, String reason) {
    return "'"
        + argument
        + "' is no file name here ("
        + reason
        + "); with letters beyond ASCII, set the environment variable LC_ALL=C.UTF-8";
  }

  private int report(Exception e, CommandLine command) {
    Throwable failure =
        e instanceof ExecutionException && e.getCause() instanceof Error error ? error : e;
    PrintWriter err = command.getErr();
    err.println(Printable.of(sentence(failure)));
    printStackTrace(failure, err);
    return ERROR;
  }

  private static String sentence(Throwable failure) {
    if (failure instanceof XAIException
        || failure instanceof IllegalArgumentException
        || failure instanceof IllegalStateException) {
      return "error: " + failure.getMessage();
    }
    if (failure instanceof OutOfMemoryError) {
      return "error: out of memory ("
          + failure.getMessage()
          + ", of "
          + Runtime.getRuntime().maxMemory() / 1_000_000
          + " MB for Java); use a smaller --batch-size or --resize, or set the environment variable"
          + " JAVA_TOOL_OPTIONS=-Xmx8g for 8 GB";
    }
    if (failure instanceof StackOverflowError) {
      return "error: the model or a file is nested too deeply for Java's stack; if it is right, set"
          + " the environment variable JAVA_TOOL_OPTIONS=-Xss64m";
    }
    return "internal error: " + failure + "; run again with --debug and report what it prints";
  }

  private void printStackTrace(Throwable e, PrintWriter err) {
    if (debug) {
      e.printStackTrace(err);
    }
  }
}

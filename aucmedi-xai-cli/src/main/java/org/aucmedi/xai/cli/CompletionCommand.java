package org.aucmedi.xai.cli;

import java.util.ArrayList;
import java.util.List;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Prints the script that lets a shell complete commands, options and their values. */
@Command(
    name = "completion",
    description =
        "Prints a script with which the shell completes commands, options, methods and fixed values"
            + " when you press the tab key.",
    footer = {
      "",
      "For this session: source <(aucmedi-xai completion bash)",
      "For all: add that line to ~/.bashrc, or with zsh in place of bash to ~/.zshrc."
    },
    mixinStandardHelpOptions = true,
    sortOptions = false)
final class CompletionCommand implements Runnable {

  /** The shells for which there is a script. */
  private enum Shell {
    BASH,
    ZSH
  }

  @Spec private CommandSpec spec;

  @Parameters(paramLabel = "bash|zsh", description = "the shell")
  private Shell shell;

  @Override
  public void run() {
    CommandLine all = Launcher.commandLine();
    all.getSubcommands().values().forEach(CompletionCommand::addChoices);
    String script = AutoComplete.bash(all.getCommandName(), all);
    if (shell == Shell.ZSH) {
      // Bash's completion runs in zsh, which has to load what it needs.
      script =
          "autoload -Uz compinit bashcompinit\ncompinit\nbashcompinit\n"
              + script.lines().skip(1).reduce("", (text, line) -> text + line + "\n");
    }
    spec.commandLine().getOut().print(script);
    spec.commandLine().getOut().flush();
  }

  /** Tells picocli the values that options have. */
  private static void addChoices(CommandLine command) {
    CommandSpec commandSpec = command.getCommandSpec();
    for (OptionSpec option : new ArrayList<>(commandSpec.options())) {
      List<String> choices = Choices.of(option);
      if (!choices.isEmpty()) {
        commandSpec.remove(option);
        commandSpec.addOption(OptionSpec.builder(option).completionCandidates(choices).build());
      }
    }
  }
}

package org.aucmedi.xai.cli;

import com.google.common.collect.ImmutableMap;
import java.lang.reflect.Field;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import picocli.CommandLine;
import picocli.CommandLine.Help;
import picocli.CommandLine.IHelpSectionRenderer;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.UsageMessageSpec;

/** Prints the options of a command in groups, each once, as wide as the terminal. */
final class HelpLayout implements IHelpSectionRenderer {

  /** What options are about, in the order in which they are printed. */
  enum Group {
    MODEL("Model"),
    IMAGES("Images"),
    PREPARING("Preparing images, in this order"),
    METHOD("Method"),
    DRAWING("Drawing"),
    OUTPUT("Output"),
    RUN("Run");

    private final String title;

    Group(String title) {
      this.title = title;
    }

    String title() {
      return title;
    }
  }

  /** The groups of options whose class does not tell. */
  private static final ImmutableMap<String, Group> BY_NAME =
      ImmutableMap.<String, Group>builder()
          .put("--method", Group.METHOD)
          .put("--class", Group.METHOD)
          .put("--predictions", Group.METHOD)
          .put("--layer", Group.METHOD)
          .put("--profile", Group.METHOD)
          .put("--option", Group.METHOD)
          .put("--output", Group.OUTPUT)
          .put("--overwrite", Group.OUTPUT)
          .put("--format", Group.OUTPUT)
          .put("--report", Group.OUTPUT)
          .put("--viewer", Group.OUTPUT)
          .put("--map-on", Group.OUTPUT)
          .put("--no-resize", Group.OUTPUT)
          .put("--same-scale", Group.OUTPUT)
          .put("--eps", Group.OUTPUT)
          .put("--raw", Group.OUTPUT)
          .put("--class-names", Group.OUTPUT)
          .put("--body-masks", Group.IMAGES)
          .put("--masks", Group.IMAGES)
          .put("--boxes", Group.IMAGES)
          .put("--metric", Group.RUN)
          .put("--max-passes", Group.METHOD)
          .put("--steps", Group.RUN)
          .put("--fill", Group.RUN)
          .put("--subsets", Group.RUN)
          .put("--second-model", Group.MODEL)
          .put("--neighbours", Group.RUN)
          .put("--radius", Group.RUN)
          .put("--tolerance", Group.RUN)
          .put("--sizes", Group.RUN)
          .put("--input", Group.MODEL)
          .put("--resize", Group.PREPARING)
          .put("--standardize", Group.PREPARING)
          .put("--batch-size", Group.RUN)
          .buildOrThrow();

  private static final ImmutableMap<Class<?>, Group> BY_CLASS =
      ImmutableMap.of(
          ModelFileOptions.class, Group.MODEL,
          ModelOptions.class, Group.MODEL,
          ImageOptions.class, Group.IMAGES,
          PreparationOptions.class, Group.IMAGES,
          SubfunctionOptions.class, Group.PREPARING,
          DrawingOptions.class, Group.DRAWING);

  private HelpLayout() {}

  /**
   * Sets how the help of every command looks.
   *
   * @param root the root command with all its subcommands
   * @return the same
   */
  static CommandLine install(CommandLine root) {
    ConfigOptions.install(root);
    root.setUsageHelpAutoWidth(true);
    for (CommandLine command : root.getSubcommands().values()) {
      command.getHelpSectionMap().put(UsageMessageSpec.SECTION_KEY_OPTION_LIST, new HelpLayout());
      CommandSpec spec = command.getCommandSpec();
      if (spec.usageMessage().customSynopsis().length == 0
          && spec.positionalParameters().isEmpty()) {
        spec.usageMessage().customSynopsis(synopsis(spec));
      }
    }
    return root;
  }

  private static String synopsis(CommandSpec spec) {
    return spec.qualifiedName()
        + spec.options().stream()
            .filter(OptionSpec::required)
            .map(option -> " " + option.longestName() + " " + option.paramLabel())
            .collect(Collectors.joining())
        + " [OPTIONS]";
  }

  /** Returns what an option is about; what nobody has said is about the run. */
  static Group groupOf(OptionSpec option) {
    Group named = BY_NAME.get(option.longestName());
    if (named != null) {
      return named;
    }
    return option.userObject() instanceof Field field
        ? BY_CLASS.getOrDefault(field.getDeclaringClass(), Group.RUN)
        : Group.RUN;
  }

  /** Lists the options of a command by what they are about, without those that are hidden. */
  static Map<Group, List<OptionSpec>> groups(CommandSpec spec) {
    Map<Group, List<OptionSpec>> groups = new EnumMap<>(Group.class);
    for (OptionSpec option : spec.options()) {
      if (!option.hidden()) {
        groups.computeIfAbsent(groupOf(option), group -> new ArrayList<>()).add(option);
      }
    }
    return groups;
  }

  @Override
  public String render(Help help) {
    Map<Group, List<OptionSpec>> groups = groups(help.commandSpec());
    StringBuilder text = new StringBuilder();
    groups.forEach(
        (group, options) -> {
          if (groups.size() > 1) {
            text.append(System.lineSeparator())
                .append(help.colorScheme().text("@|bold " + group.title() + ":|@"))
                .append(System.lineSeparator());
          }
          Help.Layout layout = help.createDefaultLayout();
          layout.addOptions(options, help.parameterLabelRenderer());
          text.append(layout);
        });
    return text.toString();
  }
}

package org.aucmedi.xai.decoder.cli;

import java.io.PrintWriter;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.aucmedi.xai.AucmediMethod;
import org.aucmedi.xai.MethodOption;
import org.aucmedi.xai.Profile;
import org.aucmedi.xai.XAIMethodRegistry;
import org.aucmedi.xai.model.Capability;
import org.aucmedi.xai.spi.XAIMethodProvider;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Lists the methods on the classpath. */
@Command(
    name = "methods",
    description = "Lists the methods: key, aliases, what each needs of a model.",
    mixinStandardHelpOptions = true)
final class MethodsCommand implements Runnable {

  @Spec private CommandSpec spec;

  @Override
  public void run() {
    PrintWriter out = spec.commandLine().getOut();
    XAIMethodRegistry registry = new XAIMethodRegistry();
    String format = "%-14s %-28s %-24s %-18s %s%n";
    out.printf(format, "KEY", "ALIASES", "METHOD", "NEEDS", "LAYER");
    for (XAIMethodProvider provider : registry.providers()) {
      List<String> keys = registry.keysOf(provider);
      out.printf(
          format,
          keys.get(0),
          String.join(", ", keys.subList(1, keys.size())),
          provider.name(),
          provider.requires().stream()
              .sorted()
              .map(Capability::description)
              .collect(Collectors.joining(", ")),
          provider.usesLayer() ? "--layer or its own choice" : "ignored");
    }
    out.println();
    out.printf("%-14s %-16s %-12s %-12s %s%n", "KEY", "OPTION", "AUCMEDI", "PAPER", "MEANING");
    for (XAIMethodProvider provider : registry.providers()) {
      for (MethodOption<?> option : provider.options()) {
        out.printf(
            "%-14s %-16s %-12s %-12s %s: %s%n",
            registry.keysOf(provider).get(0),
            option.name(),
            MethodOption.textOf(option.defaultOf(Profile.AUCMEDI)),
            MethodOption.textOf(option.defaultOf(Profile.PAPER)),
            option.description(),
            option.allowed());
      }
    }
    String missing =
        Arrays.stream(AucmediMethod.values())
            .map(AucmediMethod::title)
            .filter(title -> registry.providers().stream().noneMatch(p -> p.name().equals(title)))
            .collect(Collectors.joining(", "));
    if (!missing.isEmpty()) {
      out.println("AUCMEDI's methods that no module here provides: " + missing);
    }
  }
}

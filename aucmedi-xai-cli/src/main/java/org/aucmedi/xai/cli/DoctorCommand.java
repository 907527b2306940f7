package org.aucmedi.xai.cli;

import ai.djl.util.Utils;
import com.google.gson.GsonBuilder;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.aucmedi.xai.model.ExplainableModelProvider;
import org.aucmedi.xai.model.Services;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Tells what this installation can do, and what is wrong with it. */
@Command(
    name = "doctor",
    description =
        "Checks the installation: Java, folders, and each engine, which explains a tiny built-in"
            + " model in a process of its own and has its numbers compared with the known ones.",
    footer = {
      "",
      "Exit code: 0 if every engine that is there works, 1 if one does not, or a folder that is"
          + " needed cannot be written."
    },
    mixinStandardHelpOptions = true,
    sortOptions = false)
final class DoctorCommand implements Callable<Integer> {

  /** Enough for the first unpacking of native libraries on a slow disk. */
  private static final int DEFAULT_TIMEOUT = 120;

  /** What tells engines how and where to unpack their libraries. */
  private static final List<String> PASSED_ON =
      List.of(
          "ai.djl.offline",
          "java.awt.headless",
          "java.io.tmpdir",
          "DJL_CACHE_DIR",
          "ENGINE_CACHE_DIR");

  @Spec private CommandSpec spec;

  @Option(
      names = "--engine",
      paramLabel = "NAME",
      description = "check this engine alone: PyTorch, TensorFlow, OnnxRuntime or MXNet")
  private @Nullable String engine;

  @Option(
      names = "--timeout",
      defaultValue = "" + DEFAULT_TIMEOUT,
      paramLabel = "SECONDS",
      description = "how long the self-test of an engine may take (default: ${DEFAULT-VALUE})")
  private int timeout;

  @Option(names = "--json", description = "print one JSON object instead of lines")
  private boolean json;

  /**
   * What is known of an engine.
   *
   * @param name DJL's name
   * @param present whether it is on the class path
   * @param works whether its self-test passed
   */
  private record EngineReport(
      String name,
      boolean present,
      boolean works,
      @Nullable String version,
      int gpus,
      boolean gradients,
      long milliseconds,
      @Nullable String problem) {}

  @Override
  public Integer call() throws InterruptedException {
    if (timeout < 1) {
      throw new ParameterException(
          spec.commandLine(), "--timeout must be at least 1 second, got " + timeout);
    }
    List<String> names = engines();
    Map<String, String> system = SystemReport.properties();
    List<SystemReport.Folder> folders =
        List.of(
            SystemReport.folder("cache of native libraries", Utils.getEngineCacheDir()),
            SystemReport.folder("temporary files", Path.of(System.getProperty("java.io.tmpdir"))));
    List<String> warnings = SystemReport.warnings();
    if (!json) {
      print(system, folders, warnings);
    }
    List<EngineReport> engines = new ArrayList<>();
    for (String name : names) {
      EngineReport report = check(name);
      engines.add(report);
      if (!json) {
        print(report);
      }
    }
    boolean healthy =
        engines.stream().allMatch(report -> report.works() || !report.present())
            && engines.stream().anyMatch(EngineReport::works)
            && folders.stream().allMatch(SystemReport.Folder::writable);
    if (json) {
      Map<String, Object> all = new LinkedHashMap<>();
      all.put("healthy", healthy);
      all.put("system", system);
      all.put("folders", folders);
      all.put("warnings", warnings);
      all.put("engines", engines);
      spec.commandLine()
          .getOut()
          .println(
              new GsonBuilder()
                  .setPrettyPrinting()
                  .disableHtmlEscaping()
                  .serializeNulls()
                  .create()
                  .toJson(all));
    }
    return healthy ? 0 : AucmediXai.SOME_FAILED;
  }

  private List<String> engines() {
    if (engine == null) {
      return EngineSelfTest.engines();
    }
    return List.of(
        EngineSelfTest.engines().stream()
            .filter(engine::equalsIgnoreCase)
            .findFirst()
            .orElseThrow(
                () ->
                    new ParameterException(
                        spec.commandLine(),
                        "there is no engine '"
                            + engine
                            + "'; use "
                            + String.join(", ", EngineSelfTest.engines()))));
  }

  private void print(
      Map<String, String> system, List<SystemReport.Folder> folders, List<String> warnings) {
    PrintWriter out = spec.commandLine().getOut();
    system.forEach((name, value) -> line(name, value));
    for (SystemReport.Folder folder : folders) {
      line(folder.use(), folder.text());
    }
    warnings.forEach(warning -> out.println("warning: " + Printable.of(warning)));
    out.flush();
  }

  private void print(EngineReport report) {
    String text;
    if (!report.present()) {
      text = "not on the class path";
    } else if (report.works()) {
      text =
          String.format(
              Locale.ROOT,
              "works: version %s, %s compared, %d GPUs, %.1f s",
              report.version(),
              report.gradients() ? "outputs and gradient" : "outputs (it has no gradients)",
              report.gpus(),
              report.milliseconds() / 1000.0);
    } else {
      text =
          "BROKEN"
              + (report.version() == null ? "" : ", version " + report.version())
              + ": "
              + report.problem();
    }
    line(report.name(), text);
    spec.commandLine().getOut().flush();
  }

  private void line(String name, String text) {
    spec.commandLine().getOut().printf("%-26s %s%n", name, Printable.of(text));
  }

  private EngineReport check(String name) throws InterruptedException {
    boolean present =
        Services.load(ExplainableModelProvider.class).stream()
            .anyMatch(provider -> provider.engineName().equals(name));
    if (!present) {
      return new EngineReport(name, false, false, null, 0, false, 0, null);
    }
    EngineSelfTest.Result result;
    try {
      result = inProcess(name);
    } catch (IOException e) {
      result = EngineSelfTest.Result.failed("its self-test cannot be run: " + e.getMessage());
    }
    return new EngineReport(
        name,
        true,
        result.problem() == null,
        result.version(),
        result.gpus(),
        result.gradients(),
        result.milliseconds(),
        result.problem());
  }

  private EngineSelfTest.Result inProcess(String name) throws IOException, InterruptedException {
    Path printed = Files.createTempFile("aucmedi-xai-doctor", ".txt");
    Path written = Files.createTempFile("aucmedi-xai-doctor", ".json");
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    for (String property : PASSED_ON) {
      String value = System.getProperty(property);
      if (value != null) {
        command.add("-D" + property + "=" + value);
      }
    }
    command.addAll(
        List.of(
            "-cp",
            System.getProperty("java.class.path"),
            EngineSelfTest.class.getName(),
            name,
            written.toString()));
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(printed.toFile())
            .start();
    try {
      process.getOutputStream().close();
      if (!process.waitFor(timeout, TimeUnit.SECONDS)) {
        return EngineSelfTest.Result.failed(
            "its self-test did not end within " + timeout + " s; give it longer with --timeout");
      }
      EngineSelfTest.Result result = EngineSelfTest.read(Files.readString(written));
      return result == null
          ? EngineSelfTest.Result.failed(
              crash(process, new String(Files.readAllBytes(printed), StandardCharsets.UTF_8)))
          : result;
    } finally {
      process.destroyForcibly().waitFor();
      Files.deleteIfExists(printed);
      Files.deleteIfExists(written);
    }
  }

  private static String crash(Process process, String text) {
    return "its process ended with code "
        + process.exitValue()
        + text.lines()
            .filter(line -> !line.isBlank() && !line.equals("#"))
            .findFirst()
            .map(line -> " (" + line.strip() + ")")
            .orElse("")
        + "; the native library does not suit this system";
  }
}

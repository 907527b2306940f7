package org.aucmedi.xai.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.aucmedi.xai.testkit.OnnxBuilder;
import org.aucmedi.xai.testkit.SymbolBuilder;
import org.aucmedi.xai.testkit.TorchScriptArchive;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Runs the script: the real one, which the build made ready one phase earlier, and copies of it in
 * small checkouts, where Maven and Java are scripts too.
 */
@DisabledOnOs(value = OS.WINDOWS, disabledReason = "the launcher is a POSIX script")
final class LauncherIT {

  private static final List<String> TOOLS =
      List.of(
          "sh",
          "dirname",
          "readlink",
          "find",
          "head",
          "cat",
          "mkdir",
          "ln",
          "rm",
          "mv",
          "sleep",
          "ps",
          "sed");

  /** Builds as Maven does, as far as the script can tell; what it does is set by variables. */
  private static final String MAVEN =
      """
      #!/bin/sh
      echo call >>"$CALLS"
      while [ "$1" != -f ]; do shift; done
      target=${2%pom.xml}aucmedi-xai-examples/target
      while [ -n "${GO:-}" ] && [ ! -e "$GO" ]; do sleep 1; done
      printf '\\033[0m[INFO] %s\\n' 'Scanning for projects...'
      echo '[INFO] Building AUCMEDI-XAI API 0.1.0-SNAPSHOT                      [2/10]'
      echo '[WARNING] of no interest'
      if [ -n "${FAIL:-}" ]; then
        echo '[ERROR] A.java: cannot find symbol'
        echo '  symbol: variable b'
        exit 1
      fi
      mkdir -p "$target"
      printf %s "$JAR" >"$target/launcher.classpath"
      """;

  private static final String JAVA =
      """
      #!/bin/sh
      echo "LC_ALL=${LC_ALL:-}"
      printf '%s\\n' "$@"
      """;

  @TempDir private Path folder;
  private final Map<String, String> environment = new HashMap<>();
  private Path calls;
  private Path jar;

  private record Run(int code, String out, String err) {}

  @BeforeEach
  void makeTools() throws IOException {
    Path bin = Files.createDirectories(folder.resolve("bin"));
    for (String tool : TOOLS) {
      makeExecutable(bin.resolve(tool), "#!/bin/sh\nexec " + find(tool) + " \"$@\"\n");
    }
    calls = folder.resolve("calls");
    jar = Files.createFile(folder.resolve("other.jar"));
    environment.put("PATH", bin.toString());
    environment.put("CALLS", calls.toString());
    environment.put("JAR", jar.toString());
    environment.put("LANG", "de_DE.UTF-8");
  }

  private static Path find(String tool) {
    return Stream.of(System.getenv("PATH").split(File.pathSeparator))
        .map(path -> Path.of(path, tool))
        .filter(Files::isExecutable)
        .findFirst()
        .orElseThrow(() -> new AssertionError("there is no " + tool + " on the PATH"));
  }

  @Test
  void launcher_fromAnotherFolderAndThroughALink_isQuiet() throws Exception {
    Path link = Files.createSymbolicLink(folder.resolve("xai"), script());

    Run run = runReal(link, "methods");

    assertThat(run.err()).isEmpty();
    assertThat(run.code()).isZero();
    assertThat(run.out()).contains("saliency");
  }

  @Test
  void launcher_help_listsTheCommandsOfAllModules() throws Exception {
    Run run = runReal(script(), "--help");

    assertThat(run.err()).isEmpty();
    assertThat(run.out())
        .containsSubsequence(
            "\n  explain ",
            "\n  methods ",
            "\n  layers ",
            "\n  quickstart ",
            "\n  gallery ",
            "\n  localise ");
  }

  @Test
  void launcher_usageError_exitsWithTwo() throws Exception {
    Run run = runReal(script(), "explain", "--model", "none.pt");

    assertThat(run.code()).isEqualTo(2);
    assertThat(run.out()).isEmpty();
    assertThat(run.err()).startsWith("error: Missing required options");
  }

  @Test
  void launcher_lettersBeyondAsciiInTheCLocale_reachTheProgram() throws Exception {
    environment.put("LC_ALL", "C");
    String caller = "exec \"$0\" layers --model \"$(printf 'caf\\303\\251.pt')\"";

    Run run = runReal(Path.of("sh"), "-c", caller, script().toString());

    assertThat(run).isEqualTo(new Run(2, "", "error: there is no model file café.pt\n"));
  }

  @Test
  void launcher_classpathOfTheBuild_hasOnlyOtherProjectsJars() throws IOException {
    Path home = script().getParent();

    assertThat(Files.readString(home.resolve("aucmedi-xai-examples/target/launcher.classpath")))
        .contains("picocli")
        .doesNotContain(home + File.separator);
  }

  /** Below a regular file nobody can write, not even root. */
  @ParameterizedTest
  @ValueSource(strings = {"PyTorch", "OnnxRuntime", "MXNet"})
  void launcher_cacheThatCannotBeWritten_isNamedWithTheRemedy(String engine) throws Exception {
    Path cache = jar.resolve("cache");
    environment.put("DJL_CACHE_DIR", cache.toString());

    Run run = runReal(script(), "layers", "--model", model(engine).toString(), "--engine", engine);

    assertThat(run.code()).isEqualTo(2);
    assertThat(run.out()).isEmpty();
    assertThat(run.err())
        .startsWith("error: cannot unpack " + engine + "'s native libraries into " + cache)
        .contains(
            ": Not a directory); make sure that the folder is writable",
            "or set DJL_CACHE_DIR to another")
        .hasLineCount(1);
  }

  @Test
  void launcher_missingTempFolder_isNamedWithTheRemedy() throws Exception {
    Path temp = folder.resolve("none");
    environment.put("JDK_JAVA_OPTIONS", "-Djava.io.tmpdir=" + temp);

    String model = model("OnnxRuntime").toString();
    String remedy =
        " (does not exist); make sure that it exists, is writable and has free space, or set"
            + " another one with JAVA_TOOL_OPTIONS=-Djava.io.tmpdir=FOLDER\n";

    Run engine = runReal(script(), "layers", "--model", model, "--engine", "OnnxRuntime");
    assertThat(engine.code()).isEqualTo(2);
    assertThat(engine.err()).endsWith("error: OnnxRuntime needs the temp folder " + temp + remedy);

    Run compiler = runReal(script(), "layers", "--model", model);
    assertThat(compiler.code()).isEqualTo(2);
    assertThat(compiler.err())
        .endsWith("error: compiling " + model + " needs the temp folder " + temp + remedy);
  }

  @Test
  void launcher_onnxModel_leavesNothingInTheTempFolder() throws Exception {
    Path temp = Files.createDirectory(folder.resolve("temp"));
    environment.put("JDK_JAVA_OPTIONS", "-Djava.io.tmpdir=" + temp + " -XX:-UsePerfData");

    Run run = runReal(script(), "layers", "--model", model("OnnxRuntime").toString());

    assertThat(run.code()).as(run.err()).isZero();
    assertThat(temp).isEmptyDirectory();
  }

  @Test
  void launcher_freshCheckout_buildsOnceAndShowsProgress() throws Exception {
    Path script = checkout("fresh");
    installMaven();

    Run first = run(script, "methods");
    Run second = run(script, "methods");

    assertThat(first.err())
        .isEqualTo(
            """
            aucmedi-xai: building, which takes a minute or two the first time
            aucmedi-xai: [2/10] AUCMEDI-XAI API
            """);
    assertThat(second).isEqualTo(new Run(0, first.out(), ""));
    assertThat(first.out()).endsWith("org.aucmedi.xai.cli.Launcher\nmethods\n");
    assertThat(calls).hasContent("call");
    assertThat(target(script)).isDirectoryNotContaining("glob:**lock*");
  }

  @Test
  void launcher_copyOfABuiltCheckout_runsItsOwnClassesWithoutMaven() throws Exception {
    Path original = built("original");
    Path copy = folder.resolve("a copy/aucmedi-xai");
    copy(original.getParent(), copy.getParent());

    Run run = run(copy, "methods");

    assertThat(run.code()).as(run.err()).isZero();
    assertThat(run.err()).isEmpty();
    String home = copy.getParent().toString();
    assertThat(run.out())
        .contains(
            home + "/aucmedi-xai-examples/target/classes:",
            home + "/aucmedi-xai-api/target/classes:",
            home + "/aucmedi-xai-engines/aucmedi-xai-engine-pytorch/target/classes:",
            ":" + jar)
        .doesNotContain(original.getParent().toString());
  }

  @Test
  void launcher_plugins_areOnTheClassPath() throws Exception {
    environment.put("AUCMEDI_XAI_PLUGINS", "mine.jar:yours.jar");

    assertThat(run(built("plugins"), "methods").out())
        .contains(":" + jar + ":mine.jar:yours.jar\n");
  }

  @Test
  void launcher_classpath_runsALessonFromItsFile() throws Exception {
    Path home = script().getParent();
    Run classpath = runReal(script(), "classpath");
    assertThat(classpath.out()).contains(home + "/aucmedi-xai-api/target/classes:");
    Path lesson =
        home.resolve(
            "aucmedi-xai-examples/src/main/java/org/aucmedi/xai/examples/lessons/Binary.java");

    Run run =
        runReal(
            Path.of(System.getProperty("java.home"), "bin", "java"),
            "-Dai.djl.offline=true",
            "-cp",
            classpath.out().strip(),
            lesson.toString(),
            home.resolve("aucmedi-xai-examples/lessons").toString(),
            folder.resolve("pictures").toString());

    assertThat(run.code()).as(run.err()).isZero();
    assertThat(run.out()).contains("yes 0.9");
    assertThat(folder.resolve("pictures/binary.png")).exists();
  }

  @Test
  void launcher_built_writesNothing() throws Exception {
    Path script = built("built");
    List<Path> before = tree(script.getParent());

    assertThat(run(script, "methods").code()).isZero();

    assertThat(tree(script.getParent())).isEqualTo(before);
  }

  @Test
  void launcher_changedSource_asksForMaven() throws Exception {
    Path script = built("changed");
    Files.writeString(script.resolveSibling("aucmedi-xai-api/src/main/A.java"), "class A {}");
    Files.setLastModifiedTime(target(script).resolve("launcher.classpath"), FileTime.fromMillis(1));

    Run run = run(script, "methods");

    assertThat(run.code()).isEqualTo(2);
    assertThat(run.out()).isEmpty();
    assertThat(run.err()).contains("'mvn' was not found", "Maven 3.8.7 or newer for the build");
    assertThat(target(script)).isDirectoryNotContaining("glob:**lock*");
  }

  @Test
  void launcher_jarThatIsGone_buildsAgain() throws Exception {
    Path script = built("jar");
    Files.move(jar, folder.resolve("moved.jar"));
    environment.put("JAR", folder.resolve("moved.jar").toString());
    installMaven();

    assertThat(run(script, "methods").out()).contains("moved.jar");
    assertThat(calls).hasContent("call\ncall");
  }

  @Test
  void launcher_failingBuild_showsTheErrorsAndExitsWithTwo() throws Exception {
    Path script = checkout("failing");
    installMaven();
    environment.put("FAIL", "yes");

    Run run = run(script, "methods");

    assertThat(run)
        .isEqualTo(
            new Run(
                2,
                "",
                """
                aucmedi-xai: building, which takes a minute or two the first time
                aucmedi-xai: [2/10] AUCMEDI-XAI API
                [ERROR] A.java: cannot find symbol
                  symbol: variable b
                aucmedi-xai: the build failed, see above
                """));
    assertThat(target(script)).isDirectoryNotContaining("glob:**lock*");
  }

  @Test
  void launcher_twoAtOnce_oneBuildsAndTheOtherWaits() throws Exception {
    Path script = checkout("two");
    installMaven();
    Path go = folder.resolve("go");
    environment.put("GO", go.toString());

    Process first = start("first", script, "methods");
    Process second = start("second", script, "methods");
    await(
        () ->
            Files.readString(folder.resolve("first.err")).contains("waiting")
                || Files.readString(folder.resolve("second.err")).contains("waiting"));
    Files.createFile(go);

    List<Run> runs = List.of(result("first", first), result("second", second));
    assertThat(runs).allSatisfy(run -> assertThat(run.code()).as(run.err()).isZero());
    assertThat(calls).hasContent("call");
    assertThat(runs.get(0).err() + runs.get(1).err())
        .containsOnlyOnce("building, which takes")
        .containsOnlyOnce("waiting for process ");
  }

  @Test
  void launcher_builderThatDied_isReplaced() throws Exception {
    Path script = checkout("died");
    installMaven();
    Process dead = new ProcessBuilder(find("sh").toString(), "-c", ":").start();
    dead.waitFor();
    Path lock = Files.createDirectories(target(script)).resolve("launcher.lock");
    Files.createSymbolicLink(lock, Path.of(Long.toString(dead.pid())));

    Run run = run(script, "methods");

    assertThat(run.code()).as(run.err()).isZero();
    assertThat(run.err()).doesNotContain("waiting");
    assertThat(calls).hasContent("call");
    assertThat(target(script)).isDirectoryNotContaining("glob:**lock*");
  }

  @Test
  void launcher_checkoutThatCannotBeWritten_saysSo() throws Exception {
    Path script = checkout("closed");
    installMaven();
    Files.createFile(target(script));

    Run run = run(script, "methods");

    assertThat(run)
        .isEqualTo(
            new Run(
                2,
                "",
                "aucmedi-xai: it has to be built, but " + target(script) + " cannot be written\n"));
  }

  @ParameterizedTest
  @CsvSource({
    "LC_ALL, C, C.UTF-8",
    "LC_ALL, POSIX, C.UTF-8",
    "LANG, C, C.UTF-8",
    "LANG, de_DE.UTF-8,"
  })
  void launcher_locale_isOneThatCanNameEveryFile(String name, String value, String expected)
      throws Exception {
    Path script = built("locale");
    environment.put(name, value);

    assertThat(run(script, "methods").out())
        .startsWith("LC_ALL=" + (expected == null ? "" : expected) + "\n");
  }

  private static void await(Callable<Boolean> condition) throws Exception {
    long end = System.nanoTime() + TimeUnit.MINUTES.toNanos(1);
    while (!condition.call()) {
      assertThat(System.nanoTime()).as("nothing happened for a minute").isLessThan(end);
      Thread.sleep(50);
    }
  }

  /** A tree with what the script looks at. */
  private Path checkout(String name) throws IOException {
    Path home = Files.createDirectories(folder.resolve(name));
    for (String module :
        List.of(
            "aucmedi-xai-api",
            "aucmedi-xai-cli",
            "aucmedi-xai-decoder",
            "aucmedi-xai-examples",
            "aucmedi-xai-imaging",
            "aucmedi-xai-methods",
            "aucmedi-xai-engines/aucmedi-xai-engine-pytorch",
            "aucmedi-xai-importers/aucmedi-xai-importer-keras")) {
      Files.createDirectories(home.resolve(module + "/src/main"));
      Files.createFile(home.resolve(module + "/pom.xml"));
    }
    Files.createFile(home.resolve("pom.xml"));
    return Files.copy(script(), home.resolve("aucmedi-xai"), StandardCopyOption.COPY_ATTRIBUTES);
  }

  /** A checkout that was built, on a machine where there is no Maven any more. */
  private Path built(String name) throws Exception {
    Path script = checkout(name);
    installMaven();
    assertThat(run(script, "methods").code()).isZero();
    Files.delete(folder.resolve("bin/mvn"));
    return script;
  }

  private static Path target(Path script) {
    return script.resolveSibling("aucmedi-xai-examples/target");
  }

  private void installMaven() throws IOException {
    makeExecutable(folder.resolve("bin/mvn"), MAVEN);
  }

  private static void makeExecutable(Path file, String text) throws IOException {
    Files.writeString(file, text);
    assertThat(file.toFile().setExecutable(true)).isTrue();
  }

  private static void copy(Path from, Path to) throws IOException {
    Files.createDirectories(to.getParent());
    for (Path file : tree(from)) {
      Files.copy(
          file, to.resolve(from.relativize(file).toString()), StandardCopyOption.COPY_ATTRIBUTES);
    }
  }

  /** Everything below a folder, parents first. */
  private static List<Path> tree(Path root) throws IOException {
    try (Stream<Path> tree = Files.walk(root)) {
      return tree.sorted().toList();
    }
  }

  private Path model(String engine) throws IOException {
    return switch (engine) {
      case "PyTorch" ->
          TorchScriptArchive.write(folder.resolve("net.pt"), "return torch.flatten(x, 1)\n");
      case "OnnxRuntime" -> OnnxBuilder.halves(-1, 5, 7).write(folder.resolve("net.onnx"));
      default ->
          new SymbolBuilder()
              .variable("data")
              .op("Flatten", "scores", Map.of(), "data")
              .write(folder, "net");
    };
  }

  private static Path script() {
    Path script = Path.of(System.getProperty("launcher"));
    assumeTrue(Files.isExecutable(script), () -> "skipped: " + script + " cannot be run here");
    return script.toAbsolutePath();
  }

  /** With this JVM's Java; there is no Maven, so a script that is not ready fails. */
  private Run runReal(Path command, String... arguments) throws IOException, InterruptedException {
    environment.put("JAVA_HOME", System.getProperty("java.home"));
    return result("real", start("real", command, arguments));
  }

  private Run run(Path script, String... arguments) throws IOException, InterruptedException {
    return result("run", start("run", script, arguments));
  }

  private Process start(String name, Path command, String... arguments) throws IOException {
    if (!environment.containsKey("JAVA_HOME")) {
      Path java = folder.resolve("jdk/bin/java");
      Files.createDirectories(java.getParent());
      makeExecutable(java, JAVA);
      environment.put("JAVA_HOME", folder.resolve("jdk").toString());
    }
    ProcessBuilder builder =
        new ProcessBuilder(
                Stream.concat(Stream.of(command.toString()), Stream.of(arguments)).toList())
            .directory(folder.toFile())
            .redirectOutput(folder.resolve(name + ".out").toFile())
            .redirectError(folder.resolve(name + ".err").toFile());
    builder.environment().keySet().removeIf(variable -> variable.startsWith("LC_"));
    builder.environment().putAll(environment);
    return builder.start();
  }

  private Run result(String name, Process process) throws IOException, InterruptedException {
    int code = process.waitFor();
    return new Run(
        code,
        Files.readString(folder.resolve(name + ".out")),
        Files.readString(folder.resolve(name + ".err")));
  }
}

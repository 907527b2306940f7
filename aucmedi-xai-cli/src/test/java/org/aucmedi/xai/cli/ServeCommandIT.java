package org.aucmedi.xai.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.awt.image.BufferedImage;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The command as a process of its own, against the command explain. */
final class ServeCommandIT {

  private static final Pattern PAGE =
      Pattern.compile("open (http://127\\.0\\.0\\.1:\\d+)/#token=(\\S+)");
  private static final String JOB = "in-progress";
  private static final Path DOCS = Path.of("../docs/serve.md");

  @TempDir private static Path folder;
  private static final HttpClient CLIENT = HttpClient.newHttpClient();
  private static Path model;
  private static Process process;
  private static String url;
  private static String token;

  @BeforeAll
  static void serve() throws IOException {
    model = Squares.write(folder);
    BufferedImage picture = new BufferedImage(24, 16, BufferedImage.TYPE_INT_RGB);
    for (int i = 0; i < 24 * 16; i++) {
      picture.setRGB(i % 24, i / 24, 0x010305 * (i % 50));
    }
    ImageIO.write(picture, "png", folder.resolve("cell.png").toFile());
    process =
        start(
            "serve",
            "--model",
            model.toString(),
            "--standardize",
            "rescale",
            "--port",
            "0",
            "--concurrency",
            "2");
    BufferedReader out = process.inputReader();
    Matcher page = PAGE.matcher(String.valueOf(out.readLine()));
    assertThat(page.matches()).isTrue();
    url = page.group(1);
    token = page.group(2);
  }

  @AfterAll
  static void stop() {
    process.destroyForcibly();
  }

  private static Process start(String... arguments) throws IOException {
    return new ProcessBuilder(LauncherJvm.command(List.of(), arguments))
        .redirectError(folder.resolve("stderr").toFile())
        .start();
  }

  private static HttpResponse<byte[]> explain(String query) throws Exception {
    return CLIENT.send(
        HttpRequest.newBuilder(URI.create(url + "/explain?" + query))
            .header("Authorization", "Bearer " + token)
            .POST(BodyPublishers.ofFile(folder.resolve("cell.png")))
            .build(),
        BodyHandlers.ofByteArray());
  }

  @ParameterizedTest
  @CsvSource({"png, saliency", "npy, integratedgradients"})
  void explain_overHttp_isWhatTheCommandWrites(String format, String method) throws Exception {
    Path out = folder.resolve("out-" + format);
    Run run =
        Run.of(
            "explain",
            "--model",
            model.toString(),
            "--standardize",
            "rescale",
            "--images",
            folder.resolve("cell.png").toString(),
            "--method",
            method,
            "--format",
            format,
            "--output",
            out.toString());
    assertThat(run.code()).isZero();

    HttpResponse<byte[]> response = explain("method=" + method + "&format=" + format);

    assertThat(response.statusCode()).isEqualTo(200);
    assertThat(response.body()).isEqualTo(Files.readAllBytes(out.resolve("cell." + format)));
  }

  @Test
  void refusal_hasTheWordsOfTheCommand() throws Exception {
    Run run =
        Run.of(
            "explain",
            "--model",
            model.toString(),
            "--images",
            folder.toString(),
            "--method",
            "none");

    String body = new String(explain("method=none").body(), StandardCharsets.UTF_8);

    String message = run.err().strip().replaceFirst("error: ", "");
    assertThat(message).startsWith("unknown method 'none'");
    // JSON writes an apostrophe by its number.
    assertThat(body.replace("\\u0027", "'")).contains(message);
  }

  @Test
  @DisabledOnOs(value = OS.WINDOWS, disabledReason = "no sh there")
  void examples_ofTheDocumentation_work() throws Exception {
    assumeTrue(
        new ProcessBuilder("sh", "-c", "command -v curl").start().waitFor() == 0,
        "no curl, so the examples of the documentation are not run");
    List<String> examples =
        Files.readAllLines(DOCS).stream().filter(line -> line.startsWith("curl ")).toList();
    assertThat(examples).hasSizeGreaterThan(4);
    for (String example : examples) {
      ProcessBuilder shell =
          new ProcessBuilder("sh", "-c", example.replace("curl ", "curl -sS --fail "))
              .directory(folder.toFile())
              .redirectErrorStream(true);
      shell.environment().put("URL", url);
      shell.environment().put("TOKEN", token);
      Process done = shell.start();
      String output = new String(done.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertThat(done.waitFor()).as("%s: %s", example, output).isZero();
    }
    assertThat(Files.readAllBytes(folder.resolve("map.png")))
        .isEqualTo(explain("method=saliency").body());
  }

  @Test
  @DisabledOnOs(value = OS.WINDOWS, disabledReason = "no signals there")
  void signal_endsItWithItsCode() throws Exception {
    Process second =
        start("serve", "--model", model.toString(), "--port", "0", "--host", "0.0.0.0");
    assertThat(second.inputReader().readLine()).startsWith("open http://0.0.0.0:");

    second.destroy();

    assertThat(second.waitFor(20, TimeUnit.SECONDS)).isTrue();
    assertThat(second.exitValue()).isEqualTo(143);
    assertThat(Files.readString(folder.resolve("stderr")))
        .contains("warning: 0.0.0.0 can be reached from other machines, and there is no TLS");
  }

  @ParameterizedTest
  @CsvSource({"INT, 130", "TERM, 143"})
  @DisabledOnOs(value = OS.WINDOWS, disabledReason = "no signals there")
  void signal_waitsForTheRequestInProgress(String signal, int code) throws Exception {
    assumeFalse(
        signal.equals("INT") && Signals.isIgnored(Signals.INT),
        "skipped: this process was started so that it ignores Ctrl-C");
    Process second = start("serve", "--model", model.toString(), "--port", "0");
    try {
      Matcher page = PAGE.matcher(String.valueOf(second.inputReader().readLine()));
      assertThat(page.matches()).isTrue();
      HttpRequest.Builder job =
          HttpRequest.newBuilder(URI.create(page.group(1) + "/jobs/" + JOB))
              .header("Authorization", "Bearer " + page.group(2));
      CompletableFuture<HttpResponse<byte[]>> answer =
          CLIENT.sendAsync(
              HttpRequest.newBuilder(
                      URI.create(
                          page.group(1)
                              + "/explain?method=ig&option.steps=4000&format=npy&job="
                              + JOB))
                  .header("Authorization", "Bearer " + page.group(2))
                  .POST(BodyPublishers.ofFile(folder.resolve("cell.png")))
                  .build(),
              BodyHandlers.ofByteArray());
      while (!CLIENT
          .send(job.build(), BodyHandlers.ofString())
          .body()
          .contains("\"state\":\"running\"")) {
        assertThat(answer).as("a request that is in progress").isNotDone();
        Thread.sleep(10);
      }

      new ProcessBuilder("kill", "-" + signal, String.valueOf(second.pid())).start().waitFor();

      assertThat(answer.get(30, TimeUnit.SECONDS).statusCode()).isEqualTo(200);
      assertThat(second.waitFor(30, TimeUnit.SECONDS)).isTrue();
      assertThat(second.exitValue()).isEqualTo(code);
    } finally {
      second.destroyForcibly();
    }
  }

  @Test
  void options_thatAreWrong_areRefused() {
    Run run = Run.of("serve", "--model", model.toString(), "--port", "70000");
    assertThat(run.code()).isEqualTo(2);
    assertThat(run.err()).startsWith("error: a port lies in 0 to 65535, got 70000");
    assertThat(Run.of("serve", "--model", model.toString(), "--concurrency", "0").err())
        .startsWith("error: --concurrency lies in 1 to 64, got 0");
  }
}

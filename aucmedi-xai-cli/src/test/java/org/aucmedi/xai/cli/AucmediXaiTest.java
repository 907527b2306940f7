package org.aucmedi.xai.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.aucmedi.xai.error.XAIException;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import picocli.CommandLine.Command;

final class AucmediXaiTest {

  @Test
  void execute_outOfMemory_exitsWithTwoAndSaysWhatHelps() {
    Run run = fail(new OutOfMemoryError("Java heap space"));

    assertThat(run.code()).isEqualTo(2);
    assertThat(run.out()).isEmpty();
    assertThat(run.err())
        .matches(
            "error: out of memory \\(Java heap space, of \\d+ MB for Java\\); use a smaller"
                + " --batch-size or --resize, or set the environment variable"
                + " JAVA_TOOL_OPTIONS=-Xmx8g for 8 GB\n");
  }

  @Test
  void execute_stackOverflow_exitsWithTwoAndSaysWhatHelps() {
    assertThat(fail(new StackOverflowError()))
        .isEqualTo(
            new Run(
                2,
                "",
                "error: the model or a file is nested too deeply for Java's stack; if it is right,"
                    + " set the environment variable JAVA_TOOL_OPTIONS=-Xss64m\n"));
  }

  @Test
  void execute_otherError_exitsWithTwoAndAsksForAReport() {
    assertThat(fail(new NoClassDefFoundError("a/B")))
        .isEqualTo(
            new Run(
                2,
                "",
                "internal error: java.lang.NoClassDefFoundError: a/B; run again with --debug and"
                    + " report what it prints\n"));
  }

  @Test
  void execute_errorWithDebug_printsItsStackTrace() {
    assertThat(fail(new NoClassDefFoundError("a/B"), "--debug").err())
        .contains("java.lang.NoClassDefFoundError: a/B\n\tat ");
  }

  @Test
  void execute_messageWithControlCharacters_isOneHarmlessLine() {
    assertThat(fail(new XAIException("bad\n66 of 66 images explained\u001b[2J")))
        .isEqualTo(new Run(2, "", "error: bad\\n66 of 66 images explained\\u001b[2J\n"));
  }

  @Test
  void execute_argumentWithControlCharacters_isOneHarmlessLine() {
    Run run = Run.of("layers", "--model", "a.pt", "x\ny");

    assertThat(run.code()).isEqualTo(2);
    assertThat(run.err())
        .isEqualTo(
            "error: Unmatched argument at index 3: 'x\\ny'\nsee 'aucmedi-xai layers --help'\n");
  }

  /** As in the C locale, where every letter beyond ASCII is like this one. */
  @Test
  void execute_pathThatIsNone_namesTheRemedy() {
    assertThat(Run.of("layers", "--model", "a\0b.pt").err())
        .isEqualTo(
            "error: 'a\\u0000b.pt' is no file name here (Nul character not allowed); with letters"
                + " beyond ASCII, set the environment variable LC_ALL=C.UTF-8\n"
                + "see 'aucmedi-xai layers --help'\n");
  }

  @Test
  void execute_pathsOfWhichOneIsNone_namesIt() {
    assertThat(
            Run.of("explain", "--model", "m", "--method", "saliency", "--images", "b", "a\0b.png")
                .err())
        .startsWith("error: 'a\\u0000b.png' is no file name here (Nul character not allowed); ");
  }

  private static Run fail(Throwable failure, String... options) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    CommandLine command = AucmediXai.commandLine().addSubcommand(new Fail(failure));
    command.setOut(new PrintWriter(out, true)).setErr(new PrintWriter(err, true));
    String[] arguments = new String[options.length + 1];
    arguments[0] = "fail";
    System.arraycopy(options, 0, arguments, 1, options.length);
    int code = command.execute(arguments);
    return new Run(
        code,
        out.toString().replace(System.lineSeparator(), "\n"),
        err.toString().replace(System.lineSeparator(), "\n"));
  }

  @Command(name = "fail")
  private static final class Fail implements Runnable {

    private final Throwable failure;

    Fail(Throwable failure) {
      this.failure = failure;
    }

    @Override
    public void run() {
      if (failure instanceof Error error) {
        throw error;
      }
      throw (RuntimeException) failure;
    }
  }
}

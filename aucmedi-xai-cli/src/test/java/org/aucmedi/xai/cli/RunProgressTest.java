package org.aucmedi.xai.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.aucmedi.xai.decoder.DecoderListener;
import org.aucmedi.xai.decoder.SampleResult.Failed;
import org.aucmedi.xai.decoder.SampleResult.Stage;
import org.aucmedi.xai.error.XAIException;
import org.junit.jupiter.api.Test;

final class RunProgressTest {

  private static final int WIDTH = 60;

  private final StringWriter terminal = new StringWriter();
  private final PrintWriter writer = new PrintWriter(terminal, true);

  @Test
  void bars_onePerMethod_endWhereTheRunDid() {
    try (RunProgress progress =
        new RunProgress(new TerminalLine(writer, WIDTH), writer, System::nanoTime)) {
      progress.start("saliency (1/2)", 3);
      progress.update(3, 0);
      progress.start("limepro (2/2)", 3);
      progress.update(0, 0.5);
      progress.update(0, 1);
      progress.update(0, 0.25);
    }

    assertThat(screen()).hasSize(2);
    assertThat(screen().get(0)).startsWith("saliency (1/2) 100% ").contains(" 3/3 images ");
    // One image of the batch is done, and a quarter of the next.
    assertThat(screen().get(1)).startsWith("limepro (2/2)  41% ").contains(" 1/3 images ");
  }

  @Test
  void bar_severalMapsOfAnImage_neverPassesTheEndNorGoesBack() {
    try (RunProgress progress =
        new RunProgress(new TerminalLine(writer, WIDTH), writer, System::nanoTime)) {
      progress.start("ig", 2);
      for (int map = 0; map < 5; map++) {
        progress.update(0, 1);
      }
      progress.update(1, 0);
    }

    assertThat(screen()).hasSize(1);
    assertThat(screen().get(0)).startsWith("ig 100% ");
  }

  @Test
  void messages_standAboveTheBarOnLinesOfTheirOwn() {
    try (RunProgress progress =
        new RunProgress(new TerminalLine(writer, WIDTH), writer, System::nanoTime)) {
      DecoderListener listener =
          new RunReport(writer, progress, "argmax", false, false).of("saliency");
      progress.start("saliency", 2);
      listener.progressed(1, 2, 0);
      for (String name : List.of("a.png", "b.png")) {
        listener.failed(
            new Failed(name, Stage.LOADING, "broken", new XAIException("broken"), List.of()));
      }
      listener.progressed(2, 2, 0);
    }

    assertThat(screen()).hasSize(3).startsWith("failed: a.png: broken", "failed: b.png: broken");
    assertThat(screen().get(2)).startsWith("saliency 100% ");
  }

  @Test
  void loggedLine_coversTheBar() {
    TerminalLine line = new TerminalLine(writer, WIDTH);
    line.accept("saliency 50% [=====     ]");
    writer.println("WARN  GradCam: the model's first layer was chosen");
    line.accept("saliency 60% [======    ]");
    line.accept("done");
    line.close();

    assertThat(screen())
        .containsExactly("WARN  GradCam: the model's first layer was chosen", "done");
  }

  @Test
  void withoutATerminal_nothingIsDrawnAndMessagesPass() {
    List<String> messages = new ArrayList<>();
    try (RunProgress progress = new RunProgress(null, null, System::nanoTime)) {
      progress.start("saliency", 2);
      progress.update(1, 0);
      progress.above(() -> messages.add("failed"));
    }

    assertThat(messages).containsExactly("failed");
    assertThat(terminal.toString()).isEmpty();
  }

  @Test
  void withoutATerminal_aLineEachTenSecondsTellsRateAndTimeLeft() {
    long[] seconds = {5};
    try (RunProgress progress =
        new RunProgress(null, writer, () -> TimeUnit.SECONDS.toNanos(seconds[0]))) {
      progress.start("saliency", 500);
      seconds[0] += 9;
      progress.update(50, 0);
      assertThat(terminal.toString()).isEmpty();
      seconds[0] += 1;
      progress.update(100, 0);
      progress.update(101, 0);
      seconds[0] += 10;
      progress.update(200, 0);
      progress.start("limepro (2/2)", 3);
      seconds[0] += 3600;
      // Inside an image.
      progress.update(0, 0.5);
    }

    assertThat(screen())
        .containsExactly(
            "progress: saliency, 100 of 500 images, 10.0 images/s, 0:00:40 left",
            "progress: saliency, 200 of 500 images, 10.0 images/s, 0:00:30 left",
            "progress: limepro (2/2), 0 of 3 images, 7200.0 s per image, 5:00:00 left");
  }

  @Test
  void bar_tellsRateAndTimeLeft() {
    try (RunProgress progress =
        new RunProgress(new TerminalLine(writer, 100), null, System::nanoTime)) {
      progress.start("saliency", 2);
      progress.update(1, 0);
    }

    assertThat(terminal.toString()).contains(" images/s)").containsPattern("\\d:\\d\\d:\\d\\d / ");
  }

  /** What a terminal shows of the text: a carriage return goes to the start of the line. */
  private List<String> screen() {
    List<String> lines = new ArrayList<>();
    StringBuilder line = new StringBuilder();
    int column = 0;
    for (char c : terminal.toString().toCharArray()) {
      if (c == '\n') {
        lines.add(line.toString().stripTrailing());
        line.setLength(0);
        column = 0;
      } else if (c == '\r') {
        column = 0;
      } else {
        line.replace(column, Math.min(column + 1, line.length()), String.valueOf(c));
        column++;
      }
    }
    if (!line.toString().isBlank()) {
      lines.add(line.toString().stripTrailing());
    }
    return lines;
  }
}

package org.aucmedi.xai.cli;

import java.io.Console;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.jspecify.annotations.Nullable;

/** Shows how far a run is: one bar per method, below the messages; nothing without a terminal. */
final class RunProgress implements AutoCloseable {

  /** How finely the part of an image is shown. */
  private static final int STEPS_PER_IMAGE = 100;

  private final @Nullable TerminalLine line;
  private @Nullable ProgressBar bar;
  private int samples;
  private int inBatch;

  /**
   * Constructs it.
   *
   * @param line where bars are drawn, or null to draw none
   */
  RunProgress(@Nullable TerminalLine line) {
    this.line = line;
  }

  /** Draws on the terminal that the program runs in, if it does. */
  static RunProgress ofConsole() {
    Console console = terminal();
    return new RunProgress(console == null ? null : TerminalLine.ofConsole(console.writer()));
  }

  /** The console, if it is a terminal; from Java 22 on there is one in any case, which can tell. */
  @SuppressWarnings("SystemConsoleNull")
  private static @Nullable Console terminal() {
    Console console = System.console();
    try {
      return console == null
              || Boolean.TRUE.equals(Console.class.getMethod("isTerminal").invoke(console))
          ? console
          : null;
    } catch (NoSuchMethodException e) {
      return console;
    } catch (ReflectiveOperationException e) {
      return null;
    }
  }

  /**
   * Begins a bar, and ends the one before.
   *
   * @param task what it stands for
   * @param total the number of images
   */
  void start(String task, int total) {
    close();
    samples = 0;
    inBatch = 0;
    if (line != null) {
      bar =
          new ProgressBarBuilder()
              .setTaskName(task)
              .setInitialMax((long) total * STEPS_PER_IMAGE)
              .setUnit(" images", STEPS_PER_IMAGE)
              .setStyle(ProgressBarStyle.ASCII)
              .setUpdateIntervalMillis(200)
              .setConsumer(line)
              .build();
    }
  }

  /**
   * Moves the bar on.
   *
   * @param done the images of the batches that are done
   * @param pass how much is done of the image in progress, from 0 to 1
   */
  void update(int done, double pass) {
    if (done != samples) {
      samples = done;
      inBatch = 0;
    }
    long step = Math.round((done + inBatch + pass) * STEPS_PER_IMAGE);
    // Methods that need many passes finish the images of a batch one by one.
    if (pass == 1) {
      inBatch++;
    }
    if (bar != null) {
      // Several maps of one image may each count as one.
      bar.stepTo(Math.min(Math.max(step, bar.getCurrent()), bar.getMax()));
    }
  }

  /**
   * Prints above the bar.
   *
   * @param message prints whole lines and flushes them
   */
  void above(Runnable message) {
    if (line == null) {
      message.run();
    } else {
      line.above(message);
    }
  }

  /** Ends the bar. */
  @Override
  public void close() {
    if (bar != null && line != null) {
      bar.close();
      // A bar that ends before it was drawn leaves its line open.
      line.close();
      bar = null;
    }
  }
}

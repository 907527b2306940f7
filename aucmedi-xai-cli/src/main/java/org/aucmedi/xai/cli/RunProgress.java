package org.aucmedi.xai.cli;

import java.io.Console;
import java.io.PrintWriter;
import java.text.DecimalFormat;
import java.text.DecimalFormatSymbols;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.jspecify.annotations.Nullable;

/**
 * Shows how far a run is, how fast, and how long it will take: on a terminal one bar per method,
 * below the messages; elsewhere a line each ten seconds, so that a short run has none.
 */
final class RunProgress implements AutoCloseable {

  private static final DecimalFormat RATE =
      new DecimalFormat("0.0", DecimalFormatSymbols.getInstance(Locale.ROOT));

  /** How finely the part of an image is shown. */
  private static final int STEPS_PER_IMAGE = 100;

  private static final long BETWEEN_LINES = TimeUnit.SECONDS.toNanos(10);

  private final @Nullable TerminalLine line;
  private final @Nullable PrintWriter plain;
  private final LongSupplier clock;
  private @Nullable ProgressBar bar;
  private String task = "";
  private long total;
  private long step;
  private long started;
  private long told;
  private int samples;
  private int inBatch;

  /**
   * Constructs it.
   *
   * @param line where bars are drawn, or null to draw none
   * @param plain where lines go if no bars are drawn, or null to print none
   * @param clock counts nanoseconds
   */
  RunProgress(@Nullable TerminalLine line, @Nullable PrintWriter plain, LongSupplier clock) {
    this.line = line;
    this.plain = plain;
    this.clock = clock;
  }

  /**
   * Draws on the terminal that the program runs in, if it does.
   *
   * @param err where lines go otherwise
   * @param quiet whether to show nothing at all
   */
  static RunProgress ofConsole(PrintWriter err, boolean quiet) {
    Console console = quiet ? null : terminal();
    return new RunProgress(
        console == null ? null : TerminalLine.ofConsole(console.writer()),
        quiet ? null : err,
        System::nanoTime);
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
    this.task = task;
    this.total = (long) total * STEPS_PER_IMAGE;
    step = 0;
    started = clock.getAsLong();
    told = started;
    if (line != null) {
      bar =
          new ProgressBarBuilder()
              .setTaskName(task)
              .setInitialMax(this.total)
              .setUnit(" images", STEPS_PER_IMAGE)
              .setStyle(ProgressBarStyle.ASCII)
              .showSpeed(RATE)
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
    // Several maps of one image may each count as one.
    step = Math.min(Math.max(step, Math.round((done + inBatch + pass) * STEPS_PER_IMAGE)), total);
    // Methods that need many passes finish the images of a batch one by one.
    if (pass == 1) {
      inBatch++;
    }
    if (bar != null) {
      bar.stepTo(step);
    } else if (plain != null && clock.getAsLong() - told >= BETWEEN_LINES) {
      told = clock.getAsLong();
      plain.println(state((told - started) / 1e9));
    }
  }

  private String state(double seconds) {
    double images = (double) step / STEPS_PER_IMAGE;
    double all = (double) total / STEPS_PER_IMAGE;
    String state =
        String.format(
            Locale.ROOT, "progress: %s, %d of %d images", task, (long) images, Math.round(all));
    if (step == 0) {
      return state;
    }
    long left = Math.round(seconds * (all - images) / images);
    String rate =
        images >= seconds
            ? String.format(Locale.ROOT, "%.1f images/s", images / seconds)
            : String.format(Locale.ROOT, "%.1f s per image", seconds / images);
    return state
        + String.format(
            Locale.ROOT, ", %s, %d:%02d:%02d left", rate, left / 3600, left / 60 % 60, left % 60);
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

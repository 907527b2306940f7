package org.aucmedi.xai.cli;

import java.io.OutputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBarConsumer;

/** The last line of a terminal, where a progress bar is drawn; messages are printed above it. */
final class TerminalLine implements ProgressBarConsumer {

  private final PrintWriter terminal;
  private final int width;
  private int drawn;

  /**
   * Constructs it.
   *
   * @param terminal writes to the terminal
   * @param width the number of characters that it has room for
   */
  TerminalLine(PrintWriter terminal, int width) {
    this.terminal = terminal;
    this.width = width;
  }

  /** Returns a line as wide as the terminal of this process. */
  static TerminalLine ofConsole(PrintWriter terminal) {
    try (ConsoleProgressBarConsumer measure =
        new ConsoleProgressBarConsumer(new PrintStream(OutputStream.nullOutputStream()))) {
      return new TerminalLine(terminal, measure.getMaxRenderedLength());
    }
  }

  @Override
  public int getMaxRenderedLength() {
    return width;
  }

  /** Draws the bar and leaves the cursor before it, so that a logged line covers it. */
  @Override
  public synchronized void accept(String bar) {
    terminal.print('\r' + bar + " ".repeat(Math.max(0, drawn - bar.length())) + '\r');
    terminal.flush();
    drawn = bar.length();
  }

  /** Erases the bar. */
  @Override
  public synchronized void clear() {
    accept("");
  }

  /**
   * Prints where the bar is; it is drawn again on the next line.
   *
   * @param message prints whole lines and flushes them
   */
  synchronized void above(Runnable message) {
    clear();
    message.run();
  }

  /** Leaves the bar as it is and goes to the next line. */
  @Override
  public synchronized void close() {
    if (drawn > 0) {
      terminal.println();
      terminal.flush();
      drawn = 0;
    }
  }
}

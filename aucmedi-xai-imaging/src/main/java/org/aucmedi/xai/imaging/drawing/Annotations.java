package org.aucmedi.xai.imaging.drawing;

import java.awt.AlphaComposite;
import java.awt.Color;
import java.awt.Graphics2D;

/** What is written and drawn on top of slices. */
final class Annotations {

  private static final double SIZE_PER_TEXT = 18;
  private static final double SMALLEST_TEXT = 9;
  private static final double LARGEST_TEXT = 20;

  /** Of the smaller side: half the gap of a cross-hair, so that the peak is seen. */
  private static final double GAP = 0.05;

  private static final Color CROSS_HAIR = new Color(255, 255, 255, 170);

  private final Graphics2D graphics;
  private final int left;
  private final int top;
  private final int height;
  private final int width;
  private final double text;

  /**
   * Prepares the annotations of a slice.
   *
   * @param graphics draws on the whole picture
   * @param left the slice's left edge in the picture
   * @param top its upper edge
   * @param size its height and width
   * @param text the height of text
   */
  Annotations(Graphics2D graphics, int left, int top, int[] size, double text) {
    this.graphics = graphics;
    this.left = left;
    this.top = top;
    height = size[0];
    width = size[1];
    this.text = text;
  }

  /**
   * {@return the height of text that suits slices, in pixels}
   *
   * @param largest the longest side of a slice
   */
  static double textSize(int largest) {
    return Math.max(SMALLEST_TEXT, Math.min(LARGEST_TEXT, largest / SIZE_PER_TEXT));
  }

  /**
   * Writes the patient's directions at the edges.
   *
   * @param letters left, right, upper, lower; or empty
   */
  void letters(String letters) {
    if (letters.isEmpty()) {
      return;
    }
    double margin = text / 3;
    double letter = StrokeFont.width("L", text);
    double middleX = left + (width - letter) / 2;
    double middleY = top + (height - text) / 2;
    write(letters.substring(0, 1), left + margin, middleY);
    write(letters.substring(1, 2), left + width - margin - letter, middleY);
    write(letters.substring(2, 3), middleX, top + margin);
    write(letters.substring(3), middleX, top + height - margin - text);
  }

  /** Writes a slice's number in the upper left corner. */
  void number(int number) {
    write(String.valueOf(number), left + text / 3, top + text / 3);
  }

  private void write(String string, double x, double y) {
    StrokeFont.draw(graphics, string, x, y, text);
  }

  /**
   * Draws a cross-hair, open in the middle and short of the letters.
   *
   * @param y its centre in the slice's picture
   * @param x its centre
   */
  void crossHair(int y, int x) {
    int gap = (int) Math.max(2, Math.round(GAP * Math.min(height, width)));
    int margin = (int) Math.round(2 * text);
    graphics.setComposite(AlphaComposite.SrcOver);
    graphics.setColor(CROSS_HAIR);
    horizontal(margin, x - gap, y);
    horizontal(x + gap, width - 1 - margin, y);
    vertical(margin, y - gap, x);
    vertical(y + gap, height - 1 - margin, x);
  }

  private void horizontal(int from, int to, int y) {
    if (from <= to) {
      graphics.fillRect(left + from, top + y, to - from + 1, 1);
    }
  }

  private void vertical(int from, int to, int x) {
    if (from <= to) {
      graphics.fillRect(left + x, top + from, 1, to - from + 1);
    }
  }
}

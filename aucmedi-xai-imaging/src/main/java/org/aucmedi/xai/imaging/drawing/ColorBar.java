package org.aucmedi.xai.imaging.drawing;

import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.math.BigDecimal;
import java.math.MathContext;
import org.aucmedi.xai.RawScale;
import org.aucmedi.xai.array.Colormap;

/** Puts a bar with the colours of a map, and the raw values of its ends, to a picture's right. */
final class ColorBar {

  private static final int SMALLEST_TEXT = 9;
  private static final int LARGEST_TEXT = 20;
  private static final int PICTURE_PER_TEXT = 26;

  /** Room for both ends' labels and one between. */
  private static final int LEAST_TEXTS = 6;

  private static final int COLOURS = 256;

  private static final MathContext DIGITS = new MathContext(3);

  private ColorBar() {}

  /**
   * {@return a picture with the bar at its right; the picture itself stays pixel by pixel}
   *
   * @param picture the picture, of type {@link BufferedImage#TYPE_INT_RGB}
   * @param colormap the colours, from 0 at the bottom to 1 at the top
   * @param scale what 0 and 1 stand for
   */
  static BufferedImage beside(BufferedImage picture, Colormap colormap, RawScale scale) {
    int text =
        Math.max(SMALLEST_TEXT, Math.min(LARGEST_TEXT, picture.getHeight() / PICTURE_PER_TEXT));
    String top = label(scale.atOne());
    String bottom = label(scale.atZero());
    double labels = Math.max(StrokeFont.width(top, text), StrokeFont.width(bottom, text));
    int left = picture.getWidth() + text;
    int width = left + text + text / 2 + (int) Math.ceil(labels) + text;
    int height = Math.max(picture.getHeight(), LEAST_TEXTS * text);
    BufferedImage result = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    result.getRaster().setRect(picture.getRaster());
    int first = text;
    int last = height - text - 1;
    for (int y = first; y <= last; y++) {
      int heat = (COLOURS - 1) * (last - y) / (last - first);
      int colour = 0;
      for (int c = 0; c < 3; c++) {
        colour = colour << 8 | (int) colormap.intensity(heat, c);
      }
      for (int x = left; x < left + text; x++) {
        result.setRGB(x, y, colour);
      }
    }
    Graphics2D graphics = result.createGraphics();
    graphics.setColor(Color.GRAY);
    graphics.drawRect(left - 1, first - 1, text + 1, last - first + 2);
    int right = left + text + text / 2;
    StrokeFont.draw(graphics, top, right, first, text);
    StrokeFont.draw(graphics, bottom, right, last + 1 - text, text);
    if (colormap.isDiverging()) {
      StrokeFont.draw(graphics, "0", right, (first + last + 1 - text) / 2.0, text);
    }
    graphics.dispose();
    return result;
  }

  /** Three digits, without zeros at the end; very large and small ones with a power of ten. */
  static String label(float value) {
    if (value == 0) {
      return "0";
    }
    BigDecimal rounded = new BigDecimal(value).round(DIGITS).stripTrailingZeros();
    int power = rounded.precision() - rounded.scale() - 1;
    return power >= -3 && power < 5
        ? rounded.toPlainString()
        : rounded.movePointLeft(power).stripTrailingZeros().toPlainString() + "e" + power;
  }
}

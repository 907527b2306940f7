package org.aucmedi.xai.imaging.drawing;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.base.Splitter;
import com.google.common.collect.ImmutableMap;
import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.Shape;
import java.awt.geom.AffineTransform;
import java.awt.geom.Path2D;
import java.util.Iterator;

/**
 * The digits, signs and letters that pictures of maps need, as strokes with a dark rim that reads
 * on any background. Independent of the fonts of a machine, which many servers lack.
 */
final class StrokeFont {

  /** Height of a capital in units of the glyphs. */
  private static final double CAPITAL = 6;

  private static final double ADVANCE = 5.6;
  private static final double NARROW = 2.6;

  private static final float STROKE = 0.9f;
  private static final float RIM = 2.6f;

  private static final char POINT = '.';

  /** Moves (M), lines (L) and quadratic curves (Q) in a box 4 wide and 6 high, y downwards. */
  private static final ImmutableMap<Character, String> GLYPHS =
      ImmutableMap.<Character, String>builder()
          .put('0', "M 2 0 Q 4 0 4 3 Q 4 6 2 6 Q 0 6 0 3 Q 0 0 2 0")
          .put('1', "M .8 1.2 L 2 0 L 2 6")
          .put('2', "M .2 1.6 Q .2 0 2 0 Q 3.8 0 3.8 1.7 Q 3.8 2.8 2.5 4 L 0 6 L 4 6")
          .put(
              '3',
              "M .2 1 Q .8 0 2 0 Q 3.7 0 3.7 1.5 Q 3.7 2.8 1.6 2.8 Q 4 2.8 4 4.4 Q 4 6 2 6"
                  + " Q .6 6 0 4.9")
          .put('4', "M 3 6 L 3 0 L 0 4.2 L 4 4.2")
          .put('5', "M 3.7 0 L .6 0 L .3 2.7 Q 1 2.2 2 2.2 Q 4 2.2 4 4.1 Q 4 6 2 6 Q .6 6 0 5")
          .put(
              '6',
              "M 3.6 .8 Q 3 0 2.1 0 Q 0 0 0 3.6 Q 0 6 2 6 Q 4 6 4 4.2 Q 4 2.5 2.1 2.5"
                  + " Q .4 2.5 0 4")
          .put('7', "M 0 0 L 4 0 L 1.5 6")
          .put(
              '8',
              "M 2 2.8 Q .3 2.8 .3 1.4 Q .3 0 2 0 Q 3.7 0 3.7 1.4 Q 3.7 2.8 2 2.8 Q 0 2.8 0 4.4"
                  + " Q 0 6 2 6 Q 4 6 4 4.4 Q 4 2.8 2 2.8")
          .put(
              '9',
              "M .4 5.2 Q 1 6 1.9 6 Q 4 6 4 2.4 Q 4 0 2 0 Q 0 0 0 1.8 Q 0 3.5 1.9 3.5"
                  + " Q 3.6 3.5 4 2")
          .put('-', "M .7 3.3 L 3.3 3.3")
          .put('e', "M .2 4 L 3.8 4 Q 3.8 2.2 2 2.2 Q 0 2.2 0 4.1 Q 0 6 2.1 6 Q 3.2 6 3.7 5.2")
          .put(POINT, "M .5 5.9 L .5 6")
          .put('L', "M .3 0 L .3 6 L 3.8 6")
          .put('R', "M .2 6 L .2 0 L 2 0 Q 3.8 0 3.8 1.6 Q 3.8 3.2 2 3.2 L .2 3.2 M 2 3.2 L 4 6")
          .put('A', "M 0 6 L 2 0 L 4 6 M .7 4 L 3.3 4")
          .put('P', "M .2 6 L .2 0 L 2 0 Q 3.9 0 3.9 1.7 Q 3.9 3.4 2 3.4 L .2 3.4")
          .put(
              'S',
              "M 3.7 1 Q 3.2 0 2 0 Q .3 0 .3 1.5 Q .3 2.7 2 3 Q 4 3.3 4 4.6 Q 4 6 2 6"
                  + " Q .6 6 0 4.9")
          .put('I', "M 1 0 L 3 0 M 2 0 L 2 6 M 1 6 L 3 6")
          .buildOrThrow();

  private StrokeFont() {}

  /**
   * {@return the width of a text in pixels, rim left out}
   *
   * @param text digits, minus, point, e, and the letters L, R, A, P, S, I
   * @param height of a capital in pixels
   */
  static double width(String text, double height) {
    double units = 0;
    for (int i = 0; i < text.length(); i++) {
      units += advance(text.charAt(i));
    }
    return Math.max(0, units - (ADVANCE - 4)) * height / CAPITAL;
  }

  /**
   * Draws a text in white.
   *
   * @param graphics draws on the picture
   * @param text digits, minus, point, e, and the letters L, R, A, P, S, I
   * @param left the left edge in pixels
   * @param top the upper edge in pixels
   * @param height of a capital in pixels
   */
  static void draw(Graphics2D graphics, String text, double left, double top, double height) {
    graphics.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
    graphics.setRenderingHint(RenderingHints.KEY_STROKE_CONTROL, RenderingHints.VALUE_STROKE_PURE);
    double scale = height / CAPITAL;
    AffineTransform place = new AffineTransform(scale, 0, 0, scale, left, top);
    Path2D line = new Path2D.Double();
    double x = 0;
    for (int i = 0; i < text.length(); i++) {
      line.append(
          glyph(text.charAt(i)).getPathIterator(AffineTransform.getTranslateInstance(x, 0)), false);
      x += advance(text.charAt(i));
    }
    stroke(graphics, place, line, RIM, new Color(0, 0, 0, 200));
    stroke(graphics, place, line, STROKE, Color.WHITE);
  }

  private static void stroke(
      Graphics2D graphics, AffineTransform place, Path2D line, float width, Color colour) {
    Shape outline =
        new BasicStroke(width, BasicStroke.CAP_ROUND, BasicStroke.JOIN_ROUND)
            .createStrokedShape(line);
    graphics.setColor(colour);
    graphics.fill(place.createTransformedShape(outline));
  }

  private static double advance(char character) {
    return character == POINT ? NARROW : ADVANCE;
  }

  private static Path2D glyph(char character) {
    String text = GLYPHS.get(character);
    checkArgument(text != null, "the font has no '%s'", character);
    Path2D path = new Path2D.Double();
    for (Iterator<String> parts = Splitter.on(' ').split(text).iterator(); parts.hasNext(); ) {
      switch (parts.next()) {
        case "M" -> path.moveTo(number(parts), number(parts));
        case "L" -> path.lineTo(number(parts), number(parts));
        default -> path.quadTo(number(parts), number(parts), number(parts), number(parts));
      }
    }
    return path;
  }

  private static double number(Iterator<String> parts) {
    return Double.parseDouble(parts.next());
  }
}

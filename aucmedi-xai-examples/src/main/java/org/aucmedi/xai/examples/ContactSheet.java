package org.aucmedi.xai.examples;

import java.awt.Color;
import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Puts small pictures side by side under titles, a row per image. */
final class ContactSheet {

  private static final Logger logger = LoggerFactory.getLogger(ContactSheet.class);

  /** Twice the size of a cell, so that every pixel stays one. */
  private static final int TILE = 128;

  private static final int GAP = 8;
  private static final int HEADER = 44;
  private static final int CAPTION = 200;

  private ContactSheet() {}

  /**
   * A row.
   *
   * @param caption lines of text on the left
   * @param tiles the pictures, as many as there are titles
   */
  record Row(List<String> caption, List<BufferedImage> tiles) {}

  /**
   * Draws a sheet.
   *
   * @param title stands above everything
   * @param columns the columns' titles
   * @param rows the rows
   * @return the sheet
   */
  static BufferedImage draw(String title, List<String> columns, List<Row> rows) {
    int width = CAPTION + columns.size() * (TILE + GAP) + GAP;
    int height = HEADER + rows.size() * (TILE + GAP) + GAP;
    BufferedImage sheet = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    Graphics2D graphics = sheet.createGraphics();
    graphics.setRenderingHint(
        RenderingHints.KEY_TEXT_ANTIALIASING, RenderingHints.VALUE_TEXT_ANTIALIAS_ON);
    graphics.setColor(Color.WHITE);
    graphics.fillRect(0, 0, width, height);
    for (int r = 0; r < rows.size(); r++) {
      for (int c = 0; c < columns.size(); c++) {
        graphics.drawImage(rows.get(r).tiles().get(c), left(c), top(r), TILE, TILE, null);
      }
    }
    try {
      write(graphics, title, columns, rows);
    } catch (RuntimeException | LinkageError | InternalError e) {
      logger.warn("this Java has no fonts, so the contact sheet has no titles", e);
    }
    graphics.dispose();
    return sheet;
  }

  private static void write(
      Graphics2D graphics, String title, List<String> columns, List<Row> rows) {
    graphics.setColor(Color.BLACK);
    graphics.setFont(new Font(Font.SANS_SERIF, Font.BOLD, 14));
    graphics.drawString(title, GAP, 18);
    graphics.setFont(new Font(Font.SANS_SERIF, Font.PLAIN, 13));
    for (int c = 0; c < columns.size(); c++) {
      graphics.drawString(columns.get(c), left(c), HEADER - 8);
    }
    for (int r = 0; r < rows.size(); r++) {
      List<String> lines = rows.get(r).caption();
      for (int line = 0; line < lines.size(); line++) {
        graphics.drawString(lines.get(line), GAP, top(r) + 16 + 18 * line);
      }
    }
  }

  private static int left(int column) {
    return CAPTION + GAP + column * (TILE + GAP);
  }

  private static int top(int row) {
    return HEADER + row * (TILE + GAP);
  }
}

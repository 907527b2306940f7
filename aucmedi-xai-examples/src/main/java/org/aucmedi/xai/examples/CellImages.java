package org.aucmedi.xai.examples;

import java.util.SplittableRandom;

/**
 * Draws microscope images of single cells, half of them with a lesion: a rust-coloured, granular
 * patch with an irregular outline inside the cell.
 *
 * <p>Every cell has a nucleus, and dust of the lesion's darkness lies around it, so darkness alone
 * does not give a lesion away. Image i of a seed is always the same.
 */
final class CellImages {

  /** Height and width of an image, in pixels. */
  static final int SIZE = 64;

  private static final double[] BACKGROUND = {236, 222, 228};
  private static final double[] CYTOPLASM = {212, 164, 196};
  private static final double[] MEMBRANE = {168, 108, 156};
  private static final double[] NUCLEUS = {118, 72, 150};
  private static final double[] LESION = {176, 104, 52};
  private static final double[] DUST = {96, 92, 98};

  private CellImages() {}

  /**
   * An image with its truth.
   *
   * @param pixels (H, W, 3), RGB, whole numbers from 0 to 255
   * @param mask (H, W), where the lesion is; nowhere in a healthy cell
   */
  record Sample(float[] pixels, boolean[] mask) {

    boolean hasLesion() {
      for (boolean inside : mask) {
        if (inside) {
          return true;
        }
      }
      return false;
    }
  }

  /**
   * Draws an image.
   *
   * @param seed names the series
   * @param index the image's number in it; odd ones have a lesion
   * @return the image
   */
  static Sample draw(long seed, int index) {
    SplittableRandom random = new SplittableRandom(seed * 1_000_003 + index);
    Canvas canvas = new Canvas(random);
    double cx = SIZE / 2.0 + between(random, -6, 6);
    double cy = SIZE / 2.0 + between(random, -6, 6);
    Outline cell = new Outline(random, cx, cy, between(random, 19, 24), 0.06);
    canvas.paint(cell, MEMBRANE, 1.2, 0);
    canvas.paint(cell.shrunk(2), CYTOPLASM, 1.5, 6);
    double angle = between(random, 0, 2 * Math.PI);
    canvas.paint(
        around(random, cx, cy, angle, between(random, 4, 9), between(random, 6, 8.5), 0.1),
        NUCLEUS,
        1.5,
        8);
    for (int speck = random.nextInt(3, 8); speck > 0; speck--) {
      double direction = between(random, 0, 2 * Math.PI);
      canvas.paint(
          around(
              random, cx, cy, direction, between(random, 27, 40), between(random, 0.8, 2.2), 0.2),
          DUST,
          0.8,
          6);
    }
    boolean[] mask = new boolean[SIZE * SIZE];
    if (index % 2 == 1) {
      double away = angle + Math.PI + between(random, -0.9, 0.9);
      Outline lesion =
          around(random, cx, cy, away, between(random, 8, 13), between(random, 4.2, 6), 0.25);
      canvas.paint(lesion, LESION, 1, 22);
      for (int i = 0; i < mask.length; i++) {
        mask[i] = lesion.depth(i) > 0;
      }
    }
    return new Sample(canvas.finish(), mask);
  }

  private static Outline around(
      SplittableRandom random,
      double cx,
      double cy,
      double angle,
      double distance,
      double radius,
      double roughness) {
    return new Outline(
        random,
        cx + distance * Math.cos(angle),
        cy + distance * Math.sin(angle),
        radius,
        roughness);
  }

  private static double between(SplittableRandom random, double low, double high) {
    return low + (high - low) * random.nextDouble();
  }

  /** A closed curve: a circle whose radius wavers. */
  private record Outline(
      double cx, double cy, double radius, double roughness, double phase2, double phase3) {

    Outline(SplittableRandom random, double cx, double cy, double radius, double roughness) {
      this(cx, cy, radius, roughness, between(random, 0, 7), between(random, 0, 7));
    }

    Outline shrunk(double by) {
      return new Outline(cx, cy, radius - by, roughness, phase2, phase3);
    }

    /** How far inside the curve a pixel lies, in pixels; negative outside. */
    double depth(int pixel) {
      int x = pixel % SIZE;
      int y = pixel / SIZE;
      double angle = Math.atan2(y - cy, x - cx);
      double waver = Math.sin(2 * angle + phase2) + 0.7 * Math.sin(3 * angle + phase3);
      return radius * (1 + roughness * waver) - Math.hypot(x - cx, y - cy);
    }
  }

  /** The pixels under way. */
  private static final class Canvas {

    private final SplittableRandom random;
    private final double[] stain = new double[3];
    private final double[] rgb = new double[SIZE * SIZE * 3];

    Canvas(SplittableRandom random) {
      this.random = random;
      double tilt = between(random, -6, 6);
      for (int c = 0; c < 3; c++) {
        stain[c] = between(random, -7, 7);
      }
      for (int i = 0; i < SIZE * SIZE; i++) {
        int row = i / SIZE;
        double light = tilt * (row - SIZE / 2.0) / SIZE;
        for (int c = 0; c < 3; c++) {
          rgb[i * 3 + c] = BACKGROUND[c] + stain[c] + light;
        }
      }
    }

    /** Fills a curve with a colour, soft at the edge and granular inside. */
    void paint(Outline outline, double[] colour, double softness, double grain) {
      for (int i = 0; i < SIZE * SIZE; i++) {
        double depth = outline.depth(i);
        double cover = Math.max(0, Math.min(1, 0.5 + depth / (2 * softness)));
        double speckle = grain == 0 ? 0 : between(random, -grain, grain);
        for (int c = 0; c < 3; c++) {
          double value = colour[c] + stain[c] + speckle;
          rgb[i * 3 + c] += cover * (value - rgb[i * 3 + c]);
        }
      }
    }

    /** Adds the camera's noise and rounds. */
    float[] finish() {
      float[] pixels = new float[rgb.length];
      for (int i = 0; i < rgb.length; i++) {
        double noise = 3 * (random.nextDouble() + random.nextDouble() + random.nextDouble() - 1.5);
        pixels[i] = (float) Math.rint(Math.max(0, Math.min(255, rgb[i] + noise)));
      }
      return pixels;
    }
  }
}

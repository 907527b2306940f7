package org.aucmedi.xai.decoder.image;

/** Colours for the values of a heatmap. */
final class Colormap {

  /** Nodes (position, value) of jet's channels; straight lines in between. */
  private static final double[][] RED = {{0, 0}, {0.35, 0}, {0.66, 1}, {0.89, 1}, {1, 0.5}};

  private static final double[][] GREEN = {
    {0, 0}, {0.125, 0}, {0.375, 1}, {0.64, 1}, {0.91, 0}, {1, 0}
  };
  private static final double[][] BLUE = {{0, 0.5}, {0.11, 1}, {0.34, 1}, {0.65, 0}, {1, 0}};

  private static final double[][] JET = table();

  private Colormap() {}

  /**
   * Returns a colour of jet, from blue over green to red.
   *
   * @param index from 0 to 255
   * @param channel 0 red, 1 green, 2 blue
   * @return the intensity, from 0 to 255
   */
  static double jet(int index, int channel) {
    return JET[index][channel];
  }

  private static double[][] table() {
    double[][] table = new double[256][];
    for (int i = 0; i < table.length; i++) {
      double t = i / 255.0;
      table[i] =
          new double[] {
            255 * interpolate(RED, t), 255 * interpolate(GREEN, t), 255 * interpolate(BLUE, t)
          };
    }
    return table;
  }

  private static double interpolate(double[][] nodes, double t) {
    int right = 1;
    while (nodes[right][0] < t) {
      right++;
    }
    double[] a = nodes[right - 1];
    double[] b = nodes[right];
    return a[1] + (b[1] - a[1]) * (t - a[0]) / (b[0] - a[0]);
  }
}

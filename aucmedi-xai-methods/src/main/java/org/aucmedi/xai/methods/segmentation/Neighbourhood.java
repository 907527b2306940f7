package org.aucmedi.xai.methods.segmentation;

/** Visits the positions around a centre in row-major order, clipped to the image. */
final class Neighbourhood {

  /** Receives the positions of a neighbourhood. */
  @FunctionalInterface
  interface Visitor {
    /**
     * Receives a position.
     *
     * @param position the position
     * @param squaredDistance the squared distance from the centre
     */
    void visit(int position, double squaredDistance);
  }

  private Neighbourhood() {}

  /**
   * Visits a box.
   *
   * @param sizes the sizes of the image's three axes
   * @param middle the centre of the box, not necessarily on a position
   * @param radius how far it reaches along each axis
   * @param visitor receives each position
   */
  static void visit(int[] sizes, double[] middle, double radius, Visitor visitor) {
    for (int z = from(middle[0], radius); z <= to(middle[0], radius, sizes[0]); z++) {
      double dz = z - middle[0];
      for (int y = from(middle[1], radius); y <= to(middle[1], radius, sizes[1]); y++) {
        double dy = y - middle[1];
        for (int x = from(middle[2], radius); x <= to(middle[2], radius, sizes[2]); x++) {
          double dx = x - middle[2];
          visitor.visit((z * sizes[1] + y) * sizes[2] + x, dz * dz + dy * dy + dx * dx);
        }
      }
    }
  }

  /** Returns the coordinates of a position. */
  static double[] coordinates(int[] sizes, int position) {
    int row = position / sizes[2];
    int slice = row / sizes[1];
    return new double[] {slice, row % sizes[1], position % sizes[2]};
  }

  private static int from(double middle, double radius) {
    return Math.max(0, (int) Math.ceil(middle - radius));
  }

  private static int to(double middle, double radius, int size) {
    return Math.min(size - 1, (int) Math.floor(middle + radius));
  }
}

package org.aucmedi.xai.methods.segmentation;

/** Visits the places around a place, row-major, as far as the image goes. */
final class Neighbourhood {

  /** Sees a place of a window. */
  @FunctionalInterface
  interface Visitor {
    /**
     * Sees a place.
     *
     * @param position the place
     * @param squaredDistance how far it is from the middle, squared
     */
    void visit(int position, double squaredDistance);
  }

  private Neighbourhood() {}

  /**
   * Visits a box.
   *
   * @param sizes the sizes of the image's three axes
   * @param middle where the box is centred, not necessarily on a place
   * @param radius how far it reaches along each axis
   * @param visitor sees each place
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

  /** Returns where a place is, along each axis. */
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

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
   * @param features of the image, with the sizes and the spacing of its three axes
   * @param middle the coordinates of the centre of the box, not necessarily on a position
   * @param radius how far it reaches along each axis, in the unit of the spacing
   * @param visitor receives each position
   */
  static void visit(LabFeatures features, double[] middle, double radius, Visitor visitor) {
    int[] sizes = features.sizes();
    double[] spacing = features.spacing();
    int[] from = new int[3];
    int[] to = new int[3];
    for (int a = 0; a < 3; a++) {
      from[a] = Math.max(0, (int) Math.ceil(middle[a] - radius / spacing[a]));
      to[a] = Math.min(sizes[a] - 1, (int) Math.floor(middle[a] + radius / spacing[a]));
    }
    for (int z = from[0]; z <= to[0]; z++) {
      double dz = (z - middle[0]) * spacing[0];
      for (int y = from[1]; y <= to[1]; y++) {
        double dy = (y - middle[1]) * spacing[1];
        for (int x = from[2]; x <= to[2]; x++) {
          double dx = (x - middle[2]) * spacing[2];
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
}

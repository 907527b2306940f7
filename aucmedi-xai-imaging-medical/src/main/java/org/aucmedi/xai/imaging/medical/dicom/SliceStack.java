package org.aucmedi.xai.imaging.medical.dicom;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.aucmedi.xai.array.Geometry;
import org.jspecify.annotations.Nullable;

/**
 * Parallel slices at equal distances: a volume. They are ordered by where they lie along their
 * normal; names, numbers and times do not matter.
 *
 * @param order the indices of the slices in the order of their place
 * @param geometry where the volume lies, null if the size of a pixel is unknown
 */
record SliceStack(List<Integer> order, @Nullable Geometry geometry) {

  /** By how much a distance may differ from the others. */
  private static final double UNEVEN = 0.05;

  /** From here on, as a multiple of the usual distance, a slice is missing in between. */
  private static final double GAP = 1.5;

  /** Slices that are closer, in millimetres, lie at the same place. */
  private static final double SAME_PLACE = 1e-3;

  private static final double SAME_DIRECTION = 1e-3;

  /** By how many pixels slices may be shifted against each other. */
  private static final double SHIFT = 0.5;

  private static final int MOST_NAMES = 5;

  /**
   * Orders slices.
   *
   * @param planes at least two
   * @param names a name of each for messages
   * @throws IllegalArgumentException if they make no volume; the message names the slices
   */
  static SliceStack of(List<Plane> planes, List<String> names) {
    checkKnown(planes, names);
    checkParallel(planes, names);
    double[] normal = planes.get(0).normal();
    double[] places = planes.stream().mapToDouble(p -> dot(normal, p.position())).toArray();
    List<Integer> order =
        IntStream.range(0, places.length)
            .boxed()
            .sorted(Comparator.comparingDouble(i -> places[i]))
            .toList();
    double distance = checkEven(order, places, names);
    Plane first = planes.get(order.get(0));
    checkUpright(first, planes.get(order.get(order.size() - 1)), normal);
    return new SliceStack(order, first.geometry(distance));
  }

  private static void checkKnown(List<Plane> planes, List<String> names) {
    List<String> unknown =
        IntStream.range(0, planes.size())
            .filter(i -> planes.get(i).position() == null || planes.get(i).orientation() == null)
            .mapToObj(names::get)
            .toList();
    checkArgument(
        unknown.isEmpty(),
        "its slices cannot be ordered: %s without %s or %s",
        list(unknown),
        Tags.name(Tags.IMAGE_POSITION_PATIENT),
        Tags.name(Tags.IMAGE_ORIENTATION_PATIENT));
  }

  private static void checkParallel(List<Plane> planes, List<String> names) {
    Plane first = planes.get(0);
    List<String> turned =
        IntStream.range(0, planes.size())
            .filter(i -> !close(first.orientation(), planes.get(i).orientation()))
            .mapToObj(names::get)
            .toList();
    checkArgument(
        turned.isEmpty(),
        "its slices are not parallel: %s differ in orientation from %s; put the slices of each"
            + " orientation into a folder of their own",
        list(turned),
        names.get(0));
    List<String> scaled =
        IntStream.range(0, planes.size())
            .filter(
                i ->
                    first.spacing() != null
                        && (planes.get(i).spacing() == null
                            || !close(first.spacing(), planes.get(i).spacing())))
            .mapToObj(names::get)
            .toList();
    checkArgument(
        scaled.isEmpty(),
        "its slices have pixels of different size: %s differ from %s",
        list(scaled),
        names.get(0));
  }

  private static boolean close(double[] a, double[] b) {
    return IntStream.range(0, a.length).allMatch(i -> Math.abs(a[i] - b[i]) <= SAME_DIRECTION);
  }

  /** The distance of neighbours. */
  private static double checkEven(List<Integer> order, double[] places, List<String> names) {
    int steps = order.size() - 1;
    double[] distances = new double[steps];
    for (int i = 0; i < steps; i++) {
      distances[i] = places[order.get(i + 1)] - places[order.get(i)];
      checkArgument(
          distances[i] > SAME_PLACE,
          "it has two slices at the same place, %s and %s; keep one of them, or put each"
              + " acquisition into a folder of its own",
          names.get(order.get(i)),
          names.get(order.get(i + 1)));
    }
    double[] sorted = distances.clone();
    Arrays.sort(sorted);
    // The lower one of two in the middle: a gap does not count as usual.
    double usual = sorted[(steps - 1) / 2];
    for (int i = 0; i < steps; i++) {
      boolean gap = distances[i] > GAP * usual;
      checkArgument(
          Math.abs(distances[i] - usual) <= UNEVEN * usual,
          "%s %s and %s lie %s mm apart, but slices usually %s mm; %s",
          gap ? "a slice is missing:" : "its slices are not evenly spaced:",
          names.get(order.get(i)),
          names.get(order.get(i + 1)),
          rounded(distances[i]),
          rounded(usual),
          gap ? "copy it from the source again" : "resample them to a volume first");
    }
    return (places[order.get(steps)] - places[order.get(0)]) / steps;
  }

  /** Slices must not be shifted sideways, as a tilted gantry does. */
  private static void checkUpright(Plane first, Plane last, double[] normal) {
    double[] way = new double[3];
    for (int i = 0; i < 3; i++) {
      way[i] = last.position()[i] - first.position()[i];
    }
    double along = dot(normal, way);
    double aside = Math.sqrt(Math.max(0, dot(way, way) - along * along));
    double pixel = first.spacing() == null ? 1 : Math.min(first.spacing()[0], first.spacing()[1]);
    checkArgument(
        aside <= SHIFT * pixel,
        "its slices are shifted by %s mm from the first to the last, by a gantry tilt of %s"
            + " degrees; convert them with 'dcm2niix', which corrects that, and give the file that"
            + " it names _Tilt",
        rounded(aside),
        rounded(Math.toDegrees(Math.atan2(aside, along))));
  }

  private static double dot(double[] a, double[] b) {
    return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
  }

  private static String rounded(double number) {
    return String.format("%.3f", number);
  }

  /** A few names, and how many more there are. */
  static String list(List<String> names) {
    String few = names.stream().limit(MOST_NAMES).collect(Collectors.joining(", "));
    int more = names.size() - MOST_NAMES;
    return more > 0 ? few + " and " + more + " more" : few;
  }
}

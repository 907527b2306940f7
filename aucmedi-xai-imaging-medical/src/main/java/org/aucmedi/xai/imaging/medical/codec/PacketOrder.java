package org.aucmedi.xai.imaging.medical.codec;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * The order in which the packets of a tile come (T.800, B.12). Each precinct has one packet per
 * layer; an order by position comes to a precinct at its upper left corner on the reference grid.
 */
final class PacketOrder {

  private static final Comparator<Precinct> BY_RESOLUTION =
      Comparator.comparingInt(Precinct::resolutionIndex);
  private static final Comparator<Precinct> BY_COMPONENT =
      Comparator.comparingInt(Precinct::component);
  private static final Comparator<Precinct> BY_POSITION =
      Comparator.comparingLong(Precinct::y).thenComparingLong(Precinct::x);
  private static final Comparator<Precinct> BY_INDEX = Comparator.comparingInt(Precinct::index);

  private PacketOrder() {}

  /**
   * Returns runs of precincts. The packets of a run are those of its precincts in the first layer,
   * then in the second and so on.
   *
   * @param precincts all precincts of a tile
   * @param progression which of them to take, and how
   */
  static List<List<Precinct>> runs(List<Precinct> precincts, Progression progression) {
    List<Precinct> sorted = new ArrayList<>();
    for (Precinct precinct : precincts) {
      if (progression.contains(precinct.component(), precinct.resolutionIndex())) {
        sorted.add(precinct);
      }
    }
    sorted.sort(comparator(progression.order()));
    List<List<Precinct>> runs = new ArrayList<>();
    int start = 0;
    for (int i = 1; i <= sorted.size(); i++) {
      if (i == sorted.size() || startsRun(progression.order(), sorted.get(i - 1), sorted.get(i))) {
        runs.add(sorted.subList(start, i));
        start = i;
      }
    }
    return runs;
  }

  private static Comparator<Precinct> comparator(ProgressionOrder order) {
    return switch (order) {
      case LRCP, RLCP -> BY_RESOLUTION.thenComparing(BY_COMPONENT).thenComparing(BY_INDEX);
      case RPCL ->
          BY_RESOLUTION
              .thenComparing(BY_POSITION)
              .thenComparing(BY_COMPONENT)
              .thenComparing(BY_INDEX);
      case PCRL ->
          BY_POSITION
              .thenComparing(BY_COMPONENT)
              .thenComparing(BY_RESOLUTION)
              .thenComparing(BY_INDEX);
      case CPRL ->
          BY_COMPONENT
              .thenComparing(BY_POSITION)
              .thenComparing(BY_RESOLUTION)
              .thenComparing(BY_INDEX);
    };
  }

  private static boolean startsRun(ProgressionOrder order, Precinct before, Precinct next) {
    return switch (order) {
      case LRCP -> false;
      case RLCP -> before.resolutionIndex() != next.resolutionIndex();
      case RPCL, PCRL, CPRL -> true;
    };
  }
}

package org.aucmedi.xai.metrics;

import java.util.Comparator;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/** Positions of a map in the order of their values. */
final class Ranking {

  private Ranking() {}

  /**
   * Orders the positions of a map, the largest value first. Equal values, such as 0 and -0, come in
   * a random order, the same at each call, so that a flat map is the random order that metrics
   * compare with.
   *
   * @param map the values, not NaN
   * @return the positions
   */
  static int[] descending(float[] map) {
    int[] order = shuffled(map.length);
    return IntStream.of(order)
        .boxed()
        .sorted(Comparator.comparing((Integer i) -> map[i] + 0f).reversed())
        .mapToInt(Integer::intValue)
        .toArray();
  }

  private static int[] shuffled(int count) {
    SplittableRandom random = new SplittableRandom(0);
    int[] order = IntStream.range(0, count).toArray();
    for (int i = count - 1; i > 0; i--) {
      int other = random.nextInt(i + 1);
      int kept = order[i];
      order[i] = order[other];
      order[other] = kept;
    }
    return order;
  }
}

package org.aucmedi.xai.imaging.medical.codec;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * A tag tree: a grid of numbers of which a packet header says, little by little, how small they are
 * (T.800, B.10.2). Each node is the minimum of up to four nodes of the level below it.
 */
final class TagTree {

  private final List<Level> levels = new ArrayList<>();

  /** A grid of nodes. A node is known once it is settled; until then it is at least the bound. */
  private static final class Level {

    private final int width;
    private final int[] bound;
    private final boolean[] settled;

    private Level(int width, int height) {
      this.width = width;
      bound = new int[width * height];
      settled = new boolean[width * height];
    }
  }

  TagTree(int width, int height) {
    int w = width;
    int h = height;
    levels.add(new Level(w, h));
    while (w > 1 || h > 1) {
      w = (w + 1) / 2;
      h = (h + 1) / 2;
      levels.add(new Level(w, h));
    }
  }

  /**
   * Reads until it is known whether a number is below a limit.
   *
   * @param x the column of the number
   * @param y the row of the number
   * @param limit the limit
   */
  boolean isBelow(int x, int y, int limit, PacketBits bits) throws IOException {
    int bound = 0;
    boolean settled = false;
    for (int l = levels.size() - 1; l >= 0; l--) {
      Level level = levels.get(l);
      int node = (y >> l) * level.width + (x >> l);
      bound = Math.max(bound, level.bound[node]);
      settled = level.settled[node];
      while (!settled && bound < limit) {
        if (bits.bit() == 1) {
          settled = true;
        } else {
          bound++;
        }
      }
      level.bound[node] = bound;
      level.settled[node] = settled;
    }
    return settled && bound < limit;
  }
}

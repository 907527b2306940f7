package org.aucmedi.xai.decoder;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.stream.Stream;
import org.aucmedi.xai.Heatmap;
import org.aucmedi.xai.decoder.BatchExplainer.Maps;
import org.aucmedi.xai.decoder.LoadedSample.Ready;
import org.aucmedi.xai.error.XAIException;

/**
 * Scales the maps of samples; where those of a sample have one scale, it keeps them until it has
 * all. For one thread.
 */
final class MapScaler {

  private final Scaling scaling;
  private final MemoryLimit memory;
  private final BiConsumer<Ready, Throwable> failures;

  /** The maps of samples of which more are to come. */
  private final Map<Integer, List<Heatmap>> incomplete = new HashMap<>();

  /** Samples with more maps than can be kept. */
  private final Set<Integer> refused = new HashSet<>();

  /**
   * Constructs it.
   *
   * @param failures notified of a sample whose maps cannot be kept
   */
  MapScaler(Scaling scaling, MemoryLimit memory, BiConsumer<Ready, Throwable> failures) {
    this.scaling = scaling;
    this.memory = memory;
    this.failures = failures;
  }

  /** Forgets what no more maps will come for. */
  void clear() {
    incomplete.clear();
    refused.clear();
  }

  /** Returns the samples whose maps can be scaled, with these. */
  List<Maps> scale(List<Maps> made) {
    if (!scaling.together()) {
      return made.stream().flatMap(this::scaled).toList();
    }
    return made.stream()
        .map(this::joined)
        .filter(maps -> maps.list().size() == maps.total())
        .flatMap(this::scaled)
        .toList();
  }

  private Stream<Maps> scaled(Maps maps) {
    try {
      return Stream.of(maps.with(scaling.apply(maps.list())));
    } catch (RuntimeException | OutOfMemoryError e) {
      failures.accept(maps.sample(), e);
      return Stream.empty();
    }
  }

  /** Joins maps with those of their sample that came before. */
  private Maps joined(Maps maps) {
    int index = maps.sample().index();
    if (maps.list().size() == maps.total() || refused.contains(index)) {
      return maps;
    }
    List<Heatmap> all = incomplete.computeIfAbsent(index, n -> new ArrayList<>());
    all.addAll(maps.list());
    if (values(all.get(0)) * maps.total() > memory.values()) {
      incomplete.remove(index);
      refused.add(index);
      failures.accept(
          maps.sample(),
          new XAIException(
              "its "
                  + maps.total()
                  + " maps do not fit into memory together, as one scale for all of them needs;"
                  + " explain fewer classes, or let each map have its own scale"));
    } else if (all.size() == maps.total()) {
      incomplete.remove(index);
      return maps.with(List.copyOf(all));
    }
    return maps;
  }

  private static long values(Heatmap map) {
    return Arrays.stream(map.shape()).asLongStream().reduce(1, (a, b) -> a * b);
  }
}

package org.aucmedi.xai.cli;

import com.google.common.collect.Lists;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.aucmedi.xai.manifest.RunFiles;
import org.aucmedi.xai.manifest.SampleRecord;
import org.aucmedi.xai.manifest.SampleRecords;
import org.aucmedi.xai.manifest.Sha256;
import org.jspecify.annotations.Nullable;

/**
 * What earlier runs have done, and in which batches the rest is to be done.
 *
 * <p>A batch of which something is missing is done again as a whole: how a model rounds may depend
 * on the size of its batch, and the results are to be those of a run that nobody interrupted. Where
 * nothing is missing but an image that could not be loaded, that image is tried again by itself.
 */
final class DoneBefore {

  private enum State {
    TO_DO,
    DONE,
    NOT_LOADED
  }

  private final List<Integer> samples;
  private final Map<String, Integer> positions = new HashMap<>();
  private final Map<String, State[]> states = new HashMap<>();
  private final Map<String, Set<Integer>> planned = new HashMap<>();

  /**
   * Nothing is done.
   *
   * @param names of all samples
   * @param samples which of them the run has
   */
  DoneBefore(List<String> names, List<Integer> samples) {
    this.samples = samples;
    samples.forEach(index -> positions.put(names.get(index), index));
  }

  /** Reads what is done. */
  void read(RunFiles files, InputHashes hashes) {
    SampleRecords.read(
        files.samples(),
        (record, line, offset) -> {
          Integer index = positions.get(record.sample());
          if (index != null) {
            of(record.method())[index] = state(record, files.folder(), hashes.of(index));
          }
        });
  }

  private static State state(SampleRecord record, Path folder, @Nullable Sha256 hash) {
    if (hash == null || !hash.digits().equals(record.sha256())) {
      return State.TO_DO;
    }
    if (record.failure() != null) {
      return record.failure().stage().equals("loading") ? State.NOT_LOADED : State.TO_DO;
    }
    return record.maps().stream()
            .flatMap(map -> map.files().stream())
            .allMatch(file -> Files.isRegularFile(folder.resolve(file)))
        ? State.DONE
        : State.TO_DO;
  }

  private State[] of(String method) {
    return states.computeIfAbsent(
        method,
        key -> {
          State[] all = new State[samples.isEmpty() ? 0 : samples.get(samples.size() - 1) + 1];
          Arrays.fill(all, State.TO_DO);
          return all;
        });
  }

  /** Returns the batches that a method has to do. */
  List<List<Integer>> batches(String method, int size) {
    State[] known = of(method);
    List<List<Integer>> batches = new ArrayList<>();
    for (List<Integer> batch : Lists.partition(samples, size)) {
      if (batch.stream().anyMatch(index -> known[index] == State.TO_DO)) {
        batches.add(batch);
      } else {
        batch.stream()
            .filter(index -> known[index] == State.NOT_LOADED)
            .forEach(index -> batches.add(List.of(index)));
      }
    }
    Set<Integer> all = new HashSet<>();
    batches.forEach(all::addAll);
    planned.put(method, all);
    return batches;
  }

  /** Returns how many samples a method has to do, once its batches are known. */
  int planned(String method) {
    return planned.getOrDefault(method, Set.of()).size();
  }

  /** Returns whether a record stays, once the batches of its method are known. */
  boolean keeps(SampleRecord record) {
    Integer index = positions.get(record.sample());
    return index == null || !planned.getOrDefault(record.method(), Set.of()).contains(index);
  }

  /** Returns how many samples no method has to do. */
  int samplesDone() {
    return (int)
        samples.stream()
            .filter(index -> planned.values().stream().noneMatch(all -> all.contains(index)))
            .count();
  }
}

package org.aucmedi.xai.cli;

import com.google.common.util.concurrent.ThreadFactoryBuilder;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.aucmedi.xai.manifest.Sha256;
import org.jspecify.annotations.Nullable;

/**
 * The hashes of a run's images, each made once, on a thread of its own a little ahead of those who
 * ask. For one thread.
 */
final class InputHashes implements AutoCloseable {

  private static final int AHEAD = 64;

  /** The worker is woken once for so many. */
  private static final int AT_ONCE = 16;

  private final List<Path> files;
  private final List<Integer> order;
  private final int[] positions;
  private final List<@Nullable CompletableFuture<@Nullable Sha256>> hashes;
  private final ExecutorService worker =
      Executors.newSingleThreadExecutor(
          new ThreadFactoryBuilder().setNameFormat("aucmedi-xai-hashes").setDaemon(true).build());

  /**
   * Constructs it.
   *
   * @param files the images
   * @param order those that will be asked for, in about that order
   */
  InputHashes(List<Path> files, List<Integer> order) {
    this.files = List.copyOf(files);
    this.order = order;
    positions = new int[files.size()];
    for (int n = 0; n < order.size(); n++) {
      positions[order.get(n)] = n;
    }
    hashes = new ArrayList<>();
    this.files.forEach(file -> hashes.add(null));
  }

  /** Returns the hash of a file; null if it cannot be read. */
  @Nullable Sha256 of(int index) {
    int position = positions[index];
    for (int n = position; n < Math.min(order.size(), position + AHEAD); n++) {
      if (hashes.get(order.get(n)) == null) {
        start(order.subList(n, Math.min(order.size(), n + AT_ONCE)));
      }
    }
    if (hashes.get(index) == null) {
      start(List.of(index));
    }
    return hashes.get(index).join();
  }

  private void start(List<Integer> some) {
    List<Integer> open = some.stream().filter(index -> hashes.get(index) == null).toList();
    List<CompletableFuture<@Nullable Sha256>> made = new ArrayList<>();
    for (int index : open) {
      CompletableFuture<@Nullable Sha256> hash = new CompletableFuture<>();
      hashes.set(index, hash);
      made.add(hash);
    }
    worker.execute(
        () -> {
          for (int n = 0; n < made.size(); n++) {
            made.get(n).complete(hash(files.get(open.get(n))));
          }
        });
  }

  private static @Nullable Sha256 hash(Path file) {
    try {
      return Sha256.of(file);
    } catch (IOException e) {
      // The run tells it, as it reads the file.
      return null;
    }
  }

  @Override
  public void close() {
    worker.shutdownNow();
  }
}

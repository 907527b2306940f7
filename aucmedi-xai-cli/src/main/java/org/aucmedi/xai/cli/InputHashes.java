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
      var unused = start(order.get(n));
    }
    return start(index).join();
  }

  private CompletableFuture<@Nullable Sha256> start(int index) {
    CompletableFuture<@Nullable Sha256> hash = hashes.get(index);
    if (hash == null) {
      Path file = files.get(index);
      hash = CompletableFuture.supplyAsync(() -> hash(file), worker);
      hashes.set(index, hash);
    }
    return hash;
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

package org.aucmedi.xai.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.aucmedi.xai.server.TestServer.json;
import static org.aucmedi.xai.server.TestServer.picture;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.aucmedi.xai.XAIMethodRegistry;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Eight clients at once, with good and bad requests; {@code -Psoak} takes a thousand. */
final class ServerLoadIT {

  private static final int CLIENTS = 8;
  private static final int REQUESTS = Integer.getInteger("load.requests", 160);

  /** A busy machine is no slow client. */
  private static final Duration PATIENCE = Duration.ofMinutes(1);

  private static final long MEGABYTE = 1_000_000;
  private static final long MAY_STAY = 16 * MEGABYTE;

  @Test
  @Timeout(300)
  void clients_manyAtOnce_areAnsweredRightAndLeaveNothing() throws Exception {
    long[] nanos = new long[REQUESTS];
    AtomicInteger next = new AtomicInteger();
    ExecutorService clients = Executors.newFixedThreadPool(CLIENTS);
    try (TestServer server =
        new TestServer(
            TestServer.SETTINGS.withRoom(32, 64).withTimes(PATIENCE, PATIENCE, PATIENCE),
            new XAIMethodRegistry(),
            TestServer.model())) {
      for (int n = 0; n < 40; n++) {
        request(server, n);
      }
      long heapBefore = heap();
      long residentBefore = resident();
      List<CompletableFuture<Void>> all = new ArrayList<>();
      for (int client = 0; client < CLIENTS; client++) {
        all.add(
            CompletableFuture.runAsync(
                () -> {
                  for (int n = next.getAndIncrement(); n < REQUESTS; n = next.getAndIncrement()) {
                    long start = System.nanoTime();
                    request(server, n);
                    nanos[n] = System.nanoTime() - start;
                  }
                },
                clients));
      }
      all.forEach(CompletableFuture::join);
      String gigabyte =
          server.raw(
              "POST /explain?method=saliency HTTP/1.1\r\nHost: localhost:"
                  + server.port()
                  + "\r\nAuthorization: Bearer "
                  + server.server().token()
                  + "\r\nContent-Length: 1000000000\r\n\r\n");
      assertThat(gigabyte).startsWith("HTTP/1.1 413");
      long heapAfter = heap();
      Arrays.sort(nanos);
      System.err.printf(
          Locale.ROOT,
          "%d requests of %d clients: p50 %.1f ms, p99 %.1f ms; heap %d MB before, %d MB after;"
              + " resident %d MB before, %d MB after%n",
          REQUESTS,
          CLIENTS,
          nanos[REQUESTS / 2] / 1e6,
          nanos[REQUESTS * 99 / 100] / 1e6,
          heapBefore / MEGABYTE,
          heapAfter / MEGABYTE,
          residentBefore / MEGABYTE,
          resident() / MEGABYTE);
      assertThat(heapAfter).isLessThan(heapBefore + MAY_STAY);
      assertThat(json(server.get("health")).get("busy").getAsInt()).isZero();
    } finally {
      clients.shutdownNow();
    }
  }

  /** One request in five is bad. */
  private static void request(TestServer server, int n) {
    int colour = 0x010203 * (n % 64);
    switch (n % 10) {
      case 0 -> assertThat(server.explain("method=none", picture()).statusCode()).isEqualTo(400);
      case 5 ->
          assertThat(server.explain("method=saliency", new byte[] {1, 2}).statusCode())
              .isEqualTo(422);
      default -> {
        HttpResponse<byte[]> answer =
            server.explain(
                "method=occlusionsensitivity&format=json", picture(colour, colour, colour, colour));
        assertThat(answer.statusCode()).isEqualTo(200);
        // Class 0 weighs red once, green twice, blue three times.
        assertThat(json(answer).getAsJsonArray("outputs").get(0).getAsInt())
            .isEqualTo((1 + 2 * 2 + 3 * 3) * (n % 64));
      }
    }
  }

  private static long heap() {
    System.gc();
    return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
  }

  /** What the process has in memory, as Linux says; 0 elsewhere. */
  private static long resident() throws IOException {
    Path status = Path.of("/proc/self/statm");
    return Files.exists(status)
        ? 4096 * Long.parseLong(Files.readString(status).split(" ", -1)[1])
        : 0;
  }
}

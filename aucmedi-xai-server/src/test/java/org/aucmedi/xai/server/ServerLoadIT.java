package org.aucmedi.xai.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.aucmedi.xai.server.TestServer.json;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.aucmedi.xai.XAIMethodRegistry;
import org.aucmedi.xai.testkit.OtherJvm;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Eight clients at once, with good and bad requests; {@code -Psoak} takes thousands. */
final class ServerLoadIT {

  private static final int CLIENTS = 8;
  private static final int REQUESTS = Integer.getInteger("load.requests", 100);
  private static final int ROUNDS = Integer.getInteger("load.rounds", 3);

  /** Until the code is compiled and its classes are loaded. */
  private static final int FIRST_REQUESTS = Math.max(40, REQUESTS / 4);

  /** A busy machine is no slow client. */
  private static final Duration PATIENCE = Duration.ofMinutes(1);

  private static final long MEGABYTE = 1_000_000;
  private static final long MAY_STAY = 16 * MEGABYTE;

  /** What Java's compiler may still take after two rounds; a leak takes more in the next ones. */
  private static final long MAY_GROW = 32 * MEGABYTE;

  @TempDir private Path folder;

  @Test
  @Timeout(1200)
  void clients_manyAtOnce_areAnsweredRightAndLeaveNothing() throws Exception {
    try (TestServer server =
        new TestServer(
            TestServer.SETTINGS.withRoom(32, 64).withTimes(PATIENCE, PATIENCE, PATIENCE),
            new XAIMethodRegistry(),
            TestServer.model())) {
      String unused = load(server, FIRST_REQUESTS);
      long heapBefore = heap();
      List<Long> resident = new ArrayList<>(List.of(residentAtRest()));
      for (int round = 0; round < ROUNDS; round++) {
        String times = load(server, REQUESTS);
        long atTheEnd = resident();
        resident.add(residentAtRest());
        System.err.printf(
            Locale.ROOT,
            "%d requests of %d clients: %s; resident %d MB before, %d MB at the end, %d MB after a"
                + " collection%n",
            REQUESTS,
            CLIENTS,
            times,
            resident.get(round) / MEGABYTE,
            atTheEnd / MEGABYTE,
            resident.get(round + 1) / MEGABYTE);
      }
      String gigabyte =
          server.raw(
              "POST /explain?method=saliency HTTP/1.1\r\nHost: localhost:"
                  + server.port()
                  + "\r\nAuthorization: Bearer "
                  + server.server().token()
                  + "\r\nContent-Length: 1000000000\r\n\r\n");
      assertThat(gigabyte).startsWith("HTTP/1.1 413");
      long heapAfter = heap();
      System.err.printf(
          Locale.ROOT,
          "heap %d MB before, %d MB after%n",
          heapBefore / MEGABYTE,
          heapAfter / MEGABYTE);
      assertThat(heapAfter).isLessThan(heapBefore + MAY_STAY);
      assertThat(resident.get(ROUNDS)).isLessThan(resident.get(2) + MAY_GROW);
      assertThat(json(server.get("health")).get("busy").getAsInt()).isZero();
    }
  }

  /** Sends requests from another process, and returns how long they took. */
  private String load(TestServer server, int requests) throws IOException, InterruptedException {
    Path times = folder.resolve("times");
    OtherJvm.run(
        LoadClients.class,
        environment -> {},
        server.server().address().toString(),
        server.server().token(),
        String.valueOf(CLIENTS),
        String.valueOf(requests),
        times.toString());
    return Files.readString(times);
  }

  private static long heap() {
    System.gc();
    return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
  }

  /** What the process has in memory once the collector has given back what it gives back. */
  private static long residentAtRest() throws IOException, InterruptedException {
    long unused = heap();
    long last = Long.MAX_VALUE;
    for (long now = resident(); now < last - MEGABYTE; now = resident()) {
      last = now;
      Thread.sleep(1000);
    }
    return resident();
  }

  /** What the process has in memory, as Linux says; 0 elsewhere. */
  private static long resident() throws IOException {
    Path status = Path.of("/proc/self/statm");
    return Files.exists(status)
        ? 4096 * Long.parseLong(Files.readString(status).split(" ", -1)[1])
        : 0;
  }
}

package org.aucmedi.xai.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.aucmedi.xai.server.TestServer.json;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import org.aucmedi.xai.XAIMethodRegistry;
import org.aucmedi.xai.testkit.OtherJvm;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Eight clients at once, with good and bad requests; {@code -Psoak} takes a thousand. */
final class ServerLoadIT {

  private static final int CLIENTS = 8;
  private static final int REQUESTS = Integer.getInteger("load.requests", 160);

  /** Until the code is compiled and its classes are loaded. */
  private static final int FIRST_REQUESTS = Math.max(40, REQUESTS / 4);

  /** A busy machine is no slow client. */
  private static final Duration PATIENCE = Duration.ofMinutes(1);

  private static final long MEGABYTE = 1_000_000;
  private static final long MAY_STAY = 16 * MEGABYTE;

  @TempDir private Path folder;

  @Test
  @Timeout(300)
  void clients_manyAtOnce_areAnsweredRightAndLeaveNothing() throws Exception {
    try (TestServer server =
        new TestServer(
            TestServer.SETTINGS.withRoom(32, 64).withTimes(PATIENCE, PATIENCE, PATIENCE),
            new XAIMethodRegistry(),
            TestServer.model())) {
      String unused = load(server, FIRST_REQUESTS);
      long heapBefore = heap();
      long residentBefore = resident();
      String times = load(server, REQUESTS);
      long residentDuring = resident();
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
          "%d requests of %d clients: %s; heap %d MB before, %d MB after; resident %d MB before, %d"
              + " MB at the end, %d MB after a collection%n",
          REQUESTS,
          CLIENTS,
          times,
          heapBefore / MEGABYTE,
          heapAfter / MEGABYTE,
          residentBefore / MEGABYTE,
          residentDuring / MEGABYTE,
          resident() / MEGABYTE);
      assertThat(heapAfter).isLessThan(heapBefore + MAY_STAY);
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

  /** What the process has in memory, as Linux says; 0 elsewhere. */
  private static long resident() throws IOException {
    Path status = Path.of("/proc/self/statm");
    return Files.exists(status)
        ? 4096 * Long.parseLong(Files.readString(status).split(" ", -1)[1])
        : 0;
  }
}

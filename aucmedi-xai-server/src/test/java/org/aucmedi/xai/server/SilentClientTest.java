package org.aucmedi.xai.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.time.Duration;
import org.aucmedi.xai.testkit.OtherJvm;
import org.junit.jupiter.api.Test;

/** A client that connects and says nothing; the JDK's server reads its limits only once. */
final class SilentClientTest {

  @Test
  void client_thatSaysNothing_losesItsConnection() throws Exception {
    OtherJvm.run(SilentClientTest.class, environment -> {});
  }

  /** In seconds instead of half a minute. */
  public static void main(String[] arguments) throws IOException {
    System.setProperty("sun.net.httpserver.idleInterval", "1");
    System.setProperty("sun.net.httpserver.clockTick", "200");
    try (TestServer server = TestServer.start();
        Socket silent = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
      silent.setSoTimeout(20_000);
      long start = System.nanoTime();
      assertThat(server.get("health").statusCode()).isEqualTo(200);

      assertThat(silent.getInputStream().read()).isEqualTo(-1);

      assertThat(Duration.ofNanos(System.nanoTime() - start))
          .isBetween(Duration.ofMillis(900), Duration.ofSeconds(10));
      assertThat(server.get("health").statusCode()).isEqualTo(200);
    }
  }
}

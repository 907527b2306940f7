package org.aucmedi.xai.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.aucmedi.xai.server.TestServer.error;
import static org.aucmedi.xai.server.TestServer.json;
import static org.aucmedi.xai.server.TestServer.picture;

import com.google.common.primitives.Bytes;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.aucmedi.xai.XAIMethodRegistry;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(30)
final class ServerJobsTest {

  private static final String ID = "job-12345678";

  private final CountDownLatch begun = new CountDownLatch(1);
  private final AtomicBoolean end = new AtomicBoolean();

  private TestServer server(ServerSettings settings) {
    return new TestServer(settings, SlowMethod.registry(begun, end), TestServer.model());
  }

  private CompletableFuture<HttpResponse<byte[]>> slow(TestServer server) {
    return CompletableFuture.supplyAsync(
        () -> server.explain("method=slow&format=json&job=" + ID, picture()));
  }

  @Test
  void job_isWatchedAndCancelled() throws Exception {
    try (TestServer server = server(TestServer.SETTINGS)) {
      CompletableFuture<HttpResponse<byte[]>> answer = slow(server);
      begun.await();

      assertThat(json(server.get("jobs/" + ID)).get("state").getAsString()).isEqualTo("running");
      assertThat(server.explain("method=saliency&job=" + ID, picture()).statusCode())
          .isEqualTo(409);
      HttpResponse<byte[]> cancelled = server.send(server.request("jobs/" + ID).DELETE());
      assertThat(cancelled.statusCode()).isEqualTo(204);

      assertThat(answer.get().statusCode()).isEqualTo(409);
      assertThat(error(answer.get())).isEqualTo("the request was cancelled");
      assertThat(server.get("jobs/" + ID).statusCode()).isEqualTo(404);
      // The model is free again.
      assertThat(server.explain("method=saliency", picture()).statusCode()).isEqualTo(200);
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  @EnabledOnOs(value = OS.LINUX, disabledReason = "elsewhere the system does not tell")
  void client_goneWithoutAWord_freesTheModelAndItsPlace(boolean reset) throws Exception {
    try (TestServer server = server(TestServer.SETTINGS)) {
      try (Socket running = post(server, "slow")) {
        begun.await();
        try (Socket waiting = post(server, "saliency")) {
          awaitHealth(server, "waiting", 1);
          // Who is there stays.
          Thread.sleep(1_200);
          assertThat(json(server.get("health")).get("waiting").getAsInt()).isEqualTo(1);
          assertThat(json(server.get("health")).get("busy").getAsInt()).isEqualTo(1);
          waiting.setSoLinger(reset, 0);
        }
        awaitHealth(server, "waiting", 0);
        running.setSoLinger(reset, 0);
      }
      awaitHealth(server, "busy", 0);
      assertThat(end).isFalse();
    }
  }

  private static Socket post(TestServer server, String method) throws IOException {
    Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port());
    byte[] image = picture();
    String head =
        "POST /explain?method="
            + method
            + " HTTP/1.1\r\nHost: localhost:"
            + server.port()
            + "\r\nAuthorization: Bearer "
            + server.server().token()
            + "\r\nContent-Length: "
            + image.length
            + "\r\n\r\n";
    socket.getOutputStream().write(Bytes.concat(head.getBytes(StandardCharsets.US_ASCII), image));
    return socket;
  }

  private static void awaitHealth(TestServer server, String what, int number)
      throws InterruptedException {
    while (json(server.get("health")).get(what).getAsInt() != number) {
      Thread.sleep(20);
    }
  }

  @Test
  void queue_full_saysComeAgain() throws Exception {
    try (TestServer server = server(TestServer.SETTINGS.withRoom(1, 8))) {
      CompletableFuture<HttpResponse<byte[]>> running = slow(server);
      begun.await();
      CompletableFuture<HttpResponse<byte[]>> waiting =
          CompletableFuture.supplyAsync(() -> server.explain("method=saliency", picture()));
      awaitHealth(server, "waiting", 1);

      HttpResponse<byte[]> refused = server.explain("method=saliency", picture());

      assertThat(refused.statusCode()).isEqualTo(503);
      assertThat(refused.headers().firstValue("retry-after")).hasValue("2");
      assertThat(error(refused)).startsWith("1 requests are waiting already");
      end.set(true);
      assertThat(waiting.get().statusCode()).isEqualTo(200);
      assertThat(running.get().statusCode()).isEqualTo(200);
    }
  }

  @Test
  void close_waitsForWhatIsInProgress() throws Exception {
    TestServer server = server(TestServer.SETTINGS);
    CompletableFuture<HttpResponse<byte[]>> answer = slow(server);
    begun.await();

    CompletableFuture<Void> closed = CompletableFuture.runAsync(server::close);
    HttpResponse<byte[]> refused = server.get("health");
    while (refused.statusCode() == 200) {
      refused = server.get("health");
    }
    assertThat(error(refused)).isEqualTo("the server stops");
    end.set(true);

    assertThat(answer.get().statusCode()).isEqualTo(200);
    closed.get();
    assertThat(org.assertj.core.api.Assertions.catchThrowable(() -> server.get("health")))
        .hasCauseInstanceOf(ConnectException.class);
  }

  @Test
  void close_cancelsWhatTakesTooLong() throws Exception {
    TestServer server = server(TestServer.SETTINGS);
    CompletableFuture<HttpResponse<byte[]>> answer = slow(server);
    begun.await();

    server.close();

    assertThat(answer.get().statusCode()).isEqualTo(409);
  }

  @Test
  void clients_atOnce_getTheirOwnMaps() {
    List<String> bodies = new ArrayList<>();
    AtomicInteger wrong = new AtomicInteger();
    int[] colours = {0xff0000, 0x00ff00, 0x0000ff, 0xffffff};
    try (TestServer server =
        new TestServer(
            TestServer.SETTINGS, new XAIMethodRegistry(), TestServer.model(), TestServer.model())) {
      for (int colour : colours) {
        bodies.add(scores(server, colour));
      }
      List<CompletableFuture<Void>> clients = new ArrayList<>();
      for (int client = 0; client < colours.length; client++) {
        int own = client;
        clients.add(
            CompletableFuture.runAsync(
                () -> {
                  for (int n = 0; n < 20; n++) {
                    if (!scores(server, colours[own]).equals(bodies.get(own))) {
                      wrong.incrementAndGet();
                    }
                  }
                }));
      }
      clients.forEach(CompletableFuture::join);
    }
    assertThat(bodies).doesNotHaveDuplicates();
    assertThat(wrong).hasValue(0);
  }

  private static String scores(TestServer server, int colour) {
    HttpResponse<byte[]> response =
        server.explain(
            "method=occlusionsensitivity&format=json", picture(colour, colour, 0, colour / 2));
    return json(response).get("outputs") + " " + json(response).get("maps");
  }
}

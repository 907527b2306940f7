package org.aucmedi.xai.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.aucmedi.xai.server.TestServer.error;
import static org.aucmedi.xai.server.TestServer.picture;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.aucmedi.xai.XAIMethodBase;
import org.aucmedi.xai.XAIMethodRegistry;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(30)
final class ServerSafetyTest {

  private static TestServer server;

  @BeforeAll
  static void start() {
    server = TestServer.start();
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  @ParameterizedTest
  @ValueSource(strings = {"methods", "layers", "explain?method=saliency", "jobs/12345678"})
  void token_missingOrWrong_isRefusedBeforeAnythingElse(String path) {
    String method = path.startsWith("explain") ? "POST" : "GET";
    URI uri = URI.create(server.server().address() + path);
    for (String token : List.of("", "Bearer x", "Bearer " + server.server().token() + "x")) {
      HttpRequest.Builder request =
          HttpRequest.newBuilder(uri).method(method, BodyPublishers.ofByteArray(picture()));
      if (!token.isEmpty()) {
        request.header("Authorization", token);
      }
      HttpResponse<byte[]> response = server.send(request);
      assertThat(response.statusCode()).isEqualTo(401);
      assertThat(response.headers().firstValue("www-authenticate")).hasValue("Bearer");
      assertThat(error(response)).startsWith("the token is missing or wrong");
    }
  }

  @Test
  void token_inTheQuery_isTaken() {
    URI uri = URI.create(server.server().address() + "methods?token=" + server.server().token());
    assertThat(server.send(HttpRequest.newBuilder(uri)).statusCode()).isEqualTo(200);
    // 192 bits in Base64, after the sign that keeps it out of requests.
    assertThat(server.server().uri().toString()).matches("http://127.0.0.1:\\d+/#token=[\\w-]{32}");
  }

  @Test
  void host_ofAnotherName_isRefused() throws IOException {
    for (String host : List.of("evil.example", "127.0.0.1", "127.0.0.1:1", "localhost.evil:80")) {
      assertThat(get("/", host, "")).startsWith("HTTP/1.1 403").contains("this server is not");
    }
    assertThat(server.raw("GET / HTTP/1.0\r\n\r\n")).contains(" 403 ");
    assertThat(server.raw("GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n")).contains(" 400 ");
    assertThat(get("/", "LocalHost:" + server.port(), "")).startsWith("HTTP/1.1 200");
    assertThat(get("/", "[::1]:" + server.port(), "")).startsWith("HTTP/1.1 200");
  }

  @Test
  void origin_ofAnotherPage_isRefused() throws IOException {
    String own = "localhost:" + server.port();
    assertThat(get("/", own, "Origin: http://evil.example")).startsWith("HTTP/1.1 403");
    assertThat(get("/", own, "Origin: null")).startsWith("HTTP/1.1 403");
    assertThat(get("/", own, "Origin: https://" + own)).startsWith("HTTP/1.1 403");
    assertThat(get("/", own, "Sec-Fetch-Site: cross-site")).startsWith("HTTP/1.1 403");
    assertThat(get("/", own, "Sec-Fetch-Site: cross-site\r\nSec-Fetch-Mode: navigate"))
        .as("a link on another page")
        .startsWith("HTTP/1.1 200");
    assertThat(get("/", own, "Origin: http://" + own)).startsWith("HTTP/1.1 200");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/../etc/passwd",
        "/%2e%2e/pom.xml",
        "/page/index.html",
        "/index.html",
        "//methods",
        "/methods/",
        "/METHODS",
        "/app.js%00",
        "/jobs/",
        "/jobs/short",
        "/jobs/12345678/9"
      })
  void path_thatIsNone_isNotFound(String path) throws IOException {
    assertThat(get(path, "localhost:" + server.port(), "")).startsWith("HTTP/1.1 404");
  }

  @Test
  void method_thatIsWrong_isToldTheRightOnes() {
    HttpResponse<byte[]> response = server.get("explain?method=saliency");
    assertThat(response.statusCode()).isEqualTo(405);
    assertThat(response.headers().firstValue("allow")).hasValue("POST");
    HttpResponse<byte[]> job =
        server.send(server.request("jobs/12345678").PUT(BodyPublishers.noBody()));
    assertThat(job.headers().firstValue("allow")).hasValue("GET, DELETE");
  }

  @Test
  void body_declaredTooLong_isRefusedAtOnce() throws IOException {
    // Nothing of the gigabyte is sent; the answer comes without it.
    String answer =
        server.raw(post("Content-Length: 1000000000\r\nExpect: 100-continue\r\n") + "x".repeat(9));
    assertThat(answer).contains("HTTP/1.1 413").contains("more than 100000 bytes");
  }

  @Test
  void body_thatGrowsTooLong_isRefusedWhileItComes() throws IOException {
    String chunk = "4e20\r\n" + "x".repeat(20_000) + "\r\n";
    String answer = server.raw(post("Transfer-Encoding: chunked\r\n") + chunk.repeat(6));
    assertThat(answer).startsWith("HTTP/1.1 413");
  }

  @Test
  void head_thatTrickles_losesItsConnection() throws Exception {
    long start = System.nanoTime();
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
      socket.setSoTimeout(10_000);
      socket.getOutputStream().write("GET / HTTP/1.1\r\nX".getBytes(StandardCharsets.US_ASCII));
      assertThat(endOf(socket)).isEmpty();
    }
    assertThat(Duration.ofNanos(System.nanoTime() - start))
        .isBetween(Duration.ofMillis(1_200), Duration.ofSeconds(6));
  }

  @Test
  void body_thatTrickles_losesItsConnection() throws Exception {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
      socket.setSoTimeout(10_000);
      socket
          .getOutputStream()
          .write((post("Content-Length: 1000\r\n") + "x").getBytes(StandardCharsets.US_ASCII));
      assertThat(endOf(socket)).doesNotContain("200");
    }
    assertThat(server.get("health").statusCode()).isEqualTo(200);
  }

  @Test
  void connections_moreThanThereIsRoomFor_areToldToComeAgain() throws Exception {
    try (TestServer small =
        new TestServer(
            TestServer.SETTINGS.withRoom(1, 4), new XAIMethodRegistry(), TestServer.model())) {
      List<Socket> slow = new ArrayList<>();
      for (int n = 0; n < 4; n++) {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), small.port());
        slow.add(socket);
        socket.getOutputStream().write("GET /".getBytes(StandardCharsets.US_ASCII));
      }
      Thread.sleep(300);

      HttpResponse<byte[]> response = small.get("health");

      assertThat(response.statusCode()).isEqualTo(503);
      assertThat(response.headers().firstValue("retry-after")).hasValue("2");
      for (Socket socket : slow) {
        socket.setSoTimeout(10_000);
        assertThat(endOf(socket)).isEmpty();
        socket.close();
      }
      assertThat(small.get("health").statusCode()).isEqualTo(200);
    }
  }

  @Test
  void failure_thatNobodyExpects_hasANumberAndNoStackTrace() {
    XAIMethodRegistry registry = new XAIMethodRegistry();
    registry.register(
        "broken",
        (model, layer, options) ->
            new XAIMethodBase(model, layer) {
              @Override
              public ai.djl.ndarray.NDArray computeHeatmap(
                  ai.djl.ndarray.NDArray image, int classIndex, float eps) {
                throw new UnsupportedOperationException("secret");
              }
            });
    try (TestServer broken = new TestServer(TestServer.SETTINGS, registry, TestServer.model())) {
      HttpResponse<byte[]> response = broken.explain("method=broken", picture());

      assertThat(response.statusCode()).isEqualTo(500);
      assertThat(error(response)).matches("something went wrong .* has it under [0-9a-f]{8}");
      assertThat(TestServer.text(response)).doesNotContain("secret").doesNotContain("\\tat ");
    }
  }

  private static String get(String path, String host, String header) throws IOException {
    return server.raw(
        "GET "
            + path
            + " HTTP/1.1\r\nHost: "
            + host
            + "\r\n"
            + (header.isEmpty() ? "" : header + "\r\n")
            + "Connection: close\r\n\r\n");
  }

  private static String post(String headers) {
    return "POST /explain?method=saliency HTTP/1.1\r\nHost: localhost:"
        + server.port()
        + "\r\nAuthorization: Bearer "
        + server.server().token()
        + "\r\n"
        + headers
        + "\r\n";
  }

  /** What comes until the other side closes. */
  private static String endOf(Socket socket) throws IOException {
    InputStream in = socket.getInputStream();
    try {
      return new String(in.readAllBytes(), StandardCharsets.US_ASCII);
    } catch (java.net.SocketTimeoutException e) {
      throw e;
    } catch (java.net.SocketException e) {
      // Closed with unread bytes.
      return "";
    }
  }
}

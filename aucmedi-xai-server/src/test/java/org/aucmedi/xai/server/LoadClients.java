package org.aucmedi.xai.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.aucmedi.xai.server.TestServer.picture;

import com.google.gson.JsonParser;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Clients of a server that is another process, so that its memory is its own. Arguments: address,
 * token, number of clients, number of requests, a file for what was measured.
 */
final class LoadClients {

  private final HttpClient client = HttpClient.newHttpClient();
  private final String address;
  private final String token;

  private LoadClients(String address, String token) {
    this.address = address;
    this.token = token;
  }

  public static void main(String[] arguments) throws IOException {
    LoadClients load = new LoadClients(arguments[0], arguments[1]);
    long[] nanos = load.run(Integer.parseInt(arguments[2]), Integer.parseInt(arguments[3]));
    Arrays.sort(nanos);
    Files.writeString(
        Path.of(arguments[4]),
        String.format(
            Locale.ROOT,
            "p50 %.1f ms, p99 %.1f ms",
            nanos[nanos.length / 2] / 1e6,
            nanos[nanos.length * 99 / 100] / 1e6));
  }

  private long[] run(int clients, int requests) {
    long[] nanos = new long[requests];
    AtomicInteger next = new AtomicInteger();
    ExecutorService threads = Executors.newFixedThreadPool(clients);
    try {
      List<CompletableFuture<Void>> all = new ArrayList<>();
      for (int n = 0; n < clients; n++) {
        all.add(
            CompletableFuture.runAsync(
                () -> {
                  for (int i = next.getAndIncrement(); i < requests; i = next.getAndIncrement()) {
                    long start = System.nanoTime();
                    request(i);
                    nanos[i] = System.nanoTime() - start;
                  }
                },
                threads));
      }
      all.forEach(CompletableFuture::join);
    } finally {
      threads.shutdownNow();
    }
    return nanos;
  }

  /** One request in five is bad. */
  private void request(int n) {
    int colour = 0x010203 * (n % 64);
    switch (n % 10) {
      case 0 -> assertThat(explain("method=none", picture()).statusCode()).isEqualTo(400);
      case 5 ->
          assertThat(explain("method=saliency", new byte[] {1, 2}).statusCode()).isEqualTo(422);
      default -> {
        HttpResponse<byte[]> answer =
            explain(
                "method=occlusionsensitivity&format=json", picture(colour, colour, colour, colour));
        assertThat(answer.statusCode()).isEqualTo(200);
        // Class 0 weighs red once, green twice, blue three times.
        assertThat(
                JsonParser.parseString(new String(answer.body(), StandardCharsets.UTF_8))
                    .getAsJsonObject()
                    .getAsJsonArray("outputs")
                    .get(0)
                    .getAsInt())
            .isEqualTo((1 + 2 * 2 + 3 * 3) * (n % 64));
      }
    }
  }

  private HttpResponse<byte[]> explain(String query, byte[] image) {
    try {
      return client.send(
          HttpRequest.newBuilder(URI.create(address + "explain?" + query))
              .header("Authorization", "Bearer " + token)
              .POST(BodyPublishers.ofByteArray(image))
              .build(),
          BodyHandlers.ofByteArray());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}

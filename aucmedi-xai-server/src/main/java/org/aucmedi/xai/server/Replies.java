package org.aucmedi.xai.server;

import com.google.common.io.ByteStreams;
import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.Duration;

/** Sends answers. */
final class Replies {

  private static final Duration WRITE_TIME = Duration.ofMinutes(1);
  private static final Duration DRAIN_TIME = Duration.ofSeconds(2);
  private static final long DRAIN_BYTES = 8_000_000;

  private static final String POLICY =
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:;"
          + " connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

  private final Connections connections;

  Replies(Connections connections) {
    this.connections = connections;
  }

  /**
   * Sends an answer.
   *
   * @param last whether the connection is closed after it
   */
  void send(HttpExchange exchange, Reply reply, boolean last) throws IOException {
    Headers headers = exchange.getResponseHeaders();
    headers.set("Content-Type", reply.type());
    headers.set("Cache-Control", "no-store");
    headers.set("Content-Security-Policy", POLICY);
    headers.set("Cross-Origin-Opener-Policy", "same-origin");
    headers.set("Cross-Origin-Resource-Policy", "same-origin");
    headers.set("Referrer-Policy", "no-referrer");
    headers.set("X-Content-Type-Options", "nosniff");
    headers.set("X-Frame-Options", "DENY");
    reply.headers().forEach(headers::set);
    boolean close = last || reply.status() >= 400;
    if (close) {
      headers.set("Connection", "close");
    }
    connections.allow(WRITE_TIME);
    exchange.sendResponseHeaders(
        reply.status(), reply.body().length == 0 ? -1 : reply.body().length);
    OutputStream out = exchange.getResponseBody();
    if (reply.body().length > 0) {
      out.write(reply.body());
      out.flush();
    }
    if (close) {
      drain(exchange.getRequestBody());
    }
    exchange.close();
  }

  /**
   * Reads some of what a client is still sending: a connection that is closed before loses the
   * answer on its way.
   */
  private void drain(InputStream body) throws IOException {
    connections.allow(DRAIN_TIME);
    long unused = ByteStreams.exhaust(ByteStreams.limit(body, DRAIN_BYTES));
  }
}

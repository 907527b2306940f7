package org.aucmedi.xai.server;

import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Whether the client of a request is still there.
 *
 * <p>The JDK's server does not look at a connection between a request and its answer, and keeps the
 * socket to itself. Linux tells the state of every connection in two tables, which is looked up
 * instead: a client that has closed its side is in state CLOSE_WAIT, and one that has reset the
 * connection is not listed any more. Elsewhere nobody is ever gone.
 */
final class ClientConnection {

  /** The tables of this process's network, for the new and the old kind of addresses. */
  private static final List<Path> TABLES =
      List.of(Path.of("/proc/self/net/tcp6"), Path.of("/proc/self/net/tcp"));

  private static final String ESTABLISHED = "01";
  private static final int STATE_DIGITS = 2;

  /** How a table writes this connection, before its state; empty if it is in no table. */
  private final Set<String> places;

  private ClientConnection(Set<String> places) {
    this.places = places;
  }

  /** The connection of a request that has just come. */
  static ClientConnection of(HttpExchange exchange) {
    return of(exchange.getLocalAddress(), exchange.getRemoteAddress());
  }

  static ClientConnection of(InetSocketAddress server, InetSocketAddress client) {
    ClientConnection connection =
        new ClientConnection(
            Stream.of(false, true)
                .map(mapped -> place(server, mapped) + " " + place(client, mapped) + " ")
                .collect(Collectors.toUnmodifiableSet()));
    // A table that does not have it now tells nothing later.
    return ESTABLISHED.equals(connection.state()) ? connection : new ClientConnection(Set.of());
  }

  /** Returns whether the client has closed the connection; false where that cannot be known. */
  boolean isGone() {
    return !places.isEmpty() && !ESTABLISHED.equals(state());
  }

  /** The state in the tables; null if no table has the connection. */
  private @Nullable String state() {
    return TABLES.stream().map(this::state).filter(Objects::nonNull).findFirst().orElse(null);
  }

  private @Nullable String state(Path table) {
    try (Stream<String> lines = Files.lines(table, StandardCharsets.US_ASCII)) {
      return lines.map(this::stateIn).filter(Objects::nonNull).findFirst().orElse(null);
    } catch (IOException e) {
      return null;
    }
  }

  private @Nullable String stateIn(String line) {
    for (String place : places) {
      int at = line.indexOf(place);
      if (at >= 0) {
        int state = at + place.length();
        return line.substring(state, state + STATE_DIGITS);
      }
    }
    return null;
  }

  /**
   * An address as the tables have it: words of 32 bits in the order of this machine.
   *
   * @param mapped whether an old address is written as a new one
   */
  private static String place(InetSocketAddress address, boolean mapped) {
    InetAddress host = address.getAddress();
    ByteBuffer words = ByteBuffer.wrap(host.getAddress()).order(ByteOrder.nativeOrder());
    StringBuilder text = new StringBuilder();
    if (mapped && words.remaining() == Integer.BYTES) {
      ByteBuffer prefix = ByteBuffer.allocate(3 * Integer.BYTES).order(ByteOrder.nativeOrder());
      prefix.putShort(10, (short) -1);
      append(text, prefix);
    }
    append(text, words);
    return text.append(String.format(Locale.ROOT, ":%04X", address.getPort())).toString();
  }

  private static void append(StringBuilder text, ByteBuffer words) {
    while (words.hasRemaining()) {
      text.append(String.format(Locale.ROOT, "%08X", words.getInt()));
    }
  }
}

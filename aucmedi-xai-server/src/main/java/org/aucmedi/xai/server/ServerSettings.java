package org.aucmedi.xai.server;

import static com.google.common.base.Preconditions.checkArgument;

import java.time.Duration;

/**
 * How a server listens, and what it refuses.
 *
 * @param host the address that it listens on, and that requests may name
 * @param port the port, 0 for one that is free
 * @param maxBody how many bytes a request may have
 * @param maxPixels how many pixels an image may have, checked before it is decoded
 * @param queue how many requests may wait for a model; more are told to come again
 * @param connections how many requests are read or answered at once
 * @param headTime how long the head of a request may take to arrive
 * @param bodyTime how long its body may take
 * @param grace how long a server that stops waits for requests in progress
 */
public record ServerSettings(
    String host,
    int port,
    long maxBody,
    int maxPixels,
    int queue,
    int connections,
    Duration headTime,
    Duration bodyTime,
    Duration grace) {

  /** On this machine only, port 8080, 64 MB, 25 million pixels. */
  public static final ServerSettings DEFAULT =
      new ServerSettings(
          "127.0.0.1",
          8080,
          64_000_000,
          25_000_000,
          32,
          64,
          Duration.ofSeconds(10),
          Duration.ofMinutes(2),
          Duration.ofSeconds(10));

  /**
   * Checks the settings.
   *
   * @throws IllegalArgumentException if one is out of range
   */
  public ServerSettings {
    checkArgument(!host.isBlank(), "a server needs an address to listen on, such as 127.0.0.1");
    checkArgument(port >= 0 && port <= 65_535, "a port lies in 0 to 65535, got %s", port);
    checkArgument(maxBody >= 1, "a request may have 1 byte at least, got %s", maxBody);
    checkArgument(
        maxPixels >= 1 && maxPixels <= 700_000_000,
        "the largest number of pixels lies in 1 to 700000000, got %s",
        maxPixels);
    checkArgument(queue >= 1, "the queue has 1 place at least, got %s", queue);
    checkArgument(connections >= 1, "a server has 1 connection at least, got %s", connections);
  }

  /**
   * {@return these settings with another address}
   *
   * @param otherHost the address
   * @param otherPort the port, 0 for one that is free
   */
  public ServerSettings withAddress(String otherHost, int otherPort) {
    return new ServerSettings(
        otherHost, otherPort, maxBody, maxPixels, queue, connections, headTime, bodyTime, grace);
  }

  /**
   * {@return these settings with other limits}
   *
   * @param bytes how many bytes a request may have
   * @param pixels how many pixels an image may have
   */
  public ServerSettings withLimits(long bytes, int pixels) {
    return new ServerSettings(
        host, port, bytes, pixels, queue, connections, headTime, bodyTime, grace);
  }

  /**
   * {@return these settings with another room}
   *
   * @param waiting how many requests may wait for a model
   * @param atOnce how many requests are read or answered at once
   */
  public ServerSettings withRoom(int waiting, int atOnce) {
    return new ServerSettings(
        host, port, maxBody, maxPixels, waiting, atOnce, headTime, bodyTime, grace);
  }

  /**
   * {@return these settings with other times}
   *
   * @param head how long the head of a request may take to arrive
   * @param body how long its body may take
   * @param end how long a server that stops waits for requests in progress
   */
  public ServerSettings withTimes(Duration head, Duration body, Duration end) {
    return new ServerSettings(host, port, maxBody, maxPixels, queue, connections, head, body, end);
  }
}

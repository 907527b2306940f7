package org.aucmedi.xai.server;

import static java.util.concurrent.TimeUnit.MILLISECONDS;
import static java.util.concurrent.TimeUnit.SECONDS;

import java.util.concurrent.CancellationException;

/**
 * A request that is waiting for a model or has one.
 *
 * <p>The JDK's server does not tell when a client goes away: it looks at a connection again only
 * after the answer. Where the system tells it, the job ends. Anywhere, whoever gave a job a name
 * says so: by cancelling it, or, if it has asked for the job's progress, by asking no more.
 */
final class Job {

  /** How long a client that watches may be silent; browsers let hidden pages ask once a minute. */
  private static final long SILENCE = SECONDS.toNanos(90);

  /** How often the connection is looked at. */
  private static final long LOOK = MILLISECONDS.toNanos(500);

  private final ClientConnection client;
  private volatile long looked = System.nanoTime();
  private volatile boolean cancelled;
  private volatile boolean running;
  private volatile double done;

  /** When the client asked last; 0 if it never did. */
  private volatile long asked;

  Job(ClientConnection client) {
    this.client = client;
  }

  void cancel() {
    cancelled = true;
  }

  void start() {
    running = true;
  }

  boolean isRunning() {
    return running;
  }

  void progress(double share) {
    done = share;
  }

  /** How much of the work is done, from 0 to 1. */
  double done() {
    return done;
  }

  /** Notes that the client is there. */
  void ask() {
    asked = System.nanoTime() | 1;
  }

  /**
   * Ends the work of a client that is gone.
   *
   * @throws CancellationException if it has cancelled, closed the connection, or watched and
   *     stopped
   */
  void check() {
    if (cancelled) {
      throw new CancellationException("the request was cancelled");
    }
    long last = asked;
    if (last != 0 && System.nanoTime() - last > SILENCE) {
      throw new CancellationException("the client that watched the request is gone");
    }
    long now = System.nanoTime();
    if (now - looked > LOOK) {
      looked = now;
      if (client.isGone()) {
        throw new CancellationException("the client of the request is gone");
      }
    }
  }
}

package org.aucmedi.xai.decoder;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Lets threads of a test wait for each other, but not for ever. */
final class Latches {

  private static final int SECONDS = 10;

  private Latches() {}

  /** Waits, and says whether what was waited for has come. */
  static boolean await(CountDownLatch latch) {
    try {
      return latch.await(SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  static void pause(long millis) {
    try {
      Thread.sleep(millis);
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}

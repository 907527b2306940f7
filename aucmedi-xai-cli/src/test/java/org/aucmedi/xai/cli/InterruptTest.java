package org.aucmedi.xai.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
final class InterruptTest {

  private static final Duration LONG = Duration.ofSeconds(50);
  private static final Duration SHORT = Duration.ofMillis(10);

  private final CountDownLatch late = new CountDownLatch(1);

  @Test
  void hook_runThatEndsInTime_endsItsRecordItself() throws InterruptedException {
    Interrupt interrupt = new Interrupt(LONG, LONG, late::countDown);
    interrupt.hook().start();

    interrupt.close();

    interrupt.hook().join();
    assertThat(late.getCount()).isEqualTo(1);
  }

  @Test
  void hook_passThatTakesLong_isWaitedForAfterTheRecordHasEnded() throws InterruptedException {
    Interrupt interrupt = new Interrupt(SHORT, LONG, late::countDown);
    interrupt.hook().start();
    assertThat(late.await(50, TimeUnit.SECONDS)).isTrue();
    interrupt.hook().join(200);
    assertThat(interrupt.hook().isAlive()).isTrue();

    interrupt.close();

    interrupt.hook().join();
  }

  @Test
  void hook_passThatNeverEnds_isNotWaitedForAnyLonger() throws InterruptedException {
    Interrupt interrupt = new Interrupt(SHORT, SHORT, late::countDown);
    interrupt.hook().start();

    interrupt.hook().join();

    assertThat(late.getCount()).isZero();
    assertThat(interrupt.requested()).isTrue();
  }
}

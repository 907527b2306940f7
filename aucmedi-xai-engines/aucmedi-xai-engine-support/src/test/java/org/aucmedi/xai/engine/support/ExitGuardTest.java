package org.aucmedi.xai.engine.support;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class ExitGuardTest {

  private static final Duration LONG = Duration.ofSeconds(50);

  private final ExitGuard guard = new ExitGuard();
  private final CountDownLatch began = new CountDownLatch(1);
  private final CountDownLatch goOn = new CountDownLatch(1);

  @Test
  void end_waitsForThePassThatRuns() throws Exception {
    CompletableFuture<String> pass =
        CompletableFuture.supplyAsync(() -> guard.during(this::untilToldToGoOn));
    began.await();
    CompletableFuture<Boolean> end = CompletableFuture.supplyAsync(() -> guard.end(LONG));
    assertThatThrownBy(() -> end.get(100, TimeUnit.MILLISECONDS))
        .isInstanceOf(TimeoutException.class);

    goOn.countDown();

    assertThat(end.get()).isTrue();
    assertThat(pass.get()).isEqualTo("done");
  }

  @Test
  void end_whenThePassTakesTooLong_waitsNoLonger() throws Exception {
    CompletableFuture<String> pass =
        CompletableFuture.supplyAsync(() -> guard.during(this::untilToldToGoOn));
    began.await();

    boolean over = guard.end(Duration.ofMillis(10));

    goOn.countDown();
    assertThat(over).isFalse();
    assertThat(pass.get()).isEqualTo("done");
  }

  @Test
  void during_afterTheEnd_isCancelled() {
    assertThat(guard.during(() -> guard.during(() -> "one in another"))).isNotEmpty();

    assertThat(guard.end(LONG)).isTrue();

    assertThatThrownBy(() -> guard.during(() -> "late"))
        .isInstanceOf(CancellationException.class)
        .hasMessage("the process is ending");
  }

  private String untilToldToGoOn() {
    began.countDown();
    try {
      goOn.await();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
    return "done";
  }
}

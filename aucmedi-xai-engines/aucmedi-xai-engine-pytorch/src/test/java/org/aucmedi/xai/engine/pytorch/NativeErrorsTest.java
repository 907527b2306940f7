package org.aucmedi.xai.engine.pytorch;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class NativeErrorsTest {

  @Test
  void firstLine_traceback_isItsReason() {
    String traceback =
        """
        The following operation failed in the TorchScript interpreter.
        Traceback of TorchScript (most recent call last):
          File "code/__torch__.py", line 7, in forward
        RuntimeError: expected 3 channels
        Exception raised from check at conv.cpp:12 (most recent call first):
        frame #0: c10::Error::Error
        """;
    assertThat(NativeErrors.firstLine(new IllegalStateException(traceback)))
        .isEqualTo("expected 3 channels");
  }

  @Test
  void firstLine_plainMessage_isItsFirstLine() {
    assertThat(NativeErrors.firstLine(new IllegalStateException(" one \ntwo"))).isEqualTo("one");
  }

  @Test
  void firstLine_blankLinesAndColon_areLeftOut() {
    assertThat(NativeErrors.firstLine(new IllegalStateException("\nUnknown op a::b:\n  at c")))
        .isEqualTo("Unknown op a::b");
  }

  @Test
  void firstLine_noMessage_doesNotFail() {
    assertThat(NativeErrors.firstLine(new IllegalStateException())).isEqualTo("null");
    assertThat(NativeErrors.firstLine(new IllegalStateException(""))).isEmpty();
  }
}

package org.aucmedi.xai.engine.support;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class NativeMessagesTest {

  @Test
  void text_failureThatSaysNothing_saysSo() {
    assertThat(NativeMessages.text(new IllegalStateException("one\ntwo"))).isEqualTo("one\ntwo");
    assertThat(NativeMessages.text(new IllegalStateException())).isEqualTo("no reason given");
    assertThat(NativeMessages.text(new IllegalStateException(" \n"))).isEqualTo("no reason given");
  }

  @Test
  void firstLine_emptyLinesAndBareMarks_areLeftOut() {
    assertThat(NativeMessages.firstLine("\n . \n  Input data should be 4D.\nStack trace:"))
        .isEqualTo("Input data should be 4D");
    assertThat(NativeMessages.firstLine("\n.\n")).isEqualTo("no reason given");
  }

  @Test
  void clause_endOfASentence_isLeftToTheSentenceAround() {
    assertThat(NativeMessages.clause(" Unknown op a::b: ")).isEqualTo("Unknown op a::b");
    assertThat(NativeMessages.clause("done ...")).isEqualTo("done");
    assertThat(NativeMessages.clause("version 1.2")).isEqualTo("version 1.2");
  }
}

package org.aucmedi.xai.engine.mxnet;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.engine.EngineException;
import org.junit.jupiter.api.Test;

final class MxErrorsTest {

  @Test
  void reason_ofMxnet_isTheFirstLineWithoutSourceLines() {
    assertThat(
            MxErrors.reason(
                new EngineException(
                    "MXNet engine call failed: MXNetError: Error in operator conv: [11:19:26]"
                        + " ../src/operator/nn/convolution.cc:152: Check failed: dshp.ndim() == 4U"
                        + " (2 vs. 4) : Input data should be 4D\nStack trace:\n  [bt] (0) ...")))
        .isEqualTo(
            "Error in operator conv: Check failed: dshp.ndim() == 4U (2 vs. 4) : Input data should"
                + " be 4D");
  }

  @Test
  void reason_ofTheJsonReader_isWithoutItsClassAndLink() {
    assertThat(
            MxErrors.reason(
                new IllegalStateException(
                    "com.google.gson.stream.MalformedJsonException: Unterminated string at line 1\n"
                        + "See https://example.org")))
        .isEqualTo("Unterminated string at line 1");
  }

  @Test
  void reason_sentence_leavesItsFullStopToTheMessageAround() {
    assertThat(MxErrors.reason(new EngineException("MXNetError: no gradient attribute.")))
        .isEqualTo("no gradient attribute");
  }

  @Test
  void reason_withoutMessage_isStillText() {
    assertThat(MxErrors.reason(new EngineException((String) null))).isEqualTo("no reason given");
  }
}

package org.aucmedi.xai.engine.pytorch;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Libtorch's own words, and what they are answered with. */
final class RemediesTest {

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "Could not run 'aten::empty.memory_format' with arguments from the 'CUDA' backend."
            + "| model.cpu()",
        "Cannot initialize CUDA without ATen_cuda library.| model.cpu()",
        "derivative for aten::_native_multi_head_attention is not implemented"
            + "| set_fastpath_enabled(False)",
        "derivative for aten::_transformer_encoder_layer_fwd is not implemented"
            + "| set_fastpath_enabled(False)",
        "expected scalar type Float but found Half| model.float()"
      })
  void forModel_knownCause_givesItsRemedy(String reason, String remedy) {
    assertThat(Remedies.forModel(reason)).contains(remedy);
  }

  @Test
  void forModel_anythingElse_givesNone() {
    assertThat(Remedies.forModel("mat1 and mat2 shapes cannot be multiplied (2x8 and 4x3)"))
        .isNull();
  }
}

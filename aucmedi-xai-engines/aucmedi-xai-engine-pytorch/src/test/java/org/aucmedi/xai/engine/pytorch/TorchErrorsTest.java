package org.aucmedi.xai.engine.pytorch;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.engine.EngineException;
import java.nio.file.AccessDeniedException;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class TorchErrorsTest {

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
    assertThat(TorchErrors.firstLine(new IllegalStateException(traceback)))
        .isEqualTo("expected 3 channels");
  }

  @Test
  void firstLine_plainMessage_isItsFirstLine() {
    assertThat(TorchErrors.firstLine(new IllegalStateException(" one \ntwo"))).isEqualTo("one");
  }

  @Test
  void firstLine_blankLinesAndColon_areLeftOut() {
    assertThat(TorchErrors.firstLine(new IllegalStateException("\nUnknown op a::b:\n  at c")))
        .isEqualTo("Unknown op a::b");
  }

  @Test
  void firstLine_callWithMissingArgument_isWhatIsMissing() {
    String message =
        "\nforward(Net self, Tensor x, Tensor y) -> Tensor:\nArgument y not provided.\n";
    assertThat(TorchErrors.firstLine(new IllegalStateException(message)))
        .isEqualTo("Argument y not provided");
  }

  @Test
  void whyNotLoaded_reasons_getTheirRemedies() {
    Map<Exception, String> remedies =
        Map.of(
            new EngineException("Unknown builtin op: torchvision::nms.\nCould not find"),
            "Unknown builtin op: torchvision::nms; replace this operation in the Python code, since"
                + " libtorch itself lacks it",
            new EngineException("version 11, but the maximum supported version for reading is 10."),
            "version 11, but the maximum supported version for reading is 10; save it with an"
                + " older PyTorch",
            new EngineException("odd\nC++"),
            "odd; save the model again with torch.jit.script or torch.jit.trace",
            new AccessDeniedException("a.pt"),
            "it cannot be read: access is denied; check that it exists and is readable",
            ModelFileException.damaged("its end is missing"),
            "its end is missing; the file is damaged, copy or download it again");
    remedies.forEach(
        (failure, sentence) -> assertThat(TorchErrors.whyNotLoaded(failure)).isEqualTo(sentence));
  }

  @Test
  void firstLine_noMessage_doesNotFail() {
    assertThat(TorchErrors.firstLine(new IllegalStateException())).isEqualTo("no reason given");
    assertThat(TorchErrors.firstLine(new IllegalStateException(""))).isEqualTo("no reason given");
  }
}

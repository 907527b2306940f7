package org.aucmedi.xai.engine.pytorch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import java.io.IOException;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class CodeRewriterTest {

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "y = torch.relu(x)                       | y = (T).relu(x, )",
        "y = torch.relu_(torch.relu(x))          | y = (T).relu_((T).relu(x, ), )",
        "y = torch.relu6(x)                      | y = (T).clipped(x, 6., )",
        "y = torch.hardtanh_(x, 0., 6.)          | y = (T).hardtanh_(x, float(0.), float(6.), )",
        "y = torch.hardtanh(x, low, high)        | y = (T).hardtanh(x, float(low), float(high), )",
        "y = torch.hardtanh(x)                   | y = torch.hardtanh(x)",
        "y = torch.clamp(x, 0, 4)                | y = (T).clipped(x, float(4), )",
        "y = torch.clamp(x, 0.)                  | y = (T).relu(x, )",
        "y = torch.clamp(x, 0, None)             | y = (T).relu(x, )",
        "y = torch.clamp_min_(x, 0)              | y = (T).relu_(x, )",
        "y = torch.clamp(x, -1, 4)               | y = torch.clamp(x, -1, 4)",
        "y = torch.clamp(x, None, 4)             | y = torch.clamp(x, None, 4)",
        "y = torch.clamp_min(x, 1)               | y = torch.clamp_min(x, 1)",
        "y = mytorch.relu(x)                     | y = mytorch.relu(x)",
        "y = torch.leaky_relu(x, 0.1)            | y = torch.leaky_relu(x, 0.1)",
        "y = \"torch.relu(x) \\\" torch.relu(\"  | y = \"torch.relu(x) \\\" torch.relu(\"",
        "y = torch.relu(f(x, \")(\", [1, 2]))    | y = (T).relu(f(x, \")(\", [1, 2]), )",
        "y = __torch__.f(x, )                    | y = __torch__.f__taped(T, x, )",
        "y = __torch__.g(x, )                    | y = __torch__.g(x, )"
      })
  void calls_ofRectifiersOnly_goToTheTape(String statement, String rewritten) {
    CallRewriter rewriter = new CallRewriter("T", Set.of("__torch__.f"), "__taped");

    assertThat(rewriter.rewrite(statement)).isEqualTo(rewritten);
  }

  @Test
  void calls_throughAVariable_areFollowed() {
    String body = "    _0 = __torch__.f\n    _1 = __torch__.g\n    y = _0(_1(x, ), )\n";

    assertThat(new CallRewriter("T", Set.of("__torch__.f"), "__taped").rewrite(body))
        .isEqualTo("    _0 = __torch__.f__taped\n    _1 = __torch__.g\n    y = _0(T, _1(x, ), )\n");
  }

  @Test
  void rewrite_functionsThatReachARectifier_getTwins() throws IOException {
    String functions =
        """
        def inner(x: Tensor) -> Tensor:
          return torch.relu(x)
        def outer(x: Tensor,
            y: Tensor) -> Tensor:
          return __torch__.a.inner(torch.add(x, y), )
        def other(x: Tensor) -> Tensor:
          return torch.neg(x)
        """;
    String rewritten = rewrite("Tensor", functions).get("code/__torch__/a.py");

    assertThat(rewritten)
        .contains(functions.substring(0, functions.indexOf("def outer")))
        .contains("def inner__taped(aucmedi_tape: __torch__.aucmedi_xai.Tape,\n    x: Tensor)")
        .contains("  return (aucmedi_tape).relu(x, )")
        .contains("  return __torch__.a.inner__taped(aucmedi_tape, torch.add(x, y), )")
        .doesNotContain("other__taped");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "Tensor                 | (tape).finish(y, )",
        "Tuple[Tensor, int]     | (tape).finish(y[0], )",
        "List[Tensor]           | (tape).finish(y[0], )",
        "Dict[str, Tensor]      | (tape).finish(torch.values(y)[0], )"
      })
  void rewrite_rootThatReturnsATensor_isProbed(String type, String call) throws IOException {
    assertThat(rewrite(type, "").get("code/__torch__.py")).contains(call);
  }

  @Test
  void rewrite_rootThatReturnsSomethingElse_saysWhat() {
    assertThatIOException()
        .isThrownBy(() -> rewrite("Optional[Tensor]", ""))
        .withMessageContaining("its forward returns Optional[Tensor]");
  }

  /** As for quantized weights: its pickled state is no dictionary, so it can hold no tape. */
  @Test
  void rewrite_moduleThatRestoresItself_isLeftAlone() throws IOException {
    String packed =
        """
        class Packed(Module):
          training : bool
          def __setstate__(self: __torch__.a.Packed,
            state: Tuple[Tensor, bool]) -> NoneType:
            self.training = (state)[1]
            return None
          def forward(self: __torch__.a.Packed,
            x: Tensor) -> Tensor:
            return torch.neg(x)
        """;

    assertThat(rewrite("Tensor", packed)).containsEntry("code/__torch__/a.py", packed);
    assertThat(CodeRewriter.moduleClasses(Map.of("code/__torch__/a.py", packed))).isEmpty();
  }

  @Test
  void calls_stringOfAMegabyte_isPassedOver() {
    String body = "    y = f(\"" + "\\\"x".repeat(400_000) + "\", torch.relu(x))\n";

    assertThat(new CallRewriter("T", Set.of(), "__taped").rewrite(body))
        .isEqualTo(body.replace("torch.relu(x)", "(T).relu(x, )"));
  }

  private static Map<String, String> rewrite(String type, String functions) throws IOException {
    String root =
        """
        class Net(Module):
          __parameters__ = []
          __buffers__ = []
          training : bool
          def forward(self: __torch__.Net,
            x: Tensor) -> TYPE:
            return x
        """
            .replace("TYPE", type);
    return CodeRewriter.rewrite(
        Map.of("code/__torch__.py", root, "code/__torch__/a.py", functions), "__torch__.Net");
  }
}

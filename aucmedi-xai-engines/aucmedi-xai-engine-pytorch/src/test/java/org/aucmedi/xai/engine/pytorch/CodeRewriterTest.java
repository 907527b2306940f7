package org.aucmedi.xai.engine.pytorch;

import static org.assertj.core.api.Assertions.assertThat;

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
        "y = torch.conv2d(torch.relu(x), w)      | y = (T).gathered(torch.conv2d((T).relu(x, ), w), )",
        "y = torch._convolution(x, w, None)      | y = (T).gathered(torch._convolution(x, w, None), )",
        "y = torch.conv_transpose3d(x, w)        | y = (T).gathered(torch.conv_transpose3d(x, w), )",
        "y = torch.max_pool2d(x, 3)              | y = (T).gathered(torch.max_pool2d(x, 3), )",
        "y = torch.adaptive_avg_pool2d(x, 1)     | y = (T).gathered(torch.adaptive_avg_pool2d(x, 1), )",
        "y = torch.max_pool2d_with_indices(x, 3) | y = torch.max_pool2d_with_indices(x, 3)",
        "y = torch.conv_tbc(x, w, b)             | y = torch.conv_tbc(x, w, b)",
        "y = mytorch.relu(x)                     | y = mytorch.relu(x)",
        "y = torch.leaky_relu(x, 0.1)            | y = torch.leaky_relu(x, 0.1)",
        "y = \"torch.relu(x) \\\" torch.relu(\"  | y = \"torch.relu(x) \\\" torch.relu(\"",
        "y = torch.relu(f(x, \")(\", [1, 2]))    | y = (T).relu(f(x, \")(\", [1, 2]), )",
        "y = __torch__.f(x, )                    | y = __torch__.f__taped(T, x, )",
        "y = __torch__.g(x, )                    | y = __torch__.g(x, )"
      })
  void calls_ofRelusConvolutionsAndPoolingsOnly_goToTheTape(String statement, String rewritten) {
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
  void rewrite_functionsThatReachARelu_getTwins() throws IOException {
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

  @Test
  void rewrite_root_handsEveryTensorToTheTapeWithItsName() throws IOException {
    String types =
        """
        class Out(NamedTuple):
          logits : Tensor
          aux : Optional[Tensor]
        """;
    String type = "Tuple[__torch__.a.Out, int, Dict[str, List[Tensor]]]";

    assertThat(rewrite(type, types).get("code/__torch__.py"))
        .contains(
            """
                aucmedi_0 = (y)[0]
                aucmedi_1 = (aucmedi_0)[0]
                _ = (tape).output(aucmedi_1, "logits", )
                aucmedi_2 = (aucmedi_0)[1]
                if torch.__isnot__(aucmedi_2, None):
                  aucmedi_3 = unchecked_cast(Tensor, aucmedi_2)
                  _ = (tape).output(aucmedi_3, "aux", )
                  pass
                else:
                  pass
                aucmedi_4 = (y)[1]
                aucmedi_5 = (y)[2]
                aucmedi_6 = torch.list(torch.keys(aucmedi_5))
                for aucmedi_7 in range(torch.len(aucmedi_6)):
                  aucmedi_8 = aucmedi_6[aucmedi_7]
                  aucmedi_9 = aucmedi_5[aucmedi_8]
                  aucmedi_10 = torch.format("{}", aucmedi_8)
                  for aucmedi_11 in range(torch.len(aucmedi_9)):
                    aucmedi_12 = aucmedi_9[aucmedi_11]
                    aucmedi_13 = torch.format("{}", aucmedi_11)
                    _ = (tape).output(aucmedi_12, torch.format("{}.{}", aucmedi_10, aucmedi_13), )
                    pass
                  pass
                return tape.outputs
            """);
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
    Map<String, String> files = Map.of("code/__torch__.py", root, "code/__torch__/a.py", functions);
    return CodeRewriter.rewrite(
        files, ModuleCode.of(files, "__torch__.Net"), CodeRewriter.Style.PROBE);
  }
}

package org.aucmedi.xai.engine.pytorch;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.aucmedi.xai.model.OutputActivation;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Code as PyTorch 2 writes it. */
final class LastOperationTest {

  private static final String FUNCTIONAL =
      """
      def softmax(input: Tensor,
          dim: Optional[int]=None,
          _stacklevel: int=3,
          dtype: Optional[int]=None) -> Tensor:
        _0 = __torch__.torch.nn.functional._get_softmax_dim
        if torch.__is__(dim, None):
          dim1 = _0("softmax", torch.dim(input), _stacklevel, )
          dim0 = dim1
        else:
          dim0 = unchecked_cast(int, dim)
        if torch.__is__(dtype, None):
          ret = torch.softmax(input, dim0)
        else:
          dtype0 = unchecked_cast(int, dtype)
          ret = torch.softmax(input, dim0, dtype0)
        return ret
      def _get_softmax_dim(name: str,
          ndim: int,
          stacklevel: int) -> int:
        if torch.eq(ndim, 0):
          ret = 0
        else:
          ret = 1
        return ret
      def dropout(input: Tensor,
          p: float=0.5,
          training: bool=True,
          inplace: bool=False) -> Tensor:
        if torch.lt(p, 0.):
          ops.prim.RaiseException("probability", "builtins.ValueError")
        else:
          pass
        if inplace:
          _4 = torch.dropout_(input, p, training)
        else:
          _4 = torch.dropout(input, p, training)
        return _4
      """;

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "return torch.softmax(torch.relu(x), 1)                                     | softmax",
        "return torch.softmax(x, 0)                                                    | unknown",
        "return torch.squeeze(torch.sigmoid(x), 1)                                     | sigmoid",
        "return torch.to(torch.view(torch.log_softmax(x, -1), [2, -1]), 6)             | log-softmax",
        "return torch.log(torch.softmax(x, 1))                                         | log-softmax",
        "return torch.linear(torch.mul(x, torch.sigmoid(x)), self.weight)              | none",
        "return torch.mul(x, torch.sigmoid(x))                                         | unknown",
        "return torch.cat([torch.rsub(torch.sigmoid(x), 1), torch.sigmoid(x)], 1)      | unknown",
        "return torch.mul(torch.linear(x, self.weight), CONSTANTS.c0)                  | none",
        "return x                                                                      | none",
        "return ops.custom.heads(x)                                                    | none",
        "return (something(x))                                                         | unknown"
      })
  void of_oneStatement_isItsLastOperation(String statement, String expected) {
    assertThat(of("Tensor", "    " + statement, null)).hasToString(expected);
  }

  @Test
  void of_functionsAndModules_areFollowed() {
    String called =
        """
            _0 = __torch__.torch.nn.functional.softmax
            _1 = __torch__.torch.nn.functional.dropout
            fc = self.fc
            training = self.training
            y = _0((fc).forward(x, ), 1, 5, None, )
            return _1(y, 0.5, training, False, )
        """;
    String sequence =
        """
            _0 = getattr(self, "0")
            _1 = getattr(self, "1")
            return (_1).forward((_0).forward(x, ), )
        """;

    assertThat(of("Tensor", called, null)).isEqualTo(OutputActivation.SOFTMAX);
    assertThat(of("Tensor", sequence, null)).isEqualTo(OutputActivation.SIGMOID);
  }

  @Test
  void of_branches_takeThatOfEvaluationOrAgree() {
    String branch =
        """
            training = self.training
            if training:
              z = x
            else:
              z = torch.softmax(x, 1)
            return z
        """;
    String open = branch.replace("self.training", "torch.gt(torch.len(x), 1)");

    assertThat(of("Tensor", branch, null)).isEqualTo(OutputActivation.SOFTMAX);
    assertThat(of("Tensor", open, null)).isEqualTo(OutputActivation.UNKNOWN);
    assertThat(of("Tensor", open.replace("z = x", "z = torch.softmax(x, -1)"), null))
        .isEqualTo(OutputActivation.SOFTMAX);
  }

  @Test
  void of_inPlaceAndLoops_areSeen() {
    String inPlace = "    y = torch.neg(x)\n    _0 = torch.sigmoid_(y)\n    return y\n";
    String loop =
        """
            y = torch.softmax(x, 1)
            for i in range(3):
              y = torch.add(y, x)
            return y
        """;

    assertThat(of("Tensor", inPlace, null)).isEqualTo(OutputActivation.SIGMOID);
    assertThat(of("Tensor", loop, null)).isEqualTo(OutputActivation.UNKNOWN);
  }

  @ParameterizedTest
  @CsvSource({"logits, none", "probs, softmax", "0, none", "1, softmax", ", unknown", "x, unknown"})
  void of_severalOutputs_isThatOfTheChosenOne(@Nullable String output, String expected) {
    String dictionary =
        """
            fc = self.fc
            y = (fc).forward(x, )
            _0 = {"logits": y, "probs": torch.softmax(y, 1)}
            return _0
        """;
    String named = "    return __torch__.Out(x, None, 5, torch.softmax(x, 1))\n";

    assertThat(of("Dict[str, Tensor]", dictionary, output)).hasToString(expected);
    assertThat(of("__torch__.Out", named, output)).hasToString(expected);
  }

  private static OutputActivation of(String type, String forward, @Nullable String output) {
    String net =
        """
        class Net(Module):
          __parameters__ = ["weight", ]
          training : bool
          weight : Tensor
          fc : __torch__.Linear
          __annotations__["0"] = __torch__.Linear
          __annotations__["1"] = __torch__.Sigmoid
          def forward(self: __torch__.Net,
            x: Tensor) -> TYPE:
        BODY
        class Linear(Module):
          def forward(self: __torch__.Linear,
            input: Tensor) -> Tensor:
            return torch.linear(input, CONSTANTS.c0, CONSTANTS.c1)
        class Sigmoid(Module):
          def forward(self: __torch__.Sigmoid,
            input: Tensor) -> Tensor:
            return torch.sigmoid(input)
        class Out(NamedTuple):
          logits : Tensor
          aux : Optional[Tensor]
          count : int
          probs : Tensor
        """
            .replace("TYPE", type)
            .replace("BODY", forward.stripTrailing());
    Map<String, String> files =
        Map.of("code/__torch__.py", net, "code/__torch__/torch/nn/functional.py", FUNCTIONAL);
    return LastOperation.of(ModuleCode.of(files, "__torch__.Net"), output);
  }
}

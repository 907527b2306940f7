package org.aucmedi.xai.engine.pytorch;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.aucmedi.xai.model.LayerKind;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class LayerKindsTest {

  private static final String FUNCTIONS =
      """
      def relu(input: Tensor,
          inplace: bool=False) -> Tensor:
        if inplace:
          result = torch.relu_(input)
        else:
          result = torch.relu(input)
        return result
      def norm(input: Tensor) -> Tensor:
        _0 = __torch__.f.check
        _1 = _0(torch.size(input), )
        return torch.group_norm(input, 2)
      def check(size: List[int]) -> NoneType:
        return None
      def again(x: Tensor) -> Tensor:
        return __torch__.f.again(x, )
      """;

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "return torch._convolution(torch.pad(x, [1, 1]), self.weight)           | CONV",
        "return torch.conv_transpose3d(x, self.weight)                          | CONV",
        "return ops.quantized.conv2d_relu(x, self.packed)                       | CONV",
        "return torch.conv2d(x, __torch__.f.norm(self.weight, ))                | CONV",
        "return torch.conv2d(torch.conv2d(x, self.a), self.b)                   | OTHER",
        "return torch.relu(torch.conv2d(x, self.weight))                        | OTHER",
        "return __torch__.f.relu(x, True, )                                     | ACTIVATION",
        "return torch.mul(x, torch.sigmoid(x))                                  | ACTIVATION",
        "return torch.matmul(torch.softmax(x, -1), self.values)                 | OTHER",
        "return torch.permute(torch.layer_norm(torch.permute(x, [0, 2])), [1])  | NORM",
        "return __torch__.f.norm(x, )                                           | NORM",
        "return torch.adaptive_avg_pool2d(x, [1, 1])                            | POOL",
        "return torch.max_pool3d(torch.pad(x, [1, 1]), [2, 2])                  | POOL",
        "return torch.pow(torch.avg_pool2d(torch.pow(x, 3)), 0.3)               | OTHER",
        "return torch.linear(x, self.weight)                                    | DENSE",
        "return torch.addmm(self.bias, x, torch.t(self.weight))                 | DENSE",
        "return (self.conv).forward(x, )                                        | OTHER",
        "return (conv).forward1(torch.relu(x), )                                | OTHER",
        "return torch.add(x, \"torch.relu(\")                                   | OTHER",
        "return __torch__.f.again(x, )                                          | OTHER",
        "return x                                                               | OTHER"
      })
  void of_forward_isWhatItComputes(String body, LayerKind kind) {
    assertThat(kind("    " + body + "\n")).isEqualTo(kind);
  }

  @Test
  void of_branchesAndLoops_countWhatRuns() {
    String branches =
        """
            if self.same:
              y = torch.conv2d(torch.pad(x, [1, 1]), self.weight)
            else:
              y = torch.conv2d(x, self.weight)
            return y
        """;
    assertThat(kind(branches)).isEqualTo(LayerKind.CONV);
    String loop = "    for i in range(3):\n      x = torch.conv2d(x, self.weight)\n    return x\n";
    assertThat(kind(loop)).isEqualTo(LayerKind.OTHER);
    String twice = branches.replace("return y", "return torch.conv2d(y, self.weight)");
    assertThat(kind(twice)).isEqualTo(LayerKind.OTHER);
  }

  @Test
  void of_ownMethods_areFollowed() {
    String body =
        """
            return (self)._conv_forward(x, )
          def _conv_forward(self: __torch__.Odd,
            x: Tensor) -> Tensor:
            return torch.conv2d(x, self.weight)
        """;
    assertThat(kind(body)).isEqualTo(LayerKind.CONV);
  }

  @ParameterizedTest
  @CsvSource({
    "normalization.LocalResponseNorm, NORM",
    "activation.___torch_mangle_3.Softsign, ACTIVATION",
    "activation.MultiheadAttention, OTHER",
    "linear.Identity, OTHER",
    "container.Sequential, OTHER"
  })
  void of_layersThatPyTorchComposes_goByItsName(String name, LayerKind kind) {
    assertThat(LayerKinds.of(Map.of()).of("__torch__.torch.nn.modules." + name)).isEqualTo(kind);
  }

  private static LayerKind kind(String body) {
    String code =
        """
        class Odd(Module):
          training : bool
          def forward(self: __torch__.Odd,
            x: Tensor) -> Tensor:
        """
            + body;
    return LayerKinds.of(Map.of("code/__torch__.py", code, "code/__torch__/f.py", FUNCTIONS))
        .of("__torch__.Odd");
  }
}

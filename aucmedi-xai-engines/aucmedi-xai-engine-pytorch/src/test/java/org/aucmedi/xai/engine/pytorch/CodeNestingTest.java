package org.aucmedi.xai.engine.pytorch;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

final class CodeNestingTest {

  /** A first line is one block; an assignment is one operator. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "return x                    | 1",
        "return ((x))                | 3",
        "y = f([1, 2], [3, 4])       | 4",
        "y = (x), (x), (x), (x)      | 3",
        "y = a.b.c.d                 | 5",
        "y = f(1)(2)(3)              | 5",
        "y = not not x               | 4",
        "y = - - x                   | 4",
        "y = \"(((\" # (((           | 2",
        "y = \"\\\"(((\"             | 2",
        "y = '''((('                 | 2"
      })
  void levels_brackets_operators_strings(String code, int levels) {
    assertThat(CodeNesting.levels(code)).isEqualTo(levels);
  }

  @Test
  void levels_blocks_endWhereTheIndentationDoes() {
    assertThat(CodeNesting.levels("if x:\n  if y:\n\n# remark\n    pass\nif z:\n  pass\n"))
        .isEqualTo(4);
    assertThat(CodeNesting.levels("if x:\n  pass\nelif y:\n  pass\nelif z:\n  pass\npass\n"))
        .isEqualTo(4);
    assertThat(CodeNesting.levels("def f(x,\n    y):\n  pass\n".repeat(99))).isEqualTo(3);
  }

  static Stream<String> bombs() {
    int n = 20_000;
    StringBuilder blocks = new StringBuilder();
    for (int i = 0; i < 1000; i++) {
      blocks.append(" ".repeat(i)).append("if x:\n");
    }
    return Stream.of(
        "return " + "(".repeat(n) + "x" + ")".repeat(n),
        "return " + "torch.neg(".repeat(n) + "x" + ", )".repeat(n),
        "y = " + "[".repeat(n),
        "y = " + "-".repeat(n) + "x",
        "y = x" + "+x".repeat(n),
        "y = x" + ".T".repeat(n),
        "y = x" + "[0]".repeat(n),
        "y = " + "not ".repeat(n) + "x",
        "if x:\n  pass\n" + "elif x:\n  pass\n".repeat(n),
        blocks.toString());
  }

  @ParameterizedTest
  @MethodSource("bombs")
  void isTooDeep_whatBringsTheParserDown_isFound(String code) {
    assertThat(CodeNesting.isTooDeep(code)).isTrue();
  }

  @Test
  void isTooDeep_longButFlat_isFine() {
    assertThat(CodeNesting.isTooDeep("y = [" + "-1.5, ".repeat(20_000) + "]\n")).isFalse();
    assertThat(CodeNesting.isTooDeep("y = torch.add(x, 1)\n".repeat(20_000))).isFalse();
  }
}

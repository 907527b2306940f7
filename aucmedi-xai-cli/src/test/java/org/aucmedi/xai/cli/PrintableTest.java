package org.aucmedi.xai.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class PrintableTest {

  @Test
  void of_controlCharacters_areEscaped() {
    assertThat(Printable.of("a\nb\r\n\tc")).isEqualTo("a\\nb\\r\\n\\tc");
    assertThat(Printable.of("\u001b[31mred\u001b[0m")).isEqualTo("\\u001b[31mred\\u001b[0m");
    assertThat(Printable.of("\0\u007f\u009b")).isEqualTo("\\u0000\\u007f\\u009b");
    assertThat(Printable.of("\u2028\u2029\u0085")).isEqualTo("\\u2028\\u2029\\u0085");
  }

  @Test
  void of_charactersThatTurnTheDirection_areEscaped() {
    assertThat(Printable.of("a\u202egpj.exe")).isEqualTo("a\\u202egpj.exe");
    assertThat(Printable.of("\u061c\u200e\u200f\u2066\u2069"))
        .isEqualTo("\\u061c\\u200e\\u200f\\u2066\\u2069");
  }

  @Test
  void of_halfACharacter_isEscaped() {
    assertThat(Printable.of("x\ud83d")).isEqualTo("x\\ud83d");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "C:\\new\\t.png",
        "caf\u00e9 \u4e2d\u6587 \u05e9\u05dc\u05d5\u05dd",
        "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645",
        "\ud83d\udc69\u200d\u2695\ufe0f",
        "a%nb 'c' \"d\"",
        ""
      })
  void of_ordinaryText_staysAsItIs(String text) {
    assertThat(Printable.of(text)).isEqualTo(text);
  }

  @Test
  void of_objects_givesTheirText() {
    assertThat(Printable.of(Path.of("a\nb"))).isEqualTo("a\\nb");
    assertThat(Printable.of(null)).isEqualTo("null");
  }
}

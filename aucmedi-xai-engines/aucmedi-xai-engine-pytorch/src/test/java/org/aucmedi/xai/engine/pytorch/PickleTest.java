package org.aucmedi.xai.engine.pytorch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.entry;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

final class PickleTest {

  @Test
  void read_moduleWithAttributes_keepsTheirOrder() throws IOException {
    Pickle.Instance module =
        (Pickle.Instance)
            read("\u0080\2c__torch__\nNet\n)\u0081}(X\1\0\0\0bK\7X\1\0\0\0a\u0088ub.");

    assertThat(module.className()).isEqualTo("__torch__.Net");
    assertThat(module.state()).containsExactly(entry("b", 7), entry("a", true));
  }

  @Test
  void read_numbers_areLittleEndian() throws IOException {
    assertThat(read("](J\376\377\377\377M\2\1K\5\u008a\2\0\1e."))
        .isEqualTo(List.of(-2, 258, 5, 256L));
  }

  @Test
  void read_tuplesAndMemo_areLists() throws IOException {
    assertThat(read("K\1q\0h\0\u0086.")).isEqualTo(List.of(1, 1));
  }

  @Test
  void read_foreignCall_isNamedAndNotMade() throws IOException {
    Pickle.Instance call = (Pickle.Instance) read("cos\nsystem\nX\4\0\0\0true\u0085R.");

    assertThat(call.className()).isEqualTo("os.system");
  }

  @Test
  void read_unknownOpcode_isNamed() {
    assertThatIOException().isThrownBy(() -> read("i.")).withMessageContaining("opcode 0x69");
  }

  @Test
  void read_cutShort_fails() {
    assertThatIOException().isThrownBy(() -> read("]("));
    assertThatIOException()
        .isThrownBy(() -> read("X\377\0\0\0ab."))
        .withMessageContaining("string of 255 bytes");
  }

  @Test
  void read_undefinedMemo_fails() {
    assertThatIOException().isThrownBy(() -> read("h\3.")).withMessageContaining("entry 3");
  }

  @Test
  void read_emptyStack_fails() {
    assertThatIOException().isThrownBy(() -> read("b.")).withMessageContaining("malformed");
  }

  private static Object read(String latin1) throws IOException {
    return Pickle.read(latin1.getBytes(StandardCharsets.ISO_8859_1));
  }
}

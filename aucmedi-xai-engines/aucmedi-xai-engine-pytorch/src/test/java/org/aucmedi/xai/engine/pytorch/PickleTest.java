package org.aucmedi.xai.engine.pytorch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.entry;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

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
  void read_doublesNoneAndNegativeLongs_areValues() throws IOException {
    List<?> values = (List<?>) read("](G\77\370\0\0\0\0\0\0\u008a\1\377\u008a\0\u0088\u0089Ne.");

    assertThat(values.subList(0, 5)).isEqualTo(List.of(1.5, -1L, 0L, true, false));
    assertThat(values).hasSize(6);
  }

  @Test
  void read_containers_nestInOrder() throws IOException {
    assertThat(read("}X\1\0\0\0a](K\1K\2es.")).isEqualTo(Map.of("a", List.of(1, 2)));
    assertThat(read("}(K\1K\2K\3K\4u.")).isEqualTo(Map.of(1, 2, 3, 4));
    assertThat(read("]K\1aK\2a.")).isEqualTo(List.of(1, 2));
    assertThat(read("(K\1(K\2tK\3t.")).isEqualTo(List.of(1, List.of(2), 3));
    assertThat(read("K\1K\2K\3\u0087."))
        .isEqualTo(List.of(1, 2, 3))
        .isEqualTo(read("(K\1K\2K\3t."));
    assertThat(read(").")).isEqualTo(List.of());
  }

  @Test
  void read_longMemo_findsBeyondAByte() throws IOException {
    assertThat(read("K\7r\0\1\0\0K\5q\0j\0\1\0\0\u0086.")).isEqualTo(List.of(5, 7));
    assertThatIOException().isThrownBy(() -> read("j\0\1\0\0.")).withMessageContaining("256");
  }

  @Test
  void read_persistentId_isAStorage() throws IOException {
    Pickle.Instance storage = (Pickle.Instance) read("X\1\0\0\0" + "0Q.");

    assertThat(storage.className()).isEqualTo(Pickle.STORAGE);
    assertThat(storage.arguments()).isEqualTo(List.of("0"));
  }

  @Test
  void read_calls_keepTheirArguments() throws IOException {
    Pickle.Instance call = (Pickle.Instance) read("ctorch\nper_tensor_affine\n(K\1K\2tR.");
    assertThat(call.arguments()).isEqualTo(List.of(1, 2));

    Pickle.Instance device = (Pickle.Instance) read("ctorch\ndevice\nX\3\0\0\0cpuR.");
    assertThat(device.arguments()).isEqualTo(List.of("cpu"));
  }

  @Test
  void read_utf8_isDecoded() throws IOException {
    assertThat(read("X\2\0\0\0\303\244.")).isEqualTo("\u00e4");
  }

  @Test
  void read_everyPrefix_fails() throws IOException {
    String whole = "\u0080\2c__torch__\nNet\n)\u0081}(X\1\0\0\0bK\7X\1\0\0\0a\u0088ub.";
    read(whole);
    for (int length = 0; length < whole.length(); length++) {
      String prefix = whole.substring(0, length);
      assertThatIOException().as("the first %s bytes", length).isThrownBy(() -> read(prefix));
    }
  }

  @Test
  void read_numberTooLarge_fails() {
    assertThatIOException()
        .isThrownBy(() -> read("\u008a\11\0\0\0\0\0\0\0\0\1."))
        .withMessageContaining("malformed");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "cos\nsystem\nX\4\0\0\0true\u0085R.",
        "cposix\nsystem\n.",
        "c__builtin__\neval\n.",
        "c__main__\nNet\n)\u0081.",
        "ctorch\nload\n.",
        "ctorch._utils\n_import_dotted_name\n."
      })
  void read_foreignName_isRefusedByName(String pickle) {
    String name = pickle.substring(1).replaceFirst("\n", ".").replaceFirst("(?s)\n.*", "");
    assertThatIOException()
        .isThrownBy(() -> read(pickle))
        .withMessage("the pickle names " + name + ", which no TorchScript file holds");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "__torch__.torch.nn.modules.conv\nConv2d",
        "torch._utils\n_rebuild_tensor_v2",
        "torch\nFloatStorage",
        "torch.jit._pickle\nrestore_type_tag",
        "collections\nOrderedDict"
      })
  void read_nameOfTorchScript_isRead(String name) throws IOException {
    Pickle.Instance instance = (Pickle.Instance) read("c" + name + "\n.");

    assertThat(instance.className()).isEqualTo(name.replace('\n', '.'));
  }

  @Test
  void read_state_knowsWhereAttributesCanBePut() throws IOException {
    String head = "\u0080\2c__torch__\nNet\n)\u0081}";
    Pickle.Instance module = (Pickle.Instance) read(head + "q\0(X\1\0\0\0bK\7ub.");

    assertThat(module.stateOffset()).isEqualTo(head.length());
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

  @Test
  void read_empty_saysHowMuchIsThere() {
    assertThatIOException().isThrownBy(() -> read("")).withMessage("the pickle ends after 0 bytes");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "]q\0h\0a.", // a list in itself
        "}q\0K\1h\0s.", // a dictionary in itself
        "]q\0(h\0tq\1h\1a.", // through a tuple
        "c__torch__\nNet\n)\u0081q\0}X\1\0\0\0ah\0sb." // a module in itself
      })
  void read_objectThatContainsItself_isRefused(String pickle) {
    assertThatIOException()
        .isThrownBy(() -> read(pickle))
        .withMessage("the pickle holds an object that contains itself");
  }

  @ParameterizedTest
  @ValueSource(strings = {"}q\0h\0K\1sh\0K\1s.", "}]K\1s.", "}(](K\1eK\2u."})
  void read_listOrDictionaryAsKey_isRefused(String pickle) {
    assertThatIOException()
        .isThrownBy(() -> read(pickle))
        .withMessage("the pickle has a list or a dictionary as a key");
  }

  @Test
  void read_deepNesting_isRefused() throws IOException {
    for (int depth : new int[] {PickleGraph.MAX_DEPTH + 1, 20_000}) {
      assertThatIOException()
          .isThrownBy(() -> read("]".repeat(depth) + "a".repeat(depth - 1) + "."))
          .withMessageContaining("more than 200 levels deep");
    }
    read("]".repeat(PickleGraph.MAX_DEPTH) + "a".repeat(PickleGraph.MAX_DEPTH - 1) + ".");
  }

  /** Each list holds the one before twice, so that it is met first where it is shallow. */
  @Test
  void read_deepNestingThroughMemo_isRefused() {
    StringBuilder pickle = new StringBuilder("]q\0");
    for (int i = 1; i <= 250; i++) {
      pickle.append("](").append("h").append((char) (i - 1)).append("h").append((char) (i - 1));
      pickle.append("eq").append((char) i);
    }
    StringBuilder all = new StringBuilder(pickle).append("(");
    for (int i = 0; i <= 250; i++) {
      all.append("h").append((char) i);
    }
    assertThatIOException()
        .isThrownBy(() -> read(all + "t."))
        .withMessageContaining("more than 200 levels deep");
  }

  private static Object read(String latin1) throws IOException {
    return Pickle.read(latin1.getBytes(StandardCharsets.ISO_8859_1));
  }
}

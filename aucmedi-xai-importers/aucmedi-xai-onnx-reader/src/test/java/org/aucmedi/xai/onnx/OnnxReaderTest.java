package org.aucmedi.xai.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.aucmedi.xai.error.XAIException;
import org.aucmedi.xai.onnx.OnnxContent.Node;
import org.aucmedi.xai.onnx.OnnxContent.Variable;
import org.aucmedi.xai.testkit.OnnxBuilder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class OnnxReaderTest {

  private static final int FLOAT32 = 1;

  @Test
  void read_smallFile_findsWhatIsThere() {
    OnnxContent content = read(OnnxBuilder.halves(-1, 4, 6).bytes());

    assertThat(content.inputs()).hasSize(1);
    assertThat(content.inputs().get(0).name()).isEqualTo("x");
    assertThat(content.inputs().get(0).type()).isEqualTo(FLOAT32);
    assertThat(content.inputs().get(0).shape()).containsExactly(-1, 1, 4, 6);
    assertThat(content.outputs()).hasSize(1);
    assertThat(content.outputs().get(0).name()).isEqualTo("y");
    assertThat(content.outputs().get(0).type()).isZero();
    assertThat(content.outputs().get(0).shape()).isNull();
    assertThat(content.nodes())
        .extracting(Node::operator)
        .containsExactly("Conv", "Relu", "GlobalAveragePool", "Flatten");
    assertThat(content.nodes().get(0).inputs()).containsExactly("x", "w");
    assertThat(content.nodes().get(2).name()).isEmpty();
    assertThat(content.weights().get("w").type()).isEqualTo(FLOAT32);
  }

  @Test
  void read_weightsListedAsInputs_areNoInputs() {
    OnnxContent content =
        read(OnnxBuilder.halves(-1, 4, 6).input("w", OnnxBuilder.FLOAT, 2).bytes());

    assertThat(content.inputs()).extracting(Variable::name).containsExactly("x");
  }

  @Test
  void read_attributes_giveTypeAndPermutation() {
    OnnxContent content =
        read(
            new OnnxBuilder()
                .node("Cast", "cast", "x", "c", Map.of("=to", List.of(7L)))
                .node("Transpose", "turn", "c", "t", Map.of("perm", List.of(0L, 2L, 1L)))
                .bytes());

    assertThat(content.nodes().get(0).attributes().get("to").i()).isEqualTo(7);
    assertThat(content.nodes().get(1).attributes().get("perm").ints()).containsExactly(0L, 2L, 1L);
    assertThat(content.nodes()).noneMatch(Node::isControlFlow);
  }

  /** node { op_type "If" attribute { g { node { input "a" } output { name "b" } } } } */
  @Test
  void read_subgraph_namesWhatItReads() {
    byte[] inner = joined(wrap(1, wrap(1, new byte[] {'a'})), wrap(12, wrap(1, new byte[] {'b'})));
    byte[] attribute =
        joined(wrap(1, "then_branch".getBytes(StandardCharsets.UTF_8)), wrap(6, inner));
    byte[] node = joined(wrap(4, new byte[] {'I', 'f'}), wrap(5, attribute));
    OnnxContent content = read(wrap(7, wrap(1, node)));

    assertThat(content.nodes().get(0).isControlFlow()).isTrue();
    assertThat(content.nodes().get(0).captured()).containsExactly("a", "b");
  }

  /** node { attribute { g { initializer { external_data, data_location: EXTERNAL } } } } */
  @Test
  void files_weightsInOtherFiles_areNamedOnceAlsoThoseOfSubgraphs(@TempDir Path folder)
      throws IOException {
    byte[] place =
        joined(
            wrap(1, "location".getBytes(StandardCharsets.UTF_8)),
            wrap(2, "inner.bin".getBytes(StandardCharsets.UTF_8)));
    byte[] weight = joined(wrap(13, place), new byte[] {14 << 3, 1});
    byte[] node = joined(wrap(4, new byte[] {'I', 'f'}), wrap(5, wrap(6, wrap(5, weight))));
    Path file = folder.resolve("net.onnx");
    byte[] plain =
        new OnnxBuilder()
            .externalWeight("a", new long[] {2}, "a.bin")
            .externalWeight("b", new long[] {2}, "a.bin")
            .bytes();
    Files.write(file, joined(plain, wrap(7, wrap(1, node))));

    assertThat(OnnxReader.files(file))
        .containsExactly(file, folder.resolve("a.bin"), folder.resolve("inner.bin"));
  }

  @Test
  void read_everyPrefix_isRefused() {
    byte[] bytes = OnnxBuilder.halves(-1, 4, 6).bytes();
    // The graph comes last, so no prefix holds it.
    for (int length = 0; length < bytes.length; length++) {
      byte[] prefix = Arrays.copyOf(bytes, length);
      assertThatExceptionOfType(XAIException.class)
          .isThrownBy(() -> read(prefix))
          .withMessageStartingWith("net.onnx is not a complete ONNX file");
    }
  }

  @Test
  void read_damagedBytes_areAGraphOrRefused() {
    SplittableRandom random = new SplittableRandom(7);
    byte[] bytes = OnnxBuilder.halves(-1, 4, 6).bytes();
    int refused = 0;
    for (int run = 0; run < 20_000; run++) {
      byte[] damaged = bytes.clone();
      for (int i = 0; i < 3; i++) {
        damaged[random.nextInt(bytes.length)] = (byte) random.nextInt();
      }
      try {
        read(damaged);
      } catch (XAIException e) {
        refused++;
      }
    }
    assertThat(refused).isPositive();
  }

  @Test
  void read_messagesWithoutEnd_areRefused() {
    byte[] bytes = {};
    for (int i = 0; i < 200; i++) {
      // node { attribute { g { ... } } }
      bytes = wrap(1, wrap(5, wrap(6, bytes)));
    }
    byte[] model = wrap(7, bytes);
    assertThatExceptionOfType(XAIException.class)
        .isThrownBy(() -> read(model))
        .withMessageContaining("more than 100 messages are nested");
  }

  @Test
  void read_noGraph_isRefused() {
    assertThatExceptionOfType(XAIException.class)
        .isThrownBy(() -> read(new byte[0]))
        .withMessageContaining("it holds no graph");
  }

  private static byte[] joined(byte[] first, byte[] second) {
    byte[] both = Arrays.copyOf(first, first.length + second.length);
    System.arraycopy(second, 0, both, first.length, second.length);
    return both;
  }

  private static byte[] wrap(int field, byte[] content) {
    byte[] wrapped = new byte[content.length + 4];
    wrapped[0] = (byte) ((field << 3) | 2);
    wrapped[1] = (byte) (content.length | 0x80);
    wrapped[2] = (byte) ((content.length >> 7) | 0x80);
    wrapped[3] = (byte) (content.length >> 14);
    System.arraycopy(content, 0, wrapped, 4, content.length);
    return wrapped;
  }

  private static OnnxContent read(byte[] bytes) {
    return OnnxReader.read(Path.of("net.onnx"), ByteBuffer.wrap(bytes));
  }
}

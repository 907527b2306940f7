package org.aucmedi.xai.engine.onnxruntime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import ai.djl.ndarray.types.Shape;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.aucmedi.xai.engine.onnxruntime.OnnxGraph.Node;
import org.aucmedi.xai.testkit.OnnxBuilder;
import org.junit.jupiter.api.Test;

final class OnnxGraphReaderTest {

  @Test
  void read_smallFile_findsWhatIsThere() throws IOException {
    OnnxGraph graph = read(OnnxBuilder.halves(-1, 4, 6).bytes());

    assertThat(graph.inputs()).hasSize(1);
    assertThat(graph.inputs().get(0).name()).isEqualTo("x");
    assertThat(graph.inputs().get(0).type()).isEqualTo(ElementType.FLOAT32);
    assertThat(graph.inputs().get(0).shape()).isEqualTo(new Shape(-1, 1, 4, 6));
    assertThat(graph.outputs()).containsExactly(new OnnxGraph.Value("y", ElementType.OTHER, null));
    assertThat(graph.nodes())
        .extracting(Node::operator)
        .containsExactly("Conv", "Relu", "GlobalAveragePool", "Flatten");
    assertThat(graph.nodes().get(0).inputs()).containsExactly("x", "w");
    assertThat(graph.nodes().get(2).name()).isEmpty();
    assertThat(graph.types()).containsEntry("w", ElementType.FLOAT32);
  }

  @Test
  void read_weightsListedAsInputs_areNoInputs() throws IOException {
    OnnxGraph graph = read(OnnxBuilder.halves(-1, 4, 6).input("w", OnnxBuilder.FLOAT, 2).bytes());

    assertThat(graph.inputs()).extracting(OnnxGraph.Value::name).containsExactly("x");
  }

  @Test
  void read_attributes_giveTypeAndPermutation() throws IOException {
    OnnxGraph graph =
        read(
            new OnnxBuilder()
                .node("Cast", "cast", "x", "c", Map.of("=to", List.of(7L)))
                .node("Transpose", "turn", "c", "t", Map.of("perm", List.of(0L, 2L, 1L)))
                .bytes());

    assertThat(graph.nodes().get(0).attributeType()).isEqualTo(ElementType.INT64);
    assertThat(graph.nodes().get(1).permutation()).containsExactly(0L, 2L, 1L);
  }

  @Test
  void read_everyPrefix_isAGraphOrAnIOException() {
    byte[] bytes = OnnxBuilder.halves(-1, 4, 6).bytes();
    int refused = 0;
    for (int length = 0; length < bytes.length; length++) {
      byte[] prefix = Arrays.copyOf(bytes, length);
      try {
        read(prefix);
      } catch (IOException e) {
        refused++;
      }
    }
    // The graph comes last, so no prefix holds it.
    assertThat(refused).isEqualTo(bytes.length);
  }

  @Test
  void read_damagedBytes_areAGraphOrAnIOException() {
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
      } catch (IOException e) {
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
    assertThatIOException()
        .isThrownBy(() -> read(model))
        .withMessage("more than 100 messages are nested");
  }

  @Test
  void read_noGraph_isRefused() {
    assertThatIOException().isThrownBy(() -> read(new byte[0])).withMessage("it holds no graph");
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

  private static OnnxGraph read(byte[] bytes) throws IOException {
    return OnnxGraphReader.read(new ByteArrayInputStream(bytes), bytes.length);
  }
}

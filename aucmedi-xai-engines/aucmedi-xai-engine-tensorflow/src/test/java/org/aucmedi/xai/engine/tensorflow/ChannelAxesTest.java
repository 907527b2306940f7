package org.aucmedi.xai.engine.tensorflow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.aucmedi.xai.model.ChannelLayout.CHANNELS_FIRST;
import static org.aucmedi.xai.model.ChannelLayout.CHANNELS_LAST;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.aucmedi.xai.engine.tensorflow.FlatGraph.Node;
import org.aucmedi.xai.engine.tensorflow.FlatGraph.Ref;
import org.aucmedi.xai.model.ChannelLayout;
import org.junit.jupiter.api.Test;

final class ChannelAxesTest {

  private final List<Node> nodes = new ArrayList<>();

  private ChannelAxesTest then(String name, String op, String format) {
    Ref last =
        nodes.isEmpty()
            ? new Ref("input", 0, false)
            : new Ref(nodes.get(nodes.size() - 1).name(), 0, false);
    List<Ref> inputs = List.of(last, new Ref(name + "/constant", 0, true));
    nodes.add(
        new Node(
            name,
            op,
            inputs,
            format.isEmpty() ? Map.of() : Map.of("data_format", SavedModelBuilder.text(format))));
    return this;
  }

  private ChannelAxes from(ChannelLayout input, Map<String, List<Integer>> constants) {
    FlatGraph flat = new FlatGraph("input", nodes, new Ref("relu", 0, false));
    return new ChannelAxes(flat, input, ref -> constants.getOrDefault(ref.node(), List.of()));
  }

  @Test
  void transpose_turnsAndLaterOperationsFollow() {
    then("scale", "Mul", "").then("turn", "Transpose", "").then("relu", "Relu", "");
    then("back", "Transpose", "").then("other", "Transpose", "");
    ChannelAxes axes =
        from(
            CHANNELS_FIRST,
            Map.of(
                "turn/constant", List.of(0, 2, 3, 1),
                "back/constant", List.of(0, 3, 1, 2),
                "other/constant", List.of(0, 1, 3, 2)));
    assertThat(axes.of("scale")).isEqualTo(CHANNELS_FIRST);
    assertThat(axes.of("turn")).isEqualTo(CHANNELS_LAST);
    assertThat(axes.of("relu")).isEqualTo(CHANNELS_LAST);
    assertThat(axes.of("back")).isEqualTo(CHANNELS_FIRST);
    assertThat(axes.of("other")).isEqualTo(CHANNELS_FIRST);
  }

  @Test
  void operationsThatSayOrKnowTheirLayout_areBelieved() {
    then("conv", "Conv3D", "NCDHW").then("bias", "BiasAdd", "NHWC").then("pool", "MaxPool", "NHWC");
    then("up", "ResizeBilinear", "").then("relu", "Relu", "");
    ChannelAxes axes = from(CHANNELS_LAST, Map.of());
    assertThat(axes.of("conv")).isEqualTo(CHANNELS_FIRST);
    assertThat(axes.of("bias")).isEqualTo(CHANNELS_FIRST);
    assertThat(axes.of("pool")).isEqualTo(CHANNELS_LAST);
    assertThat(axes.of("relu")).isEqualTo(CHANNELS_LAST);
  }

  @Test
  void orders_undoEachOther() {
    assertThat(ChannelAxes.toLast(5)).containsExactly(0, 2, 3, 4, 1);
    assertThat(ChannelAxes.toFirst(5)).containsExactly(0, 4, 1, 2, 3);
  }
}

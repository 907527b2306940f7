package org.aucmedi.xai.methods.cam;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.aucmedi.xai.methods.cam.LayerChoice.LAST_CONVOLUTION;
import static org.aucmedi.xai.methods.cam.LayerChoice.LAST_SPATIAL;

import ai.djl.ndarray.types.Shape;
import java.util.List;
import org.aucmedi.xai.Profile;
import org.aucmedi.xai.XAIException;
import org.aucmedi.xai.model.ChannelLayout;
import org.aucmedi.xai.model.Layer;
import org.aucmedi.xai.model.LayerKind;
import org.junit.jupiter.api.Test;

final class LayerChoiceTest {

  private static final ChannelLayout FIRST = ChannelLayout.CHANNELS_FIRST;
  private static final ChannelLayout LAST = ChannelLayout.CHANNELS_LAST;

  @Test
  void find_convolutionPoolingHead_takesThePoolingOrTheConvolution() {
    List<Layer> layers =
        List.of(
            layer("conv1", LayerKind.CONV, 1, 8, 16, 16),
            layer("conv2", LayerKind.CONV, 1, 16, 8, 8),
            layer("relu", LayerKind.ACTIVATION, 1, 16, 8, 8),
            layer("pool", LayerKind.POOL, 1, 16, 4, 4),
            layer("mean", LayerKind.POOL, 1, 16, 1, 1),
            layer("fc", LayerKind.DENSE, 1, 3));

    assertThat(LAST_SPATIAL.find(layers, FIRST)).contains(layers.get(3));
    assertThat(LAST_CONVOLUTION.find(layers, FIRST)).contains(layers.get(1));
    assertThat(LAST_SPATIAL.choose(layers, FIRST)).isEqualTo(layers.get(3));
  }

  @Test
  void find_convolutionOfOnePlace_isPassedOverInEitherLayout() {
    Layer wide = layer("wide", LayerKind.CONV, 1, 1, 2, 32);
    Layer tall = layer("tall", LayerKind.CONV, 1, 32, 2, 1);
    Layer head = layer("head", LayerKind.CONV, 1, 10, 1, 1);
    Layer headLast = layer("head", LayerKind.CONV, 1, 1, 1, 10);

    assertThat(LAST_CONVOLUTION.find(List.of(tall, head), FIRST)).contains(tall);
    assertThat(LAST_SPATIAL.find(List.of(tall, head), FIRST)).contains(tall);
    assertThat(LAST_CONVOLUTION.find(List.of(wide, headLast), LAST)).contains(wide);
    // Read with the wrong layout the same shapes mean something else.
    assertThat(LAST_CONVOLUTION.find(List.of(wide, headLast), FIRST)).contains(headLast);
  }

  @Test
  void find_volumes_areImagesToo() {
    Layer volume = layer("conv", LayerKind.CONV, 1, 8, 2, 2, 2);

    assertThat(LAST_CONVOLUTION.find(List.of(volume), FIRST)).contains(volume);
    assertThat(LAST_SPATIAL.find(List.of(volume), FIRST)).contains(volume);
  }

  @Test
  void choose_nothingWillDo_listsWhatThereIs() {
    List<Layer> layers =
        List.of(layer("fc", LayerKind.DENSE, 1, 3), new Layer("conv", LayerKind.CONV, null));

    assertThat(LAST_SPATIAL.find(layers, FIRST)).isEmpty();
    assertThat(LAST_CONVOLUTION.find(layers, FIRST)).isEmpty();
    assertThatExceptionOfType(XAIException.class)
        .isThrownBy(() -> LAST_CONVOLUTION.choose(layers, FIRST))
        .withMessageContaining("last-convolution")
        .withMessageContaining("fc");
  }

  @Test
  void option_profiles_haveTheirOwnRule() {
    assertThat(LayerChoice.OPTION.defaultOf(Profile.AUCMEDI)).isEqualTo(LAST_SPATIAL);
    assertThat(LayerChoice.OPTION.defaultOf(Profile.PAPER)).isEqualTo(LAST_CONVOLUTION);
  }

  private static Layer layer(String name, LayerKind kind, long... shape) {
    return new Layer(name, kind, new Shape(shape));
  }
}

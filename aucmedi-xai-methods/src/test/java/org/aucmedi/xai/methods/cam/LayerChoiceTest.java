package org.aucmedi.xai.methods.cam;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.aucmedi.xai.methods.cam.LayerChoice.LAST_CONVOLUTION;
import static org.aucmedi.xai.methods.cam.LayerChoice.LAST_SPATIAL;

import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.aucmedi.xai.Profile;
import org.aucmedi.xai.model.ChannelLayout;
import org.aucmedi.xai.model.Layer;
import org.aucmedi.xai.model.LayerKind;
import org.aucmedi.xai.model.UnsupportedModelException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class LayerChoiceTest {

  private static final ChannelLayout FIRST = ChannelLayout.CHANNELS_FIRST;
  private static final ChannelLayout LAST = ChannelLayout.CHANNELS_LAST;

  private static final Shape BATCH = new Shape(1, 3, 32, 32);

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

    assertThat(LAST_SPATIAL.find(layers, FIRST, BATCH)).contains(layers.get(3));
    assertThat(LAST_CONVOLUTION.find(layers, FIRST, BATCH)).contains(layers.get(1));
    assertThat(LAST_SPATIAL.choose(layers, FIRST, BATCH)).isEqualTo(layers.get(3));
    assertThat(LAST_SPATIAL.doubt(layers, FIRST, BATCH)).isEmpty();
    assertThat(LAST_CONVOLUTION.doubt(layers, FIRST, BATCH)).isEmpty();
  }

  @Test
  void find_convolutionOfOnePlace_isPassedOverInEitherLayout() {
    Layer wide = layer("wide", LayerKind.CONV, 1, 1, 2, 32);
    Layer tall = layer("tall", LayerKind.CONV, 1, 32, 2, 1);
    Layer head = layer("head", LayerKind.CONV, 1, 10, 1, 1);
    Layer headLast = layer("head", LayerKind.CONV, 1, 1, 1, 10);
    Shape batch = new Shape(1, 32, 64, 3);

    assertThat(LAST_CONVOLUTION.find(List.of(tall, head), FIRST, BATCH)).contains(tall);
    assertThat(LAST_SPATIAL.find(List.of(tall, head), FIRST, BATCH)).contains(tall);
    assertThat(LAST_CONVOLUTION.find(List.of(wide, headLast), LAST, batch)).contains(wide);
    // Read with the wrong layout the same shapes mean something else.
    assertThat(LAST_CONVOLUTION.find(List.of(wide, headLast), FIRST, BATCH)).contains(headLast);
  }

  @Test
  void find_volumes_areImagesToo() {
    Layer volume = layer("conv", LayerKind.CONV, 1, 8, 2, 2, 2);
    Layer slice = layer("slice", LayerKind.CONV, 1, 8, 2, 2);
    List<Layer> layers = List.of(volume, slice);
    Shape batch = new Shape(1, 1, 8, 8, 8);

    assertThat(LAST_CONVOLUTION.find(layers, FIRST, batch)).contains(volume);
    assertThat(LAST_SPATIAL.find(layers, FIRST, batch)).contains(volume);
    // A volume in a model of pictures is none of its image's layers either.
    assertThat(LAST_SPATIAL.find(layers, FIRST, BATCH)).contains(slice);
  }

  /** Shapes that networks of torchvision and timm have; the layout is that of the model. */
  @ParameterizedTest
  @CsvSource({
    "swin, NORM, 1x3x96x96, 1x3x3x768, CHANNELS_LAST",
    "swin, NORM, 1x3x224x224, 1x56x56x96, CHANNELS_LAST",
    "swin, DENSE, 1x3x1024x1024, 1x32x32x3072, CHANNELS_LAST",
    "swin permuted, OTHER, 1x3x96x96, 1x768x3x3, CHANNELS_FIRST",
    "rectangle, NORM, 1x3x100x60, 1x13x8x64, CHANNELS_LAST",
    "rectangle, NORM, 1x3x100x60, 1x64x13x8, CHANNELS_FIRST",
    "resnet, ADD, 1x3x224x224, 1x512x7x7, CHANNELS_FIRST",
    "padded, ACTIVATION, 1x3x32x32, 1x64x33x33, CHANNELS_FIRST",
    "enlarged, ACTIVATION, 1x3x32x32, 1x16x64x64, CHANNELS_FIRST",
    "as many channels as positions, ACTIVATION, 1x3x32x32, 1x16x16x16, CHANNELS_FIRST",
    "one axis pooled, CONV, 1x3x64x64, 1x16x16x8, CHANNELS_FIRST",
    "slices kept, NORM, 1x1x16x64x64, 1x32x16x8x8, CHANNELS_FIRST",
    "video swin, NORM, 1x3x8x64x64, 1x4x2x2x768, CHANNELS_LAST",
  })
  void layoutOf_spatialOutput_followsFromTheShapes(
      String name, LayerKind kind, String input, String output, ChannelLayout expected) {
    Layer layer = new Layer(name, kind, shape(output));
    assertThat(new LayerAxes(List.of(layer), FIRST, shape(input), Tokens.AUTO).layoutOf(layer))
        .contains(expected);
    // The same network in a framework with channels last.
    Shape moved = expected == FIRST ? firstAxisLast(shape(output)) : lastAxisFirst(shape(output));
    Layer turned = new Layer(name, kind, moved);
    assertThat(
            new LayerAxes(List.of(turned), LAST, firstAxisLast(shape(input)), Tokens.AUTO)
                .layoutOf(turned))
        .contains(expected == FIRST ? LAST : FIRST);
  }

  @ParameterizedTest
  @CsvSource({
    "tokens, 1x3x96x96, 1x38x192, tokens",
    "tokens of a volume, 1x1x32x32x32, 1x66x192, tokens",
    "features, 1x3x96x96, 1x192, cannot be laid out",
    "windows, 1x3x224x224, 64x7x7x96, cannot be laid out",
    "slices, 1x1x32x32x32, 1x8x16x16, cannot be laid out",
    "neither, 1x3x96x96, 1x768x3x768, cannot be laid out",
  })
  void requirePlacement_noPlaceOnTheImage_isRefusedWithTheRemedy(
      String name, String input, String output, String reason) {
    Layer layer = new Layer(name, LayerKind.OTHER, shape(output));
    Layer conv = new Layer("stem", LayerKind.CONV, stem(shape(input)));
    assertThatExceptionOfType(UnsupportedModelException.class)
        .isThrownBy(
            () ->
                new LayerAxes(List.of(conv, layer), FIRST, shape(input), Tokens.AUTO)
                    .requirePlacement(layer))
        .withMessageContainingAll(
            "'" + name + "'", reason, shape(output).toString(), "stem", "saliency", "occlusion");
  }

  @ParameterizedTest
  @CsvSource({
    "1x3x96x96, 1x37x192, auto, 6x6",
    "1x3x96x96, 1x36x192, auto, 6x6",
    "1x3x224x224, 1x197x768, auto, 14x14",
    "1x3x64x96, 1x25x192, auto, 4x6",
    "1x1x32x32x32, 1x64x192, auto, 4x4x4",
    "1x1x16x32x32, 1x33x192, auto, 2x4x4",
    "1x3x224x224, 1x198x768, 14x14, 14x14",
    "1x3x96x96, 1x40x192, 3x12, 3x12"
  })
  void requirePlacement_tokens_areAGrid(String input, String output, String tokens, String grid) {
    Layer layer = new Layer("block", LayerKind.OTHER, shape(output));
    LayerAxes axes =
        new LayerAxes(List.of(layer), FIRST, shape(input), Tokens.OPTION.parse(tokens));

    assertThat(axes.requirePlacement(layer).spatial(shape(output)))
        .containsExactly(Arrays.stream(grid.split("x", -1)).mapToInt(Integer::parseInt).toArray());
  }

  @Test
  void layoutOf_bothReadingsFitAndTheModelHasBoth_isNone() {
    // Swin for 384 x 384 pixels: 96 x 96 positions of 96 channels, and where the channels are?
    Shape batch = new Shape(1, 3, 384, 384);
    Layer conv = layer("proj", LayerKind.CONV, 1, 96, 96, 96);
    Layer norm = layer("norm", LayerKind.NORM, 1, 96, 96, 96);
    Layer dense = layer("fc1", LayerKind.DENSE, 1, 96, 96, 384);
    LayerAxes axes = new LayerAxes(List.of(conv, norm, dense), FIRST, batch, Tokens.AUTO);

    assertThat(axes.layoutOf(conv)).contains(FIRST);
    assertThat(axes.layoutOf(norm)).isEmpty();
    assertThat(axes.layoutOf(dense)).contains(LAST);
    // Without a layer that has its channels last the model's layout is that of all.
    assertThat(new LayerAxes(List.of(conv, norm), FIRST, batch, Tokens.AUTO).layoutOf(norm))
        .contains(FIRST);
  }

  @Test
  void layoutOf_headsOfAttention_isNone() {
    List<Layer> layers = new ArrayList<>(vit());
    Layer weights = layer("attn", LayerKind.OTHER, 1, 3, 37, 37);
    Layer queries = layer("q", LayerKind.OTHER, 1, 3, 37, 64);
    layers.add(weights);
    layers.add(queries);
    LayerAxes axes = new LayerAxes(layers, FIRST, new Shape(1, 3, 96, 96), Tokens.AUTO);

    assertThat(axes.layoutOf(weights)).isEmpty();
    assertThat(axes.layoutOf(queries)).isEmpty();
    assertThatExceptionOfType(UnsupportedModelException.class)
        .isThrownBy(() -> axes.requirePlacement(queries))
        .withMessageContaining("tokens");
  }

  @Test
  void doubt_patchEmbeddingOfATransformer_isNamed() {
    Shape batch = new Shape(1, 3, 96, 96);
    for (LayerChoice choice : LayerChoice.values()) {
      assertThat(choice.choose(vit(), FIRST, batch).name()).isEqualTo("patch_embed.proj");
      assertThat(choice.doubt(vit(), FIRST, batch))
          .hasValueSatisfying(
              doubt -> assertThat(doubt).contains("'patch_embed.proj'", "beginning", "saliency"));
    }
  }

  @Test
  void doubt_laterLayerOnTheImage_isRecommended() {
    Shape batch = new Shape(1, 3, 96, 96);
    List<Layer> swin = new ArrayList<>();
    swin.add(layer("features.0.0", LayerKind.CONV, 1, 96, 24, 24));
    for (int i = 0; i < 20; i++) {
      swin.add(layer("block." + i, LayerKind.NORM, 1, 3, 3, 768));
    }
    swin.add(layer("permute", LayerKind.OTHER, 1, 768, 3, 3));
    assertThat(LAST_CONVOLUTION.find(swin, FIRST, batch)).contains(swin.get(0));
    assertThat(LAST_CONVOLUTION.doubt(swin, FIRST, batch))
        .hasValueSatisfying(doubt -> assertThat(doubt).contains("'features.0.0'", "permute"));
    assertThat(LAST_SPATIAL.find(swin, FIRST, batch)).contains(swin.get(21));
    assertThat(LAST_SPATIAL.doubt(swin, FIRST, batch)).isEmpty();
  }

  @Test
  void choose_nothingWillDo_namesWhatThereIs() {
    List<Layer> layers =
        List.of(layer("fc", LayerKind.DENSE, 1, 3), new Layer("conv", LayerKind.CONV, null));

    assertThat(LAST_SPATIAL.find(layers, FIRST, BATCH)).isEmpty();
    assertThat(LAST_CONVOLUTION.find(layers, FIRST, BATCH)).isEmpty();
    assertThatExceptionOfType(UnsupportedModelException.class)
        .isThrownBy(() -> LAST_CONVOLUTION.choose(layers, FIRST, BATCH))
        .withMessageContainingAll("last-convolution", "(fc, conv)", "saliency")
        .withMessageNotContaining("Layer[");
    List<Layer> relu = List.of(layer("relu", LayerKind.ACTIVATION, 1, 8, 16, 16));
    assertThatExceptionOfType(UnsupportedModelException.class)
        .isThrownBy(() -> LAST_CONVOLUTION.choose(relu, FIRST, BATCH))
        .withMessageEndingWith("name one of relu");
    assertThatExceptionOfType(UnsupportedModelException.class)
        .isThrownBy(() -> LAST_SPATIAL.choose(List.of(), FIRST, BATCH))
        .withMessageContaining("the model has no layers to choose from");
  }

  @Test
  void option_profiles_haveTheirOwnRule() {
    assertThat(LayerChoice.OPTION.defaultOf(Profile.AUCMEDI)).isEqualTo(LAST_SPATIAL);
    assertThat(LayerChoice.OPTION.defaultOf(Profile.PAPER)).isEqualTo(LAST_CONVOLUTION);
  }

  /** The layers of a small vision transformer for 96 x 96 pixels in patches of 16. */
  private static List<Layer> vit() {
    List<Layer> layers = new ArrayList<>();
    layers.add(layer("patch_embed.proj", LayerKind.CONV, 1, 192, 6, 6));
    for (int i = 0; i < 12; i++) {
      layers.add(layer("blocks." + i, LayerKind.OTHER, 1, 37, 192));
    }
    layers.add(layer("head", LayerKind.DENSE, 1, 3));
    return layers;
  }

  private static Shape stem(Shape input) {
    long[] sizes = input.getShape().clone();
    sizes[1] = 8;
    for (int axis = 2; axis < sizes.length; axis++) {
      sizes[axis] /= 2;
    }
    return new Shape(sizes);
  }

  private static Shape firstAxisLast(Shape shape) {
    return new Shape(shape.get(0)).addAll(shape.slice(2)).add(shape.get(1));
  }

  private static Shape lastAxisFirst(Shape shape) {
    int last = shape.dimension() - 1;
    return new Shape(shape.get(0), shape.get(last)).addAll(shape.slice(1, last));
  }

  private static Shape shape(String text) {
    return new Shape(Arrays.stream(text.split("x", -1)).mapToLong(Long::parseLong).toArray());
  }

  private static Layer layer(String name, LayerKind kind, long... shape) {
    return new Layer(name, kind, new Shape(shape));
  }
}

package org.aucmedi.xai.methods.cam;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.List;
import org.aucmedi.xai.Heatmap;
import org.aucmedi.xai.MethodOptions;
import org.aucmedi.xai.Profile;
import org.aucmedi.xai.Target;
import org.aucmedi.xai.XAIMethodBase;
import org.aucmedi.xai.XAIMethodProvider;
import org.aucmedi.xai.XAIMethodRegistry;
import org.aucmedi.xai.methods.Explained;
import org.aucmedi.xai.model.UnsupportedModelException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;

/** Layers as transformers have them: channels last in a channels-first model, and tokens. */
final class TransformerLayersTest {

  private static final Shape IMAGE = new Shape(1, 2, 10, 3);

  private final Logger logger = (Logger) LoggerFactory.getLogger(ClassActivationMap.class);
  private final ListAppender<ILoggingEvent> log = new ListAppender<>();
  private final TokenNet net = new TokenNet(1, 1);
  private final NDManager manager = net.newManager();

  @BeforeEach
  void listen() {
    log.start();
    logger.setLevel(Level.WARN);
    logger.setAdditive(false);
    logger.addAppender(log);
  }

  @AfterEach
  void close() {
    logger.detachAppender(log);
    logger.setAdditive(true);
    logger.setLevel(null);
    manager.close();
    net.close();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "gc",
        "gc++",
        "ggc",
        "layercam",
        "hirescam",
        "xgradcam",
        "gradcamelementwise",
        "cam",
        "smoothgradcam++",
        "eigencam",
        "eigengradcam",
        "ablationcam",
        "scorecam"
      })
  void explain_channelsLastInAChannelsFirstModel_isTheMapOfTheSameLayerTurned(String key) {
    NDArray batch = batch(2);
    List<List<Heatmap>> found = method(key, "norm").explain(batch, Target.all(), 0);
    assertThat(found).hasSize(2).allSatisfy(image -> assertThat(image).hasSize(3));
    assertThat(found.get(1).get(2).shape()).containsExactly(10, 3);
    assertThat(Explained.values(found))
        .containsExactly(Explained.values(method(key, "relu").explain(batch, Target.all(), 0)));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "gc",
        "gc++",
        "ggc",
        "layercam",
        "hirescam",
        "xgradcam",
        "gradcamelementwise",
        "cam",
        "smoothgradcam++",
        "eigencam",
        "eigengradcam",
        "ablationcam",
        "scorecam"
      })
  void explain_tokensThatMakeNoGrid_areRefusedBeforeAnyGradient(String key) {
    assertThatExceptionOfType(UnsupportedModelException.class)
        .isThrownBy(() -> method(key, "odd").explain(batch(2), Target.all(), 0))
        .withMessageContainingAll("'odd' gives tokens", "tokens=", "(1, 7, 4)", "norm", "saliency");
    assertThat(net.gradientPasses).isZero();
  }

  /** Patches of an image and of no image: square, not square, volumes; with and without others. */
  @ParameterizedTest
  @CsvSource({
    "8x8, 2, 1, auto, 4x4",
    "8x8, 2, 0, auto, 4x4",
    "6x10, 2, 1, auto, 3x5",
    "10x3, 1, 1, auto, 10x3",
    "4x8x12, 4, 1, auto, 1x2x3",
    "4x6x8, 2, 0, auto, 2x3x4",
    "8x8, 2, 5, 4x4, 4x4",
    "6x10, 2, 2, 3x5, 3x5",
    "4x6x8, 2, 9, 2x3x4, 2x3x4"
  })
  void explain_tokens_areTheMapOfTheSameLayerOnTheImage(
      String image, int patch, int extra, String tokens, String grid) {
    Shape shape = new Shape(2, 2).addAll(shape(image));
    NDArray batch = batch(shape);
    try (TokenNet tokenNet = new TokenNet(patch, extra)) {
      for (String key :
          List.of(
              "gc",
              "gc++",
              "ggc",
              "layercam",
              "hirescam",
              "xgradcam",
              "gradcamelementwise",
              "cam",
              "smoothgradcam++",
              "eigencam",
              "eigengradcam",
              "ablationcam",
              "scorecam")) {
        for (Profile profile : Profile.values()) {
          XAIMethodProvider<?> provider = new XAIMethodRegistry().get(key);
          List<List<Heatmap>> expected =
              provider
                  .builder()
                  .optProfile(profile)
                  .optLayer("relu")
                  .build(tokenNet)
                  .explain(batch, Target.all());
          List<List<Heatmap>> found =
              provider
                  .builder()
                  .optProfile(profile)
                  .optLayer("block.3")
                  .opt(Tokens.OPTION, Tokens.parse(tokens))
                  .build(tokenNet)
                  .explain(batch, Target.all());
          Heatmap last = found.get(1).get(2);
          assertThat(new Shape(Arrays.stream(last.shape()).asLongStream().toArray()))
              .as(key)
              .isEqualTo(shape(key.equals("ggc") ? image : grid));
          assertThat(Explained.values(found)).as(key).containsExactly(Explained.values(expected));
          assertThat(last.provenance().layer()).isEqualTo("block.3");
          assertThat(last.provenance().options()).containsEntry("tokens", tokens);
        }
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"auto, 5", "5x5, 5", "1x22, 5", "2x2x4, 0", "4, 0", "0x4, 0", "four, 0"})
  void explain_gridThatDoesNotFit_isRefusedWithTheRemedy(String tokens, int extra) {
    NDArray batch = batch(new Shape(1, 2, 8, 8));
    try (TokenNet tokenNet = new TokenNet(2, extra)) {
      assertThatThrownBy(
              () ->
                  GradCam.builder()
                      .optLayer("block.3")
                      .opt(Tokens.OPTION, Tokens.OPTION.parse(tokens))
                      .build(tokenNet)
                      .explain(batch, Target.all()))
          .isInstanceOfAny(UnsupportedModelException.class, IllegalArgumentException.class)
          .hasMessageContainingAll("tokens", "14x14", tokens.equals("auto") ? "no grid" : tokens);
      assertThat(tokenNet.gradientPasses).isZero();
    }
  }

  @Test
  void explain_noLayerNamed_takesTheLastOnTheImageAndWarnsOnceIfThatIsEarly() {
    // The last on the image is the normalisation; the last convolution is the patch embedding.
    method("gc", null).explain(batch(1), Target.ofClass(0), 0);
    assertThat(log.list).isEmpty();
    XAIMethodBase paper =
        new GradCam(
            net,
            null,
            MethodOptions.of(Profile.AUCMEDI)
                .with(LayerChoice.OPTION, LayerChoice.LAST_CONVOLUTION));
    float[] expected =
        Explained.values(method("gc", "conv").explain(batch(1), Target.ofClass(0), 0));
    for (int i = 0; i < 3; i++) {
      assertThat(Explained.values(paper.explain(batch(1), Target.ofClass(0), 0)))
          .containsExactly(expected);
    }
    assertThat(log.list).hasSize(1);
    assertThat(log.list.get(0).getFormattedMessage())
        .contains("'conv'", "beginning of the network", "norm");
  }

  private XAIMethodBase method(String key, String layer) {
    return new XAIMethodRegistry().create(key, net, layer);
  }

  private NDArray batch(int images) {
    return batch(new Shape(images).addAll(IMAGE.slice(1)));
  }

  private NDArray batch(Shape shape) {
    float[] values = new float[Math.toIntExact(shape.size())];
    for (int i = 0; i < values.length; i++) {
      values[i] = i * 7 % 11 / 5f - 1;
    }
    return manager.create(FloatBuffer.wrap(values), shape);
  }

  private static Shape shape(String sizes) {
    return new Shape(Arrays.stream(sizes.split("x", -1)).mapToLong(Long::parseLong).toArray());
  }
}

package org.aucmedi.xai.methods.cam;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.aucmedi.xai.MethodOptions;
import org.aucmedi.xai.Profile;
import org.aucmedi.xai.Target;
import org.aucmedi.xai.XAIMethodBase;
import org.aucmedi.xai.XAIMethodRegistry;
import org.aucmedi.xai.model.Capability;
import org.aucmedi.xai.model.ChannelLayout;
import org.aucmedi.xai.model.ExplainableModel;
import org.aucmedi.xai.model.GuidedGradients;
import org.aucmedi.xai.model.Layer;
import org.aucmedi.xai.model.LayerGradients;
import org.aucmedi.xai.model.LayerKind;
import org.aucmedi.xai.model.OutputActivation;
import org.aucmedi.xai.model.OutputGradient;
import org.aucmedi.xai.model.RectifierRule;
import org.aucmedi.xai.model.UnsupportedModelException;
import org.aucmedi.xai.testkit.ClosedFormNet;
import org.aucmedi.xai.testkit.ClosedFormNet.Weights;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;

/** Layers as transformers have them: channels last in a channels-first model, and tokens. */
final class TransformerLayersTest {

  private static final Shape IMAGE = new Shape(1, 2, 10, 3);
  private static final int PLACES = 30;

  private final Logger logger = (Logger) LoggerFactory.getLogger(ClassActivationMap.class);
  private final ListAppender<ILoggingEvent> log = new ListAppender<>();
  private final Transformer net = new Transformer();
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
  @ValueSource(strings = {"gc", "gc++", "ggc"})
  void explain_channelsLastInAChannelsFirstModel_isTheMapOfTheSameLayerTurned(String key) {
    NDArray batch = batch(2);
    assertThat(method(key, "norm").explain(batch, Target.all(), 0).maps().getShape())
        .isEqualTo(new Shape(2, 3, 10, 3));
    assertThat(method(key, "norm").explain(batch, Target.all(), 0).maps().toFloatArray())
        .containsExactly(method(key, "relu").explain(batch, Target.all(), 0).maps().toFloatArray());
  }

  @ParameterizedTest
  @ValueSource(strings = {"gc", "gc++", "ggc"})
  void explain_tokens_areRefusedBeforeAnyGradient(String key) {
    assertThatExceptionOfType(UnsupportedModelException.class)
        .isThrownBy(() -> method(key, "block.3").explain(batch(2), Target.all(), 0))
        .withMessageContainingAll("'block.3' gives tokens", "(1, 30, 4)", "norm", "saliency");
    assertThat(net.gradientPasses).isZero();
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
        method("gc", "conv").explain(batch(1), Target.ofClass(0), 0).maps().toFloatArray();
    for (int i = 0; i < 3; i++) {
      assertThat(paper.explain(batch(1), Target.ofClass(0), 0).maps().toFloatArray())
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
    float[] values = new float[images * 2 * PLACES];
    for (int i = 0; i < values.length; i++) {
      values[i] = i * 7 % 11 / 5f - 1;
    }
    return manager.create(FloatBuffer.wrap(values), new Shape(images).addAll(IMAGE.slice(1)));
  }

  /** A convolution, blocks of tokens, and a normalisation with channels last. */
  private static final class Transformer implements ExplainableModel {

    private final ClosedFormNet net =
        new ClosedFormNet(ChannelLayout.CHANNELS_FIRST, Weights.random(2, 21));
    private int gradientPasses;

    @Override
    public List<Layer> layers(NDArray batch) {
      long images = batch.getShape().get(0);
      List<Layer> layers = new ArrayList<>();
      layers.add(net.layers(batch).get(0));
      layers.add(net.layers(batch).get(1));
      for (int i = 0; i < 12; i++) {
        layers.add(new Layer("block." + i, LayerKind.OTHER, new Shape(images, PLACES, 4)));
      }
      layers.add(new Layer("norm", LayerKind.NORM, new Shape(images, 10, 3, 4)));
      return layers;
    }

    @Override
    public LayerGradients layerGradients(NDArray batch, OutputGradient scores, String layer) {
      gradientPasses++;
      boolean norm = layer.equals("norm");
      LayerGradients found = net.layerGradients(batch, scores, norm ? "relu" : layer);
      NDList gradients = new NDList();
      for (NDArray gradient : found.gradients()) {
        gradients.add(norm ? turned(gradient) : gradient);
      }
      NDArray activations = norm ? turned(found.activations()) : found.activations();
      return new LayerGradients(found.output(), activations, gradients);
    }

    /** From (N, 4, 10, 3) to (N, 10, 3, 4). */
    private static NDArray turned(NDArray array) {
      float[] values = array.toFloatArray();
      float[] turned = new float[values.length];
      for (int i = 0; i < values.length; i++) {
        int image = i / (4 * PLACES);
        int channel = i / PLACES % 4;
        turned[(image * PLACES + i % PLACES) * 4 + channel] = values[i];
      }
      Shape shape = new Shape(array.getShape().get(0), 10, 3, 4);
      try (array) {
        return array.getManager().create(FloatBuffer.wrap(turned), shape);
      }
    }

    @Override
    public GuidedGradients guidedGradients(
        NDArray batch, OutputGradient scores, RectifierRule rule) {
      gradientPasses++;
      return net.guidedGradients(batch, scores, rule);
    }

    @Override
    public String engineName() {
      return net.engineName();
    }

    @Override
    public ChannelLayout channelLayout() {
      return net.channelLayout();
    }

    @Override
    public OutputActivation outputActivation() {
      return net.outputActivation();
    }

    @Override
    public Set<Capability> capabilities() {
      return net.capabilities();
    }

    @Override
    public NDManager newManager() {
      return net.newManager();
    }

    @Override
    public NDArray predict(NDArray batch) {
      return net.predict(batch);
    }

    @Override
    public void close() {
      net.close();
    }
  }
}

package org.aucmedi.xai.methods.cam;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.FloatBuffer;
import java.util.SplittableRandom;
import org.aucmedi.xai.MethodOptions;
import org.aucmedi.xai.Profile;
import org.aucmedi.xai.Score;
import org.aucmedi.xai.Target;
import org.aucmedi.xai.array.BatchAxes;
import org.aucmedi.xai.methods.Explained;
import org.aucmedi.xai.methods.perturbation.PerturbationMethod;
import org.aucmedi.xai.model.ChannelLayout;
import org.aucmedi.xai.model.ExplainableModel;
import org.aucmedi.xai.model.UnsupportedModelException;
import org.aucmedi.xai.testkit.ClosedFormNet;
import org.aucmedi.xai.testkit.ClosedFormNet.Weights;
import org.aucmedi.xai.testkit.Maps;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A channel that is 0 is one whose weights in the dense layer are 0. */
final class AblationCamTest {

  private static final int CHANNELS = 4;
  private static final int CLASSES = 3;

  @ParameterizedTest
  @CsvSource({
    "CHANNELS_FIRST, false, OUTPUT",
    "CHANNELS_LAST, false, LOGIT",
    "CHANNELS_FIRST, true, LOGIT",
    "CHANNELS_LAST, true, OUTPUT"
  })
  void rawMaps_anyLayout_areThoseOfNetworksWithoutAChannel(
      ChannelLayout layout, boolean volume, Score score) {
    Shape spatial = volume ? new Shape(3, 2, 4) : new Shape(4, 5);
    Shape one =
        layout == ChannelLayout.CHANNELS_FIRST
            ? new Shape(2, 2).addAll(spatial)
            : new Shape(2).addAll(spatial).add(2);
    for (int seed = 0; seed < 5; seed++) {
      Weights weights = Weights.random(2, seed);
      try (ClosedFormNet net = new ClosedFormNet(layout, weights);
          NDManager manager = net.newManager()) {
        NDArray batch = array(manager, one, seed);
        float[] found = Explained.values(method(net, score, 3).explainRaw(batch, Target.all()));
        float[] activations = net.layerActivations(batch, "relu").toFloatArray();
        BatchAxes axes = new BatchAxes(net.layers(batch).get(1).outputShape(), layout);
        float[] expected = new float[2 * CLASSES * axes.positions()];
        for (int k = 0; k < CHANNELS; k++) {
          float[][] head = new float[CLASSES][];
          for (int c = 0; c < CLASSES; c++) {
            head[c] = weights.head()[c].clone();
            head[c][k] = 0;
          }
          Weights without =
              new Weights(weights.own(), weights.near(), weights.bias(), head, weights.headBias());
          try (ClosedFormNet ablated = new ClosedFormNet(layout, without)) {
            for (int i = 0; i < expected.length; i++) {
              int image = i / axes.positions() / CLASSES;
              int c = i / axes.positions() % CLASSES;
              double y = score(net, batch, image, c, score);
              double weight = (y - score(ablated, batch, image, c, score)) / Math.abs(y);
              int at = axes.index(image, k, i % axes.positions());
              expected[i] += (float) (weight * activations[at]);
            }
          }
        }
        Maps.assertClose("seed " + seed, found, expected, 1e-4 * Maps.maxAbs(expected));
      }
    }
  }

  private static double score(ClosedFormNet net, NDArray batch, int image, int c, Score score) {
    float[] outputs = net.outputs(batch)[image];
    double mean = 0;
    for (float output : outputs) {
      mean += Math.log(output) / CLASSES;
    }
    return score == Score.OUTPUT ? outputs[c] : Math.log(outputs[c]) - mean;
  }

  @Test
  void rawMaps_anyBatchSize_areTheSame() {
    try (ClosedFormNet net =
            new ClosedFormNet(ChannelLayout.CHANNELS_FIRST, Weights.random(2, 21));
        NDManager manager = net.newManager()) {
      NDArray batch = array(manager, new Shape(2, 2, 4, 5), 3);
      float[] whole =
          Explained.values(method(net, Score.OUTPUT, 32).explainRaw(batch, Target.all()));
      for (int size = 1; size <= 4; size++) {
        assertThat(
                Explained.values(method(net, Score.OUTPUT, size).explainRaw(batch, Target.all())))
            .containsExactly(whole);
      }
    }
  }

  /** As of a layer to whose output a sum is added in place. */
  @Test
  void outputThatIsChangedInPlace_isRefused() {
    try (ClosedFormNet net =
            new ClosedFormNet(ChannelLayout.CHANNELS_FIRST, Weights.random(2, 21));
        NDManager manager = net.newManager()) {
      ExplainableModel twice =
          (ExplainableModel)
              Proxy.newProxyInstance(
                  AblationCamTest.class.getClassLoader(),
                  new Class<?>[] {ExplainableModel.class},
                  (proxy, method, arguments) -> {
                    if (method.getName().equals("predictFromLayer")) {
                      arguments[2] = doubled((NDArray) arguments[2]);
                    }
                    try {
                      return method.invoke(net, arguments);
                    } catch (InvocationTargetException e) {
                      throw e.getCause();
                    }
                  });
      assertThatExceptionOfType(UnsupportedModelException.class)
          .isThrownBy(
              () ->
                  method(twice, Score.OUTPUT, 32)
                      .explain(array(manager, new Shape(1, 2, 4, 5), 3), Target.all()))
          .withMessageContainingAll("'relu'", "in place", "scorecam");
    }
  }

  private static NDArray doubled(NDArray array) {
    float[] values = array.toFloatArray();
    for (int i = 0; i < values.length; i++) {
      values[i] *= 2;
    }
    return array.getManager().create(FloatBuffer.wrap(values), array.getShape());
  }

  private static AblationCam method(ExplainableModel net, Score score, int batchSize) {
    return new AblationCam(
        net,
        "relu",
        MethodOptions.of(Profile.AUCMEDI)
            .with(PerturbationMethod.BATCH_SIZE, batchSize)
            .with(Score.OPTION, score));
  }

  private static NDArray array(NDManager manager, Shape shape, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    float[] values = new float[(int) shape.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) (2 * random.nextDouble() - 1);
    }
    return manager.create(FloatBuffer.wrap(values), shape);
  }
}

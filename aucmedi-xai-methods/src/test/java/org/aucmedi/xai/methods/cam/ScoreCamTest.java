package org.aucmedi.xai.methods.cam;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.aucmedi.xai.MethodOptions;
import org.aucmedi.xai.Profile;
import org.aucmedi.xai.Score;
import org.aucmedi.xai.Target;
import org.aucmedi.xai.array.BatchAxes;
import org.aucmedi.xai.methods.Explained;
import org.aucmedi.xai.methods.perturbation.PerturbationMethod;
import org.aucmedi.xai.model.ChannelLayout;
import org.aucmedi.xai.testkit.ClosedFormNet;
import org.aucmedi.xai.testkit.ClosedFormNet.Weights;
import org.aucmedi.xai.testkit.Maps;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** On networks whose layer has the image's size, so that a mask is a channel between 0 and 1. */
final class ScoreCamTest {

  private static final int CHANNELS = 4;
  private static final int CLASSES = 3;

  @ParameterizedTest
  @CsvSource({
    "CHANNELS_FIRST, false, 100",
    "CHANNELS_LAST, false, 100",
    "CHANNELS_FIRST, true, 100",
    "CHANNELS_LAST, true, 100",
    "CHANNELS_FIRST, false, 2",
    "CHANNELS_LAST, true, 1"
  })
  void rawMaps_anyLayout_areWeighedByTheMaskedScores(
      ChannelLayout layout, boolean volume, int most) {
    Shape spatial = volume ? new Shape(3, 2, 4) : new Shape(4, 5);
    Shape one =
        layout == ChannelLayout.CHANNELS_FIRST
            ? new Shape(1, 2).addAll(spatial)
            : new Shape(1).addAll(spatial).add(2);
    for (int seed = 0; seed < 5; seed++) {
      Weights weights = Weights.random(2, seed);
      weights.bias()[2] = -100; // a channel that is never active
      float[] image = random((int) one.size(), seed);
      try (ClosedFormNet net = new ClosedFormNet(layout, weights, true, false);
          NDManager manager = net.newManager()) {
        float[] found =
            Explained.values(
                method(net, most, 3).explainRaw(array(manager, image, one), Target.all()));
        float[] expected = expected(net, manager, image, one, most);
        Maps.assertClose("seed " + seed, found, expected, 1e-5 * Maps.maxAbs(expected));
      }
    }
  }

  /** The formula, channel by channel. */
  private static float[] expected(
      ClosedFormNet net, NDManager manager, float[] image, Shape one, int most) {
    BatchAxes axes = new BatchAxes(one, net.channelLayout());
    NDArray found = net.layerActivations(array(manager, image, one), "relu");
    BatchAxes of = new BatchAxes(found.getShape(), net.channelLayout());
    float[] activations = found.toFloatArray();
    List<Integer> chosen = new ArrayList<>();
    for (int k = 0; k < CHANNELS; k++) {
      chosen.add(k);
    }
    chosen.sort((a, b) -> Double.compare(spread(activations, of, b), spread(activations, of, a)));
    double[][] sums = new double[CLASSES][axes.positions()];
    double[] totals = new double[CLASSES];
    for (int k : chosen.subList(0, Math.min(most, CHANNELS))) {
      float min = Float.MAX_VALUE;
      float max = -Float.MAX_VALUE;
      for (int i = 0; i < axes.positions(); i++) {
        min = Math.min(min, activations[of.index(0, k, i)]);
        max = Math.max(max, activations[of.index(0, k, i)]);
      }
      float[] masked = image.clone();
      for (int c = 0; c < 2; c++) {
        for (int i = 0; i < axes.positions(); i++) {
          float mask = max == min ? 0 : (activations[of.index(0, k, i)] - min) / (max - min);
          masked[axes.index(0, c, i)] *= mask;
        }
      }
      float[] scores = net.outputs(array(manager, masked, one))[0];
      for (int c = 0; c < CLASSES; c++) {
        double weight = Math.exp(scores[c]);
        totals[c] += weight;
        for (int i = 0; i < axes.positions(); i++) {
          sums[c][i] += weight * activations[of.index(0, k, i)];
        }
      }
    }
    float[] maps = new float[CLASSES * axes.positions()];
    for (int i = 0; i < maps.length; i++) {
      int c = i / axes.positions();
      maps[i] = (float) (sums[c][i % axes.positions()] / totals[c]);
    }
    return maps;
  }

  private static double spread(float[] activations, BatchAxes axes, int channel) {
    double sum = 0;
    double squares = 0;
    for (int i = 0; i < axes.positions(); i++) {
      double value = activations[axes.index(0, channel, i)];
      sum += value;
      squares += value * value;
    }
    return squares / axes.positions() - Math.pow(sum / axes.positions(), 2);
  }

  @Test
  void rawMaps_anyBatchSize_areTheSame() {
    Shape shape = new Shape(2, 2, 4, 5);
    try (ClosedFormNet net =
            new ClosedFormNet(ChannelLayout.CHANNELS_FIRST, Weights.random(2, 21));
        NDManager manager = net.newManager()) {
      NDArray batch = array(manager, random((int) shape.size(), 3), shape);
      float[] whole = Explained.values(method(net, 100, 32).explainRaw(batch, Target.all()));
      for (int size = 1; size <= 3; size++) {
        assertThat(Explained.values(method(net, 100, size).explainRaw(batch, Target.all())))
            .containsExactly(whole);
      }
    }
  }

  /** Scores of thousands, of which one channel takes all the weight. */
  @Test
  void rawMaps_largeLogits_areFinite() {
    Shape shape = new Shape(1, 2, 4, 5);
    try (ClosedFormNet net =
            new ClosedFormNet(
                ChannelLayout.CHANNELS_FIRST,
                Weights.random(2, 21).withHeadTimes(1e5f),
                true,
                false);
        NDManager manager = net.newManager()) {
      NDArray batch = array(manager, random((int) shape.size(), 3), shape);
      float[] activations = net.layerActivations(batch, "relu").toFloatArray();
      float[] found = Explained.values(method(net, 100, 32).explainRaw(batch, Target.ofClass(0)));
      double best = Double.MAX_VALUE;
      for (int k = 0; k < CHANNELS; k++) {
        float[] channel = new float[20];
        System.arraycopy(activations, k * 20, channel, 0, 20);
        best = Math.min(best, Maps.maxDifference(found, channel));
      }
      assertThat(best).isLessThan(1e-6);
    }
  }

  private static ScoreCam method(ClosedFormNet net, int channels, int batchSize) {
    return new ScoreCam(
        net,
        "relu",
        MethodOptions.of(Profile.AUCMEDI)
            .with(ScoreCam.MAX_CHANNELS, channels)
            .with(PerturbationMethod.BATCH_SIZE, batchSize)
            .with(Score.OPTION, Score.OUTPUT));
  }

  private static NDArray array(NDManager manager, float[] values, Shape shape) {
    return manager.create(FloatBuffer.wrap(values), shape);
  }

  private static float[] random(int size, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    float[] values = new float[size];
    for (int i = 0; i < size; i++) {
      values[i] = (float) (2 * random.nextDouble() - 1);
    }
    return values;
  }
}

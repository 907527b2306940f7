package org.aucmedi.xai.methods.perturbation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.nio.FloatBuffer;
import org.aucmedi.xai.Heatmap;
import org.aucmedi.xai.MethodOptions;
import org.aucmedi.xai.Profile;
import org.aucmedi.xai.Target;
import org.aucmedi.xai.array.BatchAxes;
import org.aucmedi.xai.methods.Explained;
import org.aucmedi.xai.methods.segmentation.SegmentationChoice;
import org.aucmedi.xai.methods.segmentation.Superpixels;
import org.aucmedi.xai.model.ChannelLayout;
import org.aucmedi.xai.model.ExplainableModel;
import org.aucmedi.xai.testkit.ClosedFormNet;
import org.aucmedi.xai.testkit.ClosedFormNet.Weights;
import org.aucmedi.xai.testkit.LinearModel;
import org.junit.jupiter.api.Test;

/** How well LIME says that its linear model fits. */
final class LimeFitTest {

  private static final Shape IMAGE = new Shape(1, 2, 6, 8);
  private static final int SAMPLES = 60;

  private static final MethodOptions OPTIONS =
      MethodOptions.of(Profile.AUCMEDI)
          .with(SegmentationChoice.OPTION, SegmentationChoice.GRID)
          .with(SegmentationChoice.SEGMENTS, 12)
          .with(Lime.SAMPLES, SAMPLES);

  @Test
  void rSquared_isThatOfTheWeightsThatTheMapShows() {
    try (ExplainableModel net =
            new ClosedFormNet(
                ChannelLayout.CHANNELS_FIRST, Weights.random(2, 21).withHeadTimes(4));
        NDManager manager = net.newManager()) {
      Heatmap map =
          Explained.only(
              new LimePro(net, null, OPTIONS)
                  .explainRaw(manager.create(FloatBuffer.wrap(image()), IMAGE), Target.ofClass(1)));
      double found = map.diagnostics().get(Lime.R_SQUARED);

      assertThat(found).isCloseTo(rSquared(net, manager, map.values()), within(1e-4));
      assertThat(found).isBetween(0.3, 0.999);
    }
  }

  @Test
  void rSquared_ofALinearModel_isAlmostOne() {
    float[][] weights = {image()};
    try (ExplainableModel model = new LinearModel(weights, ChannelLayout.CHANNELS_FIRST, "heap");
        NDManager manager = model.newManager()) {
      Heatmap map =
          Explained.only(
              new LimeCon(model, null, OPTIONS.with(Lime.RIDGE, 1e-4))
                  .explain(manager.create(FloatBuffer.wrap(image()), IMAGE), Target.ofClass(0)));
      assertThat(map.diagnostics().get(Lime.R_SQUARED)).isBetween(0.99999, 1.0);
    }
  }

  /** Predicts every sample, and compares with the sum of what the map says of its superpixels. */
  private static double rSquared(ExplainableModel net, NDManager manager, float[] map) {
    float[] image = image();
    BatchAxes axes = new BatchAxes(IMAGE, ChannelLayout.CHANNELS_FIRST);
    Superpixels superpixels = SegmentationChoice.of(OPTIONS, axes).segment(image, axes);
    PerturbationSamples near = PerturbationSamples.draw(SAMPLES, superpixels.count(), 0, 0.25);
    double[] y = new double[SAMPLES];
    double[] shown = new double[SAMPLES];
    for (int s = 0; s < SAMPLES; s++) {
      float[] sample = image.clone();
      boolean[] counted = new boolean[superpixels.count()];
      for (int i = 0; i < axes.positions(); i++) {
        int part = superpixels.at(i);
        if (!near.on()[s][part]) {
          sample[axes.index(0, 0, i)] = 0;
          sample[axes.index(0, 1, i)] = 0;
        } else if (!counted[part]) {
          counted[part] = true;
          shown[s] += map[i];
        }
      }
      try (NDArray batch = manager.create(FloatBuffer.wrap(sample), IMAGE)) {
        y[s] = net.outputs(batch)[0][1];
      }
    }
    double meanY = mean(y, near.weights());
    double intercept = meanY - mean(shown, near.weights());
    double rest = 0;
    double all = 0;
    for (int s = 0; s < SAMPLES; s++) {
      rest += near.weights()[s] * Math.pow(y[s] - intercept - shown[s], 2);
      all += near.weights()[s] * Math.pow(y[s] - meanY, 2);
    }
    return 1 - rest / all;
  }

  private static double mean(double[] values, double[] weights) {
    double sum = 0;
    double total = 0;
    for (int s = 0; s < values.length; s++) {
      sum += weights[s] * values[s];
      total += weights[s];
    }
    return sum / total;
  }

  private static float[] image() {
    float[] values = new float[Math.toIntExact(IMAGE.size())];
    for (int i = 0; i < values.length; i++) {
      values[i] = i * 7 % 11 / 5f - 1;
    }
    return values;
  }
}

package org.aucmedi.xai.methods.gradient;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.mockito.AdditionalAnswers.delegatesTo;
import static org.mockito.ArgumentMatchers.any;
import static org.mockito.Mockito.doAnswer;
import static org.mockito.Mockito.mock;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CancellationException;
import org.aucmedi.xai.BatchSizes;
import org.aucmedi.xai.MethodOptions;
import org.aucmedi.xai.Profile;
import org.aucmedi.xai.Target;
import org.aucmedi.xai.methods.Baseline;
import org.aucmedi.xai.methods.Explained;
import org.aucmedi.xai.model.ChannelLayout;
import org.aucmedi.xai.model.ExplainableModel;
import org.aucmedi.xai.model.OutputGradient;
import org.aucmedi.xai.testkit.ClosedFormNet;
import org.aucmedi.xai.testkit.ClosedFormNet.Weights;
import org.aucmedi.xai.testkit.CountingModel;
import org.aucmedi.xai.testkit.LinearModel;
import org.aucmedi.xai.testkit.Maps;
import org.aucmedi.xai.testkit.NativeArrays;
import org.junit.jupiter.api.Test;

/** What integrated gradients do with passes; identities and vectors tell whether they are right. */
final class IntegratedGradientsTest {

  private static final MethodOptions PAPER = MethodOptions.of(Profile.PAPER);

  @Test
  void explain_anyBatchSize_isTheSame() {
    try (ClosedFormNet net = net();
        NDManager manager = net.newManager()) {
      NDArray batch = batch(manager);
      float[] expected = raw(net, batch, PAPER);
      for (int size : new int[] {1, 2, 50, 51, 1000}) {
        Maps.assertClose(
            "batch size " + size,
            raw(net, batch, PAPER.with(IntegratedGradients.BATCH_SIZE, size)),
            expected,
            1e-6);
      }
    }
  }

  @Test
  void explain_batchWithABaselineOfEachImage_isThatOfTheImagesAlone() {
    MethodOptions options = PAPER.with(IntegratedGradients.BASELINE, new Baseline.Mean());
    try (ClosedFormNet net = net();
        NDManager manager = net.newManager()) {
      NDArray batch = batch(manager);
      float[] values = batch.toFloatArray();
      float[] together = raw(net, batch, options);
      for (int n = 0; n < 2; n++) {
        float[] image = Arrays.copyOfRange(values, n * 24, (n + 1) * 24);
        float[] alone =
            raw(net, manager.create(FloatBuffer.wrap(image), new Shape(1, 2, 3, 4)), options);
        Maps.assertClose(
            "image " + n, Arrays.copyOfRange(together, n * 36, (n + 1) * 36), alone, 1e-6);
      }
    }
  }

  @Test
  void explain_manyClassesOfALargeImage_takesFewPointsAtOnce() {
    // Eight of these images fill a pass, and the gradients of fifteen classes leave room for four.
    int size = BatchSizes.MAX_INPUT_VALUES / 8;
    LinearModel linear = new LinearModel(new float[15][size], ChannelLayout.CHANNELS_FIRST, "heap");
    ExplainableModel model = mock(ExplainableModel.class, delegatesTo(linear));
    List<Long> points = new ArrayList<>();
    doAnswer(
            call -> {
              NDArray way = call.getArgument(0);
              points.add(way.getShape().get(0));
              return linear.inputGradients(way, call.<OutputGradient>getArgument(1));
            })
        .when(model)
        .inputGradients(any(), any(OutputGradient.class));
    try (NDManager manager = linear.newManager()) {
      NDArray image = manager.create(new Shape(1, 1, 1, size));
      new IntegratedGradients(model, null, PAPER.with(IntegratedGradients.STEPS, 6))
          .explain(image, Target.all(), 0);
    }
    // The image goes alone.
    assertThat(points).containsExactly(1L, 4L, 2L);
  }

  @Test
  void explain_photograph_takesFewPointsAtOnce() {
    int size = BatchSizes.MAX_INPUT_VALUES / 4;
    LinearModel linear = new LinearModel(new float[2][size], ChannelLayout.CHANNELS_FIRST, "heap");
    CountingModel model = new CountingModel(linear);
    try (NDManager manager = linear.newManager()) {
      NDArray image = manager.create(new Shape(1, 1, 1, size));
      new IntegratedGradients(model, null, PAPER.with(IntegratedGradients.STEPS, 6))
          .explain(image, Target.ofClass(0), 0);
    }
    // The image alone, then 4 points and 2.
    assertThat(model.take()).isEqualTo(new CountingModel.Count(3, 7, 7));
  }

  @Test
  void explain_moreClassesThanMemoryHolds_areDoneAFewAtATime() {
    int size = BatchSizes.MAX_VALUES / 3;
    float[][] weights = new float[5][size];
    for (int k = 0; k < 5; k++) {
      weights[k][k] = k + 1;
    }
    LinearModel linear = new LinearModel(weights, ChannelLayout.CHANNELS_FIRST, "heap");
    ExplainableModel model = mock(ExplainableModel.class, delegatesTo(linear));
    List<Integer> classes = new ArrayList<>();
    doAnswer(
            call -> {
              NDList gradients =
                  linear.inputGradients(call.getArgument(0), call.<OutputGradient>getArgument(1));
              classes.add(gradients.size());
              return gradients;
            })
        .when(model)
        .inputGradients(any(), any(OutputGradient.class));
    try (NDManager manager = linear.newManager()) {
      float[] image = new float[size];
      Arrays.fill(image, 2);
      float[] maps =
          Explained.values(
              new IntegratedGradients(model, null, PAPER.with(IntegratedGradients.STEPS, 1))
                  .explainRaw(
                      manager.create(FloatBuffer.wrap(image), new Shape(1, 1, 1, size)),
                      Target.all()));
      for (int k = 0; k < 5; k++) {
        assertThat(maps[k * size + k]).isEqualTo(2 * (k + 1));
        assertThat(maps[k * size + 5]).isZero();
      }
    }
    // Two points of the way, first for three classes and then for two.
    assertThat(classes).containsExactly(3, 3, 2, 2);
  }

  @Test
  void explain_interrupted_stopsStaysInterruptedAndLeavesNoArrays() {
    try (ClosedFormNet net = net();
        NDManager manager = net.newManager()) {
      NDArray batch = batch(manager);
      int before = NativeArrays.aliveBeside(manager);
      Thread.currentThread().interrupt();
      assertThatExceptionOfType(CancellationException.class)
          .isThrownBy(
              () -> IntegratedGradients.builder().build(net).explain(batch, Target.all(), 0))
          .withMessageContaining("of 51 images");
      assertThat(Thread.interrupted()).isTrue();
      assertThat(NativeArrays.aliveBeside(manager)).isEqualTo(before);
    }
  }

  private static float[] raw(ExplainableModel model, NDArray batch, MethodOptions options) {
    return Explained.values(
        new IntegratedGradients(model, null, options).explainRaw(batch, Target.all()));
  }

  private static ClosedFormNet net() {
    return new ClosedFormNet(ChannelLayout.CHANNELS_FIRST, Weights.random(2, 21));
  }

  private static NDArray batch(NDManager manager) {
    float[] values = new float[48];
    for (int i = 0; i < 48; i++) {
      values[i] = i * 7 % 11 / 5f - 1;
    }
    return manager.create(FloatBuffer.wrap(values), new Shape(2, 2, 3, 4));
  }
}

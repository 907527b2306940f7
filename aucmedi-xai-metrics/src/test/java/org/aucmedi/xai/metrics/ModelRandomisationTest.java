package org.aucmedi.xai.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.AbstractBlock;
import ai.djl.nn.Parameter;
import ai.djl.training.ParameterStore;
import ai.djl.util.PairList;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.aucmedi.xai.model.ChannelLayout;
import org.aucmedi.xai.testkit.LinearModel;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Two layers whose weights are themselves the maps, so that it is known what each step changes. */
final class ModelRandomisationTest {

  private static final int SIZE = 20_000;

  private final NDManager manager =
      new LinearModel(new float[0][], ChannelLayout.CHANNELS_FIRST, "heap").newManager();
  private final Layer first = new Layer(ramp(2, 1e-3f));
  private final Layer last = new Layer(ramp(-1, 1e-4f));
  private final Network network = new Network(first, last);

  /** A block with weights and a running mean. */
  private final class Layer extends AbstractBlock {

    private final Parameter weights;
    private final Parameter runningMean;

    Layer(float[] values) {
      weights = add("weights", Parameter.Type.WEIGHT, values);
      runningMean = add("mean", Parameter.Type.RUNNING_MEAN, 1, 2, 4);
    }

    private Parameter add(String name, Parameter.Type type, float... values) {
      Parameter parameter = Parameter.builder().setName(name).setType(type).build();
      parameter.setArray(manager.create(values, new Shape(values.length)));
      return addParameter(parameter);
    }

    float[] weights() {
      return weights.getArray().toFloatArray();
    }

    float[] runningMean() {
      return runningMean.getArray().toFloatArray();
    }

    @Override
    protected NDList forwardInternal(
        ParameterStore store, NDList inputs, boolean training, PairList<String, Object> params) {
      throw new UnsupportedOperationException();
    }

    @Override
    public Shape[] getOutputShapes(Shape[] inputShapes) {
      return inputShapes;
    }
  }

  private static final class Network extends AbstractBlock {

    Network(Layer... layers) {
      for (Layer layer : layers) {
        addChildBlock("layer", layer);
      }
    }

    @Override
    protected NDList forwardInternal(
        ParameterStore store, NDList inputs, boolean training, PairList<String, Object> params) {
      throw new UnsupportedOperationException();
    }

    @Override
    public Shape[] getOutputShapes(Shape[] inputShapes) {
      return inputShapes;
    }
  }

  @AfterEach
  void close() {
    manager.close();
  }

  @Test
  void cascade_mapsOfOneLayerEach_changeFromTheLastLayerOn() {
    assertThat(ModelRandomisation.cascade(network, 2, () -> List.of(first.weights())))
        .hasSize(3)
        .startsWith(1, 1)
        .satisfies(means -> assertThat(means[2]).isCloseTo(0, within(0.03)));
    double[] alike = ModelRandomisation.cascade(network, 2, () -> List.of(last.weights()));
    assertThat(alike[0]).isEqualTo(1);
    assertThat(alike[1]).isCloseTo(0, within(0.03)).isEqualTo(alike[2]);
  }

  @Test
  void independent_mapsOfOneLayerEach_changeWithThatLayerAlone() {
    double[] ofFirst = ModelRandomisation.independent(network, 2, () -> List.of(first.weights()));
    assertThat(ofFirst).hasSize(3).startsWith(1, 1);
    assertThat(ofFirst[2]).isCloseTo(0, within(0.03));
    double[] ofLast = ModelRandomisation.independent(network, 2, () -> List.of(last.weights()));
    assertThat(ofLast[1]).isCloseTo(0, within(0.03));
    assertThat(new double[] {ofLast[0], ofLast[2]}).containsExactly(1, 1);
    assertThat(first.weights()).isEqualTo(ramp(2, 1e-3f));
    assertThat(last.weights()).isEqualTo(ramp(-1, 1e-4f));
  }

  @Test
  void cascade_severalMaps_isTheirMean() {
    float[] blind = {1, 2, 3};
    double[] alike = ModelRandomisation.cascade(network, 3, () -> List.of(blind, last.weights()));
    double[] seeing = ModelRandomisation.cascade(network, 3, () -> List.of(last.weights()));
    for (int layers = 0; layers < 3; layers++) {
      assertThat(alike[layers]).isCloseTo((1 + seeing[layers]) / 2, within(1e-12));
    }
  }

  @Test
  void cascade_drawnWeights_haveTheMeanAndSpreadOfTheLearntOnes() {
    List<float[]> seen = new ArrayList<>();
    ModelRandomisation.cascade(
        network,
        1,
        () -> {
          seen.add(first.weights());
          assertThat(first.runningMean()).containsExactly(1, 2, 4);
          return List.of(first.weights());
        });
    float[] learnt = ramp(2, 1e-3f);
    assertThat(seen).hasSize(4);
    assertThat(seen.subList(0, 3)).containsOnly(learnt);
    float[] drawn = seen.get(3);
    assertThat(drawn).isNotEqualTo(learnt);
    double spread = spread(learnt);
    assertThat(spread).isCloseTo(1e-3 * SIZE / Math.sqrt(12), within(1e-3));
    // Five standard errors.
    assertThat(mean(drawn)).isCloseTo(mean(learnt), within(5 * spread / Math.sqrt(SIZE)));
    assertThat(spread(drawn)).isCloseTo(spread, within(5 * spread / Math.sqrt(2 * SIZE)));
  }

  @Test
  void cascade_afterwards_networkHasItsWeightsAgain() {
    ModelRandomisation.cascade(network, 1, () -> List.of(last.weights()));
    assertThat(first.weights()).isEqualTo(ramp(2, 1e-3f));
    assertThat(last.weights()).isEqualTo(ramp(-1, 1e-4f));

    assertThatIllegalStateException()
        .isThrownBy(
            () ->
                ModelRandomisation.cascade(
                    network,
                    1,
                    () -> {
                      if (!Arrays.equals(last.weights(), ramp(-1, 1e-4f))) {
                        throw new IllegalStateException("cannot explain");
                      }
                      return List.of(last.weights());
                    }));
    assertThat(last.weights()).isEqualTo(ramp(-1, 1e-4f));
  }

  @Test
  void cascade_noDrawNoMapOrOthers_isRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ModelRandomisation.cascade(network, 0, List::of))
        .withMessageContaining("draws must be at least 1, got 0");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ModelRandomisation.cascade(network, 1, List::of))
        .withMessageContaining("no maps");
    List<float[]> growing = new ArrayList<>();
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                ModelRandomisation.cascade(
                    network,
                    1,
                    () -> {
                      growing.add(new float[1]);
                      return List.copyOf(growing);
                    }))
        .withMessageContaining("expected 1 maps, got 2");
  }

  private static float[] ramp(float start, float step) {
    float[] values = new float[SIZE];
    for (int i = 0; i < SIZE; i++) {
      values[i] = start + step * i;
    }
    return values;
  }

  private static double mean(float[] values) {
    double sum = 0;
    for (float value : values) {
      sum += value;
    }
    return sum / values.length;
  }

  private static double spread(float[] values) {
    double mean = mean(values);
    double sum = 0;
    for (float value : values) {
      sum += (value - mean) * (value - mean);
    }
    return Math.sqrt(sum / values.length);
  }
}

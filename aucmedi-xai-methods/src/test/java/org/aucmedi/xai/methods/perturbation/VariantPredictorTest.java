package org.aucmedi.xai.methods.perturbation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.mockito.AdditionalAnswers.delegatesTo;
import static org.mockito.ArgumentMatchers.any;
import static org.mockito.Mockito.doAnswer;
import static org.mockito.Mockito.mock;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.aucmedi.xai.BatchSizes;
import org.aucmedi.xai.Progress;
import org.aucmedi.xai.error.XAIException;
import org.aucmedi.xai.model.ChannelLayout;
import org.aucmedi.xai.model.ExplainableModel;
import org.aucmedi.xai.testkit.ClosedFormNet;
import org.aucmedi.xai.testkit.ClosedFormNet.Weights;
import org.aucmedi.xai.testkit.CountingModel;
import org.aucmedi.xai.testkit.LinearModel;
import org.aucmedi.xai.testkit.NativeArrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class VariantPredictorTest {

  private static final Shape IMAGE = new Shape(1, 3, 4);
  private static final int COUNT = 23;

  private final ExplainableModel net =
      new ClosedFormNet(ChannelLayout.CHANNELS_FIRST, Weights.random(1, 11));
  private final NDManager manager = net.newManager();
  private final float[] image = new float[12];

  VariantPredictorTest() {
    for (int i = 0; i < image.length; i++) {
      image[i] = i / 5f - 1;
    }
  }

  @AfterEach
  void close() {
    manager.close();
    net.close();
  }

  /** Adds to one position, so that what is left of another variant would be seen. */
  private static void change(int index, FloatBuffer pixels) {
    pixels.put(index % 12, pixels.get(index % 12) + 1 + index / 12f);
  }

  private float[][] predict(int batchSize, Progress progress) {
    return predict(new VariantPredictor(net, batchSize, progress), manager);
  }

  private float[][] predict(VariantPredictor predictor, NDManager owner) {
    float[][] found = new float[COUNT][];
    predictor.predict(
        owner,
        image,
        IMAGE,
        COUNT,
        VariantPredictorTest::change,
        (index, output) -> found[index] = output);
    return found;
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 7, 22, 23, 24, 1000})
  void predict_anyBatchSize_givesTheBitsOfOneByOne(int batchSize) {
    float[] before = image.clone();
    float[][] found = predict(batchSize, Progress.NONE);
    assertThat(found).hasDimensions(COUNT, 3);
    for (int i = 0; i < COUNT; i++) {
      float[] changed = image.clone();
      change(i, FloatBuffer.wrap(changed));
      NDArray one = manager.create(changed, new Shape(1, 1, 3, 4));
      assertThat(found[i]).as("variant " + i).containsExactly(net.predict(one).toFloatArray());
    }
    assertThat(image).containsExactly(before);
  }

  @Test
  void predict_manyThreads_giveTheBitsOfOne() throws Exception {
    float[][] expected = predict(4, Progress.NONE);
    VariantPredictor predictor = new VariantPredictor(net, 5, Progress.NONE);
    ExecutorService threads = Executors.newFixedThreadPool(4);
    try {
      List<Future<float[][]>> results = new ArrayList<>();
      for (int i = 0; i < 12; i++) {
        results.add(
            threads.submit(
                () -> {
                  try (NDManager own = net.newManager()) {
                    return predict(predictor, own);
                  }
                }));
      }
      for (Future<float[][]> result : results) {
        assertThat(result.get()).isDeepEqualTo(expected);
      }
    } finally {
      threads.shutdownNow();
    }
  }

  @Test
  void predict_volumes_areBoundedByTheirSize() {
    // Four of these images fill a pass, whatever the batch size.
    int size = BatchSizes.MAX_INPUT_VALUES / 4;
    List<Long> batches = new ArrayList<>();
    ExplainableModel model =
        mock(
            ExplainableModel.class,
            delegatesTo(new LinearModel(new float[1][size], ChannelLayout.CHANNELS_FIRST, "heap")));
    doAnswer(
            call -> {
              NDArray batch = call.getArgument(0);
              batches.add(batch.getShape().get(0));
              return batch.getManager().create(new Shape(batch.getShape().get(0), 2));
            })
        .when(model)
        .predict(any());
    new VariantPredictor(model, 32, Progress.NONE)
        .predict(
            manager,
            new float[size],
            new Shape(1, 1, 1, size),
            10,
            (index, pixels) -> {
              assertThat(pixels.capacity()).isEqualTo(size);
              pixels.put(0, index + 1);
            },
            (index, output) -> assertThat(output).hasSize(2));
    assertThat(batches).containsExactly(4L, 4L, 2L);
  }

  @Test
  void images_ofAPass_areAtLeastOneAndAtMostTheBatch() {
    Device cpu = Device.cpu();
    assertThat(BatchSizes.of(32, 64 * 64 * 3, cpu)).isEqualTo(32);
    assertThat(BatchSizes.of(32, 224 * 224 * 3, cpu)).isEqualTo(6);
    assertThat(BatchSizes.of(32, BatchSizes.MAX_INPUT_VALUES, cpu)).isEqualTo(1);
    assertThat(BatchSizes.of(32, Long.MAX_VALUE, cpu)).isEqualTo(1);
    assertThat(BatchSizes.of(1, 1, cpu)).isEqualTo(1);
    Device gpu = Device.gpu();
    assertThat(BatchSizes.of(32, 224 * 224 * 3, gpu)).isEqualTo(32);
    assertThat(BatchSizes.of(32, 128 * 128 * 128, gpu)).isEqualTo(4);
    assertThat(BatchSizes.of(32, BatchSizes.MAX_VALUES + 1L, gpu)).isEqualTo(1);
    assertThat(BatchSizes.inMemory(10, BatchSizes.MAX_VALUES / 3)).isEqualTo(3);
    assertThat(BatchSizes.inMemory(10, Long.MAX_VALUE)).isEqualTo(1);
  }

  /** Of 0 to 22, those divisible by 3 are the image itself; one of them needs a prediction. */
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 7, 1000})
  void predict_variantsThatChangeNothing_arePredictedOnce(int batchSize) {
    CountingModel counting = new CountingModel(net);
    List<Integer> order = new ArrayList<>();
    List<float[]> found = new ArrayList<>();
    List<Long> told = new ArrayList<>();
    new VariantPredictor(counting, batchSize, (done, total) -> told.add(done))
        .predict(
            manager,
            image,
            IMAGE,
            COUNT,
            (index, pixels) -> {
              if (index % 3 != 0) {
                change(index, pixels);
              }
            },
            (index, output) -> {
              order.add(index);
              found.add(output);
            });
    assertThat(order).containsExactlyElementsOf(IntStream.range(0, COUNT).boxed().toList());
    assertThat(counting.take().images()).isEqualTo(COUNT - 7);
    assertThat(told).isSorted().endsWith((long) COUNT);
    for (int i = 0; i < COUNT; i++) {
      float[] pixels = image.clone();
      if (i % 3 != 0) {
        change(i, FloatBuffer.wrap(pixels));
      }
      NDArray one = manager.create(pixels, new Shape(1, 1, 3, 4));
      assertThat(found.get(i)).as("variant " + i).isEqualTo(net.predict(one).toFloatArray());
      found.get(i)[0] = -1; // each is the receiver's own
    }
  }

  @Test
  void predict_onlyTheImageItself_takesOnePass() {
    CountingModel counting = new CountingModel(net);
    List<Integer> order = new ArrayList<>();
    new VariantPredictor(counting, 4, Progress.NONE)
        .predict(
            manager, image, IMAGE, 9, (index, pixels) -> {}, (index, output) -> order.add(index));
    assertThat(order).hasSize(9);
    assertThat(counting.take()).isEqualTo(new CountingModel.Count(1, 1, 0));
  }

  @Test
  void predict_progress_isToldAfterEveryPass() {
    List<String> told = new ArrayList<>();
    predict(10, (done, total) -> told.add(done + "/" + total));
    assertThat(told).containsExactly("10/23", "20/23", "23/23");
  }

  @Test
  void predict_listenerGivesUp_stopsAndLeavesNoArrays() {
    int before = NativeArrays.aliveBeside(manager);
    List<Long> told = new ArrayList<>();
    assertThatExceptionOfType(CancellationException.class)
        .isThrownBy(
            () ->
                predict(
                    2,
                    (done, total) -> {
                      told.add(done);
                      if (done == 6) {
                        throw new CancellationException("enough");
                      }
                    }))
        .withMessage("enough");
    assertThat(told).containsExactly(2L, 4L, 6L);
    assertThat(NativeArrays.aliveBeside(manager)).isEqualTo(before);
  }

  @Test
  void predict_interrupted_stopsStaysInterruptedAndLeavesNoArrays() {
    int before = NativeArrays.aliveBeside(manager);
    assertThatExceptionOfType(CancellationException.class)
        .isThrownBy(
            () ->
                predict(
                    3,
                    (done, total) -> {
                      if (done == 9) {
                        Thread.currentThread().interrupt();
                      }
                    }))
        .withMessage("interrupted after 9 of 23 images");
    assertThat(Thread.interrupted()).isTrue();
    assertThat(NativeArrays.aliveBeside(manager)).isEqualTo(before);
  }

  @Test
  void predict_variantOrPassFails_leavesNoArrays() {
    int before = NativeArrays.aliveBeside(manager);
    VariantPredictor predictor = new VariantPredictor(net, 2, Progress.NONE);
    assertThatExceptionOfType(IllegalStateException.class)
        .isThrownBy(
            () ->
                predictor.predict(
                    manager,
                    image,
                    IMAGE,
                    5,
                    (index, pixels) -> {
                      if (index == 3) {
                        throw new IllegalStateException("no such variant");
                      }
                    },
                    (index, output) -> assertThat(index).isLessThan(2)));
    assertThatExceptionOfType(XAIException.class)
        .isThrownBy(
            () ->
                predictor.predict(
                    manager,
                    image,
                    new Shape(2, 3, 2),
                    5,
                    VariantPredictorTest::change,
                    (index, output) -> assertThat(output).isNull()));
    assertThat(NativeArrays.aliveBeside(manager)).isEqualTo(before);
  }

  @Test
  void predictor_emptyBatch_isRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new VariantPredictor(net, 0, Progress.NONE))
        .withMessageContaining("got 0");
  }
}

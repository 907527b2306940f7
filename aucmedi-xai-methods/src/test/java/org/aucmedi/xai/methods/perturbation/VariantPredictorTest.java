package org.aucmedi.xai.methods.perturbation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.mockito.AdditionalAnswers.delegatesTo;
import static org.mockito.ArgumentMatchers.any;
import static org.mockito.Mockito.doAnswer;
import static org.mockito.Mockito.mock;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.aucmedi.xai.Progress;
import org.aucmedi.xai.error.XAIException;
import org.aucmedi.xai.methods.BatchSizes;
import org.aucmedi.xai.model.ChannelLayout;
import org.aucmedi.xai.model.ExplainableModel;
import org.aucmedi.xai.testkit.ClosedFormNet;
import org.aucmedi.xai.testkit.ClosedFormNet.Weights;
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

  /** Adds to one place, so that what is left of another variant would be seen. */
  private static void change(int index, float[] pixels, int offset) {
    pixels[offset + index % 12] += 1 + index / 12f;
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
      change(i, changed, 0);
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
    // Images of 2^21 values: four fill a pass, whatever the batch size.
    int size = BatchSizes.MAX_VALUES / 4;
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
            (index, pixels, offset) -> {
              assertThat(pixels).hasSize(BatchSizes.MAX_VALUES);
              pixels[offset] = index;
            },
            (index, output) -> assertThat(output).hasSize(2));
    assertThat(batches).containsExactly(4L, 4L, 2L);
  }

  @Test
  void images_ofAPass_areAtLeastOneAndAtMostTheBatch() {
    assertThat(BatchSizes.images(32, 224 * 224 * 3)).isEqualTo(32);
    assertThat(BatchSizes.images(32, 128 * 128 * 128)).isEqualTo(4);
    assertThat(BatchSizes.images(32, BatchSizes.MAX_VALUES + 1L)).isEqualTo(1);
    assertThat(BatchSizes.images(32, Long.MAX_VALUE)).isEqualTo(1);
    assertThat(BatchSizes.images(1, 1)).isEqualTo(1);
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
                    (index, pixels, offset) -> {
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

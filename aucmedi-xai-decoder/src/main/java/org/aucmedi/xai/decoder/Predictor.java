package org.aucmedi.xai.decoder;

import static com.google.common.base.Preconditions.checkArgument;

import ai.djl.ndarray.NDArray;
import com.google.common.collect.ImmutableList;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CancellationException;
import org.aucmedi.xai.Attribution;
import org.aucmedi.xai.AttributionMethod;
import org.aucmedi.xai.MethodDescription;
import org.aucmedi.xai.MethodOptions;
import org.aucmedi.xai.Profile;
import org.aucmedi.xai.Progress;
import org.aucmedi.xai.Target;
import org.aucmedi.xai.decoder.SampleResult.Failed;
import org.aucmedi.xai.model.ExplainableModel;
import org.aucmedi.xai.model.UnsupportedModelException;
import org.jspecify.annotations.Nullable;

/**
 * Predicts a set of images: a run of {@link XAIDecoder} that makes no maps, with the same batches,
 * memory limit and treatment of failures.
 */
public final class Predictor {

  private final ExplainableModel model;
  private final DataGenerator generator;
  private final DecoderListener listener;

  /**
   * Constructs a predictor.
   *
   * @param model the model
   * @param generator loads and prepares the images
   * @param listener notified of failures and progress as they happen
   */
  public Predictor(ExplainableModel model, DataGenerator generator, DecoderListener listener) {
    this.model = model;
    this.generator = generator;
    this.listener = listener;
  }

  /**
   * The outcome.
   *
   * @param predictions of the samples that could be predicted, in their order
   * @param failures the other samples
   */
  public record Result(Predictions predictions, List<Failed> failures) {

    /** Copies the list. */
    public Result {
      failures = List.copyOf(failures);
    }
  }

  /**
   * Predicts every sample; the columns are named "0", "1" and so on.
   *
   * @return the predictions and the failures
   * @throws UnsupportedModelException if the model cannot be run, whatever the image
   * @throws IllegalStateException if the model is closed meanwhile
   * @throws CancellationException if the listener cancels, or the thread is interrupted
   */
  public Result predict() {
    return run(null);
  }

  /**
   * Predicts every sample.
   *
   * @param classNames the columns, one per output
   * @return the predictions and the failures
   * @throws IllegalArgumentException if the model has more or fewer outputs, or one is named twice;
   *     the first batch tells
   * @throws UnsupportedModelException if the model cannot be run, whatever the image
   * @throws IllegalStateException if the model is closed meanwhile
   * @throws CancellationException if the listener cancels, or the thread is interrupted
   */
  public Result predict(List<String> classNames) {
    checkArgument(
        new HashSet<>(classNames).size() == classNames.size(),
        "a class is named twice in %s",
        classNames);
    return run(List.copyOf(classNames));
  }

  private Result run(@Nullable List<String> classNames) {
    Map<Integer, float[]> outputs = new TreeMap<>();
    Target recorder =
        (output, index, samples) -> {
          checkArgument(
              classNames == null || classNames.size() == output.length,
              "there are %s names %s for a model of %s outputs; name each output once",
              classNames == null ? 0 : classNames.size(),
              classNames,
              output.length);
          outputs.put(index, output.clone());
          return List.of();
        };
    DecoderResult result =
        XAIDecoder.builder()
            .setGenerator(generator)
            .optMethod(new Prediction(model))
            .optTarget(recorder)
            .optSink((sample, map) -> List.of())
            .optListener(new FailuresAndProgress(listener))
            .build()
            .decode();
    Map<String, float[]> bySample = new LinkedHashMap<>();
    outputs.forEach((index, output) -> bySample.put(generator.samples().get(index), output));
    result.failures().forEach(failure -> bySample.remove(failure.sample()));
    return new Result(
        classNames == null ? Predictions.of(bySample) : Predictions.of(classNames, bySample),
        result.failures());
  }

  /** A method that lets the target see the outputs, and explains nothing. */
  private static final class Prediction extends AttributionMethod {

    Prediction(ExplainableModel model) {
      super(
          MethodDescription.of("prediction", "prediction"),
          model,
          null,
          MethodOptions.of(Profile.AUCMEDI));
    }

    @Override
    protected List<List<Attribution>> attribute(NDArray batch, Target target, Progress progress) {
      float[][] outputs = model().outputs(batch);
      List<List<Attribution>> none = new ArrayList<>();
      for (int n = 0; n < outputs.length; n++) {
        target.objectives(outputs[n], n, outputs.length);
        none.add(List.of());
      }
      return ImmutableList.copyOf(none);
    }
  }

  /** Passes on what is true of predictions too. */
  private record FailuresAndProgress(DecoderListener listener) implements DecoderListener {

    @Override
    public void failed(Failed failure) {
      listener.failed(failure);
    }

    @Override
    public void progressed(int samples, int total, double pass) {
      listener.progressed(samples, total, pass);
    }
  }
}

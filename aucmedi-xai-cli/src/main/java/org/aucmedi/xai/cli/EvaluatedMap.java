package org.aucmedi.xai.cli;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import org.aucmedi.xai.Objective;
import org.aucmedi.xai.Score;
import org.aucmedi.xai.array.BatchAxes;
import org.aucmedi.xai.array.ImageArray;
import org.aucmedi.xai.array.LinearInterpolation;
import org.aucmedi.xai.array.LinearInterpolation.BorderMode;
import org.aucmedi.xai.array.Placement;
import org.aucmedi.xai.decoder.DataGenerator;
import org.aucmedi.xai.decoder.InputBatch;
import org.aucmedi.xai.methods.Baseline;
import org.aucmedi.xai.metrics.PixelRemoval;
import org.aucmedi.xai.model.ChannelLayout;
import org.aucmedi.xai.model.ExplainableModel;
import org.jspecify.annotations.Nullable;

/**
 * A map as the metrics look at it.
 *
 * @param values in the size of the image in the file
 * @param where for each of these whether the object is there, or null if that is not known
 * @param removal hides and shows pixels of the model's input
 */
record EvaluatedMap(float[] values, boolean @Nullable [] where, Removal removal) {

  /**
   * Hides and shows what a map calls important.
   *
   * @param model predicts the variants
   * @param objective what the map explains; its score is the model's output
   * @param input the image as the model takes it
   * @param map of the input's size
   * @param fill what is behind the image
   * @param steps how many
   */
  record Removal(
      ExplainableModel model,
      Objective objective,
      ImageArray input,
      float[] map,
      Baseline fill,
      int steps) {

    private double area(boolean insert) {
      BatchAxes axes = axes(input);
      try (NDManager manager = model.newManager()) {
        float[] image = input.values();
        float[] behind = fill.of(image, axes, manager);
        int count = Math.min(steps, axes.positions());
        PixelRemoval.Scorer scorer = variants -> scores(manager, variants);
        return (insert
                ? PixelRemoval.insertion(image, behind, axes, map, count, scorer)
                : PixelRemoval.deletion(image, behind, axes, map, count, scorer))
            .area();
      }
    }

    private double[] scores(NDManager manager, List<float[]> variants) {
      List<ImageArray> images =
          variants.stream()
              .map(
                  values ->
                      ImageArray.wrap(
                          input.spatialShape(), input.channels(), values, input.sampleType()))
              .toList();
      try (NDManager scope = manager.newSubManager()) {
        float[][] outputs = model.outputs(InputBatch.of(scope, model.channelLayout(), images));
        return Arrays.stream(outputs)
            .mapToDouble(row -> objective.value(row, Score.OUTPUT, model.outputActivation()))
            .toArray();
      }
    }
  }

  /**
   * Looks at a map.
   *
   * @param values of the map, row-major
   * @param shape its own resolution
   * @param sample the image that it explains
   * @param region where the object is in the file's image, or null
   * @param removal makes the removal of a map in the size of the input
   */
  static EvaluatedMap of(
      float[] values,
      int[] shape,
      DataGenerator.Sample sample,
      boolean @Nullable [] region,
      Function<float[], Removal> removal) {
    int[] input = sample.input().spatialShape();
    int[] original = sample.original().spatialShape();
    Placement placement = sample.placement();
    float[] onImage =
        placement == null || placement.isSame()
            ? resized(values, shape, original)
            : placement.back(resized(values, shape, placement.after()), 0);
    return new EvaluatedMap(onImage, region, removal.apply(resized(values, shape, input)));
  }

  private static float[] resized(float[] values, int[] from, int[] to) {
    return Arrays.equals(from, to)
        ? values
        : LinearInterpolation.resize(values, from, to, 1, BorderMode.ofRank(to.length));
  }

  boolean[] region() {
    return Objects.requireNonNull(where, "region");
  }

  double deletion() {
    return removal.area(false);
  }

  double insertion() {
    return removal.area(true);
  }

  private static BatchAxes axes(ImageArray image) {
    return new BatchAxes(
        new Shape(1)
            .addAll(new Shape(Arrays.stream(image.spatialShape()).asLongStream().toArray()))
            .add(image.channels()),
        ChannelLayout.CHANNELS_LAST);
  }
}

package org.aucmedi.xai.cli;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.Arrays;
import java.util.List;
import org.aucmedi.xai.Objective;
import org.aucmedi.xai.Score;
import org.aucmedi.xai.array.BatchAxes;
import org.aucmedi.xai.array.ImageArray;
import org.aucmedi.xai.decoder.InputBatch;
import org.aucmedi.xai.metrics.Scorer;
import org.aucmedi.xai.model.ChannelLayout;
import org.aucmedi.xai.model.ExplainableModel;

/**
 * An image, and the score that is explained of it.
 *
 * @param model predicts variants of the image
 * @param objective what is explained; its score is the model's output
 * @param input the image as the model takes it
 * @param fill what is behind it
 * @param black what pixels of value 0 are for the model
 */
record ScoredImage(
    ExplainableModel model, Objective objective, ImageArray input, float[] fill, float[] black) {

  /** How the values of an image are arranged. */
  static BatchAxes axes(ImageArray image) {
    return new BatchAxes(
        new Shape(1)
            .addAll(new Shape(Arrays.stream(image.spatialShape()).asLongStream().toArray()))
            .add(image.channels()),
        ChannelLayout.CHANNELS_LAST);
  }

  BatchAxes axes() {
    return axes(input);
  }

  float[] values() {
    return input.values();
  }

  /** Arranges values as an image for the model. */
  ImageArray withValues(float[] values) {
    return ImageArray.wrap(input.spatialShape(), input.channels(), values, input.sampleType());
  }

  Scorer scorer() {
    return this::scores;
  }

  private double[] scores(List<float[]> variants) {
    List<ImageArray> images = variants.stream().map(this::withValues).toList();
    try (NDManager manager = model.newManager()) {
      return Arrays.stream(model.outputs(InputBatch.of(manager, model.channelLayout(), images)))
          .mapToDouble(row -> objective.value(row, Score.OUTPUT, model.outputActivation()))
          .toArray();
    }
  }

  /** How many classes the model has. */
  int classes() {
    try (NDManager manager = model.newManager()) {
      return model.outputs(InputBatch.of(manager, model.channelLayout(), List.of(input)))[0].length;
    }
  }
}

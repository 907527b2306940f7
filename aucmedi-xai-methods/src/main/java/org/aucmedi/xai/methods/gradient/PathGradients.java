package org.aucmedi.xai.methods.gradient;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import com.google.common.primitives.Floats;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import org.aucmedi.xai.Attribution;
import org.aucmedi.xai.AttributionMethod;
import org.aucmedi.xai.BatchSizes;
import org.aucmedi.xai.ChannelReduction;
import org.aucmedi.xai.MapStatus;
import org.aucmedi.xai.MethodDescription;
import org.aucmedi.xai.MethodOptions;
import org.aucmedi.xai.Objective;
import org.aucmedi.xai.Progress;
import org.aucmedi.xai.Score;
import org.aucmedi.xai.Target;
import org.aucmedi.xai.array.BatchAxes;
import org.aucmedi.xai.methods.ImageBuffer;
import org.aucmedi.xai.model.ExplainableModel;
import org.aucmedi.xai.model.OutputActivation;
import org.jspecify.annotations.Nullable;

/**
 * A method that integrates gradients along a path from a start to the image, the same for all
 * classes. With the points {@code p_0}, the start, to {@code p_n}, the image, and the gradients
 * {@code g_j} of the score there, the trapezoid rule gives each value i
 *
 * <pre>{@code sum over j < n of (p_{j+1}[i] - p_j[i]) * (g_j[i] + g_{j+1}[i]) / 2}</pre>
 *
 * which add up to the difference in score between image and start as n grows.
 */
abstract class PathGradients extends AttributionMethod {

  /** The points of a path, numbered from 0, the start, to the number of steps, the image. */
  interface Path {

    /** Writes the points of a pass: the j-th and those before it. Passes begin at the image. */
    void write(int j, int points, ImageBuffer buffer);

    /**
     * Returns half the way of a value from the point before the j-th to the one behind it, where
     * these exist; of a point that was written last.
     */
    double step(int j, int i);
  }

  PathGradients(
      MethodDescription description,
      ExplainableModel model,
      @Nullable String layerName,
      MethodOptions options) {
    super(description, model, layerName, options);
  }

  /** Returns the path to an image of the given axes. */
  abstract Path path(float[] image, BatchAxes axes, NDManager manager);

  @Override
  protected final List<List<Attribution>> attribute(
      NDArray batch, Target target, Progress progress) {
    BatchAxes axes = new BatchAxes(batch.getShape(), model().channelLayout());
    BatchAxes one = axes.ofOneImage();
    float[] values = batch.toFloatArray();
    int points =
        BatchSizes.of(
            options().get(IntegratedGradients.BATCH_SIZE),
            values.length / axes.images(),
            batch.getDevice());
    ImageBuffer buffer = new ImageBuffer(batch.getShape().slice(1), points);
    List<List<Attribution>> all = new ArrayList<>();
    for (int n = 0; n < axes.images(); n++) {
      int index = n;
      float[] image = ofImage(values, n, axes.images());
      Integration path =
          new Integration(
              path(image, one, batch.getManager()),
              one,
              buffer,
              points,
              batch.getManager(),
              outputs -> target.objectives(outputs, index, axes.images()));
      List<Attribution> own = new ArrayList<>();
      do {
        own.addAll(path.integrate(own.size(), progress));
      } while (own.size() < path.objectives.size());
      all.add(own);
    }
    return all;
  }

  @Override
  protected final ChannelReduction channelReduction() {
    return options().get(IntegratedGradients.CHANNELS);
  }

  /** The integration of one image. It starts there, where the outputs say what is explained. */
  private final class Integration {

    private final Path path;
    private final int size;
    private final BatchAxes axes;
    private final ImageBuffer buffer;
    private final int mostPoints;
    private final NDManager manager;
    private final Function<float[], List<Objective>> target;
    private final int steps = options().get(IntegratedGradients.STEPS);
    private final Score score = options().get(Score.OPTION);
    private final OutputActivation activation = model().outputActivation();

    private List<Objective> objectives = List.of();
    private float[] imageOutputs = {};
    private float[] startOutputs = {};

    Integration(
        Path path,
        BatchAxes axes,
        ImageBuffer buffer,
        int mostPoints,
        NDManager manager,
        Function<float[], List<Objective>> target) {
      this.path = path;
      this.size = buffer.image(0).capacity();
      this.axes = axes;
      this.buffer = buffer;
      this.mostPoints = mostPoints;
      this.manager = manager;
      this.target = target;
    }

    /** Integrates for the objectives from one on, as many as memory allows at a time. */
    List<Attribution> integrate(int first, Progress progress) {
      // The image goes alone, since it is not known before how many maps it gets.
      int points = 1;
      List<double[]> sums = new ArrayList<>();
      for (int done = 0; done <= steps; done += points) {
        Progress.checkNotInterrupted(done, steps + 1);
        if (done > 0) {
          long values = (sums.size() + 1L) * size;
          points = Math.min(BatchSizes.inMemory(mostPoints, values), steps + 1 - done);
        }
        addGradients(steps - done, points, first, sums);
        if (sums.isEmpty()) {
          return List.of();
        }
        progress.update(done + points, steps + 1);
      }
      List<Attribution> made = new ArrayList<>();
      for (int k = 0; k < sums.size(); k++) {
        made.add(attribution(objectives.get(first + k), sums.get(k)));
      }
      return made;
    }

    /** Adds the gradients at some points, from the j-th towards the baseline. */
    private void addGradients(int j, int points, int first, List<double[]> sums) {
      path.write(j, points, buffer);
      try (NDManager scope = manager.newSubManager()) {
        NDList gradients =
            model()
                .inputGradients(
                    buffer.batch(scope, points), outputs -> outputGradients(outputs, j, first));
        for (int k = 0; k < gradients.size(); k++) {
          if (k == sums.size()) {
            sums.add(new double[size]);
          }
          double[] sum = sums.get(k);
          FloatBuffer gradient = values(gradients.get(k));
          for (int p = 0; p < points; p++) {
            for (int i = 0; i < size; i++) {
              sum[i] += path.step(j - p, i) * gradient.get(p * size + i);
            }
          }
        }
      }
    }

    private List<float[]> outputGradients(float[][] outputs, int j, int first) {
      if (j == steps) {
        imageOutputs = outputs[0];
        objectives = target.apply(imageOutputs);
      }
      if (j - outputs.length < 0) {
        startOutputs = outputs[outputs.length - 1];
      }
      int most = BatchSizes.inMemory(objectives.size() + 1, size);
      int end = Math.min(objectives.size(), first + most);
      return objectives.subList(first, end).stream()
          .map(objective -> outputGradient(objective, outputs))
          .toList();
    }

    private float[] outputGradient(Objective objective, float[][] outputs) {
      float[][] rows = new float[outputs.length][];
      Arrays.setAll(rows, p -> objective.gradient(outputs[p], score, activation));
      return Floats.concat(rows);
    }

    private Attribution attribution(Objective objective, double[] integral) {
      float[] values = new float[size];
      double sum = 0;
      for (int i = 0; i < values.length; i++) {
        values[i] = (float) integral[i];
        sum += integral[i];
      }
      double difference =
          objective.value(imageOutputs, score, activation)
              - objective.value(startOutputs, score, activation);
      return completed(
          InputGradientMethod.ofGradient(objective, imageOutputs, axes, values),
          sum,
          difference,
          options());
    }
  }

  /**
   * Says how far the sum of an attribution is from a difference in score, and if it is too far.
   *
   * @param made the attribution
   * @param sum the sum of its values
   * @param difference the difference in score that it should be
   * @param options with {@link IntegratedGradients#TOLERANCE}
   * @return the attribution with the diagnostic {@link IntegratedGradients#DELTA}
   */
  public static Attribution completed(
      Attribution made, double sum, double difference, MethodOptions options) {
    Attribution known = made.withDiagnostic(IntegratedGradients.DELTA, sum - difference);
    double allowed = options.get(IntegratedGradients.TOLERANCE) * Math.abs(difference);
    return Math.abs(sum - difference) > allowed && made.status() == MapStatus.OK
        ? known.withStatus(MapStatus.NOT_CONVERGED)
        : known;
  }
}

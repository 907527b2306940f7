package org.aucmedi.xai.methods.segmentation;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.Arrays;
import org.aucmedi.xai.array.BatchAxes;

/**
 * Simple linear iterative clustering: k-means of colour and position together, each centre looking
 * around itself only.
 *
 * <p>With the side s of a box if the image were cut into boxes, the centres start in the middles of
 * such boxes. Ten times, each position is assigned to the centre with the smallest distance, among
 * those within s along every axis,
 *
 * <pre>{@code
 * (colour distance / compactness)^2 + (spatial distance / s)^2
 * }</pre>
 *
 * and each centre moves to the mean of its positions. Colours are CIELAB for three channels and
 * else the values times 100, of the image stretched to [0, 1] by its extremes. Finally, the
 * connected components of at least a quarter of a box become superpixels, and smaller ones are
 * merged into their neighbours. Nothing is random.
 *
 * <p>Where the spacing is known, boxes and spatial distances are in millimetres, so that
 * superpixels of voxels that are no cubes are as compact in the patient.
 *
 * <p>Two and three dimensions, any number of channels. The cost is about 40 distances per position,
 * or 80 for volumes.
 *
 * <p>Paper: R. Achanta et al., <a href="https://doi.org/10.1109/TPAMI.2012.120">SLIC Superpixels
 * Compared to State-of-the-Art Superpixel Methods</a>, 2012; here the first centres are not moved
 * off edges.
 *
 * @param segments about how many superpixels, at least 1
 * @param compactness the weight of spatial proximity relative to colour, above 0; larger values
 *     give superpixels closer to boxes
 */
public record Slic(int segments, double compactness) implements Segmentation {

  private static final int ITERATIONS = 10;

  /** Checks the parameters. */
  public Slic {
    checkArgument(segments >= 1, "the number of segments must be at least 1, got %s", segments);
    checkArgument(
        compactness > 0 && compactness < Double.POSITIVE_INFINITY,
        "the compactness must be finite and above 0, got %s",
        compactness);
  }

  @Override
  public Superpixels segment(float[] image, BatchAxes axes) {
    LabFeatures features = LabFeatures.of(image, axes, true);
    int[] sizes = features.sizes();
    Grid grid = new Grid(segments);
    double step = grid.step(axes);
    int[] labels = Grid.cells(axes.spatialSizes(), grid.counts(axes));
    double[] nearest = new double[labels.length];
    for (int iteration = 0; iteration < ITERATIONS; iteration++) {
      int[] before = labels.clone();
      assign(features, means(features, labels), step, labels, nearest);
      if (Arrays.equals(labels, before)) {
        break;
      }
    }
    return Superpixels.of(
        new ConnectedComponents(sizes, labels).merged((int) Math.ceil(volume(features, step))));
  }

  /** Returns the smallest size of a component that is kept. */
  private static double volume(LabFeatures features, double step) {
    double volume = 0.25;
    for (int a = 0; a < 3; a++) {
      volume *= Math.min(features.sizes()[a], Math.max(1, step / features.spacing()[a]));
    }
    return volume;
  }

  /** Returns, for each label, its mean position (three numbers), its mean features and its size. */
  private static double[][] means(LabFeatures features, int[] labels) {
    int channels = features.channels();
    double[][] means = new double[Arrays.stream(labels).max().orElseThrow() + 1][channels + 4];
    for (int i = 0; i < labels.length; i++) {
      double[] mean = means[labels[i]];
      double[] position = Neighbourhood.coordinates(features.sizes(), i);
      for (int a = 0; a < 3; a++) {
        mean[a] += position[a];
      }
      for (int c = 0; c < channels; c++) {
        mean[3 + c] += features.value(i, c);
      }
      mean[channels + 3]++;
    }
    for (double[] mean : means) {
      for (int i = 0; i < channels + 3; i++) {
        mean[i] /= mean[channels + 3];
      }
    }
    return means;
  }

  private void assign(
      LabFeatures features, double[][] means, double step, int[] labels, double[] nearest) {
    Arrays.fill(nearest, Double.POSITIVE_INFINITY);
    int channels = features.channels();
    for (int label = 0; label < means.length; label++) {
      double[] mean = means[label];
      int current = label;
      if (mean[channels + 3] == 0) {
        continue; // A centre without positions is dropped.
      }
      Neighbourhood.visit(
          features,
          mean,
          step,
          (i, squaredDistance) -> {
            double colour = 0;
            for (int c = 0; c < channels; c++) {
              double difference = features.value(i, c) - mean[3 + c];
              colour += difference * difference;
            }
            double distance =
                colour / (compactness * compactness) + squaredDistance / (step * step);
            if (distance < nearest[i]) {
              nearest[i] = distance;
              labels[i] = current;
            }
          });
    }
  }
}

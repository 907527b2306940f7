package org.aucmedi.xai.methods.cam;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.aucmedi.xai.Attribution;
import org.aucmedi.xai.BatchSizes;
import org.aucmedi.xai.MapStatus;
import org.aucmedi.xai.MethodBuilder;
import org.aucmedi.xai.MethodCost;
import org.aucmedi.xai.MethodOptions;
import org.aucmedi.xai.Objective;
import org.aucmedi.xai.Progress;
import org.aucmedi.xai.Score;
import org.aucmedi.xai.Target;
import org.aucmedi.xai.TargetGradient;
import org.aucmedi.xai.XAIMethodProvider;
import org.aucmedi.xai.array.BatchAxes;
import org.aucmedi.xai.methods.ImageBuffer;
import org.aucmedi.xai.methods.gradient.IntegratedGradients;
import org.aucmedi.xai.model.ExplainableModel;
import org.aucmedi.xai.model.LayerGradients;
import org.jspecify.annotations.Nullable;

/**
 * Layer integrated gradients, or conductance: how much the units of a layer add to the difference
 * in score between the image and a baseline. It is integrated gradients' sum, gathered where it
 * flows through the layer.
 *
 * <p>With the image x, a baseline x', the points {@code p_j = x' + j/n * (x - x')} for j from 0 to
 * n, and the activations {@code A_j} and gradients {@code g_j = dS_c/dA} of the layer at them,
 *
 * <pre>{@code
 * C[k, i] = sum over j < n of (A_{j+1}[k, i] - A_j[k, i]) * (g_j[k, i] + g_{j+1}[k, i]) / 2
 * L[i]    = sum over k of C[k, i]
 * }</pre>
 *
 * The path is straight in the input, so that the layer only has activations that images between
 * baseline and image give it. (Captum calls this LayerConductance; its LayerIntegratedGradients
 * goes straight from the activations of the baseline to those of the image.)
 *
 * <p>Where everything goes through the layer, C adds up to {@code S_c(x) - S_c(x')} as n grows. The
 * error is the diagnostic {@link IntegratedGradients#DELTA}, before {@code relu}; a map whose error
 * is more than {@link IntegratedGradients#TOLERANCE} of that difference is marked {@link
 * MapStatus#NOT_CONVERGED}. A layer that a shortcut goes round is marked as well, whatever n is.
 *
 * <p>Options: {@link #RELU}, {@link LayerChoice#OPTION} where no layer is named, {@link
 * LayerFusion#OPTION} where several are, {@link Smoothing#OPTION}, {@link Tokens#OPTION}; steps,
 * baseline, tolerance, score and batch size as of {@link IntegratedGradients}. Scaling as for
 * {@link GradCam}.
 *
 * <p>Cost: one forward pass for a batch, and for each image n + 1 forward passes, and as many
 * backward passes per class, to the layer. Where the gradients of all classes do not fit into
 * memory, the classes are done a few at a time, with forward passes of their own. One more forward
 * pass of one image the first time, to see the layers.
 *
 * <p>Paper: K. Dhamdhere, M. Sundararajan, Q. Yan, <a href="https://arxiv.org/abs/1805.12233">How
 * Important Is a Neuron?</a>, 2018.
 */
public final class LayerIntegratedGradients extends ClassActivationMap {

  /** Describes and constructs the method. */
  public static final XAIMethodProvider<LayerIntegratedGradients> PROVIDER =
      new XAIMethodProvider<>(
          describe(
                  "Layer integrated gradients",
                  "layerintegratedgradients",
                  "LayerIG",
                  "conductance")
              .withOptions(
                  RELU,
                  LayerChoice.OPTION,
                  LayerFusion.OPTION,
                  Smoothing.OPTION,
                  Tokens.OPTION,
                  IntegratedGradients.STEPS,
                  IntegratedGradients.BASELINE,
                  IntegratedGradients.TOLERANCE,
                  IntegratedGradients.BATCH_SIZE,
                  Score.OPTION)
              .costing(
                  Smoothing.times(
                      (options, sizes, maps) -> {
                        long points = options.get(IntegratedGradients.STEPS) + 1L;
                        return new MethodCost.Passes(1 + points, points * maps);
                      })),
          LayerIntegratedGradients::new);

  /** Constructs the method; arguments as of {@link GradCam}. */
  public LayerIntegratedGradients(
      ExplainableModel model, @Nullable String layerName, MethodOptions options) {
    super(PROVIDER.description(), model, layerName, options);
  }

  /** {@return a builder with AUCMEDI's defaults} */
  public static MethodBuilder<LayerIntegratedGradients> builder() {
    return PROVIDER.builder();
  }

  @Override
  protected double[] map(float[][] activations, float[][] gradients) {
    throw new IllegalStateException("the map is made of the gradients of many points");
  }

  @Override
  List<List<Attribution>> withGradients(
      NDManager scope, NDArray batch, TargetGradient scores, Seen known, Progress progress) {
    // The image itself says what is explained, and how large the layer is.
    LayerGradients clean = objectivesOnly(scope, batch, scores, known);
    Shape layer = clean.activations().getShape();
    BatchAxes axes = new BatchAxes(batch.getShape(), model().channelLayout()).ofOneImage();
    float[] values = batch.toFloatArray();
    int images = scores.objectives().size();
    List<List<Attribution>> all = new ArrayList<>();
    for (int n = 0; n < images; n++) {
      float[] image = ofImage(values, n, images);
      float[] baseline = options().get(IntegratedGradients.BASELINE).of(image, axes, scope);
      Line line = new Line(scope, image, baseline, batch.getShape().slice(1), layer, known);
      List<Objective> objectives = scores.objectives().get(n);
      int fit = BatchSizes.inMemory(Math.max(1, objectives.size()), 2 * line.layerSize);
      List<Attribution> own = new ArrayList<>();
      for (int first = 0; first < objectives.size(); first += fit) {
        int end = Math.min(objectives.size(), first + fit);
        List<Integral> found = line.integrate(objectives.subList(first, end), progress);
        for (int k = 0; k < found.size(); k++) {
          own.add(attribution(found.get(k), objectives.get(first + k), scores.outputs()[n], line));
        }
      }
      all.add(own);
    }
    return all;
  }

  private Attribution attribution(Integral found, Objective objective, float[] outputs, Line line) {
    double sum = 0;
    for (double value : found.map) {
      sum += value;
    }
    BatchAxes axes = BatchAxes.ofMap(line.known.placement(line.layer).spatial(line.layer));
    Attribution made =
        Attribution.of(objective, outputs, axes, rectified(found.map))
            .withLayer(line.known.layer());
    return IntegratedGradients.completed(
        found.zero ? made.withStatus(MapStatus.ZERO_GRADIENT) : made,
        sum,
        found.last - found.first,
        options());
  }

  /** The straight line from the baseline to an image. */
  private final class Line {

    private final NDManager manager;
    private final float[] image;
    private final float[] baseline;
    private final Shape shape;
    private final Shape layer;
    private final long layerSize;
    private final Seen known;
    private final int steps = options().get(IntegratedGradients.STEPS);

    Line(NDManager manager, float[] image, float[] baseline, Shape shape, Shape layer, Seen known) {
      this.manager = manager;
      this.image = image;
      this.baseline = baseline;
      this.shape = shape;
      this.layer = layer;
      this.layerSize = layer.slice(1).size();
      this.known = known;
    }

    /** Integrates several objectives from the baseline to the image. */
    List<Integral> integrate(List<Objective> objectives, Progress progress) {
      int positions = BatchAxes.ofMap(known.placement(layer).spatial(layer)).positions();
      List<Integral> found =
          objectives.stream().map(objective -> new Integral(new double[positions])).toList();
      int wanted =
          BatchSizes.of(
              options().get(IntegratedGradients.BATCH_SIZE), image.length, manager.getDevice());
      int most =
          Math.min(BatchSizes.inMemory(wanted, (objectives.size() + 1L) * layerSize), steps + 1);
      ImageBuffer buffer = new ImageBuffer(shape, most);
      float[][] before = {};
      for (int done = 0; done <= steps; ) {
        Progress.checkNotInterrupted(done, steps + 1);
        int now = Math.min(most, steps + 1 - done);
        for (int p = 0; p < now; p++) {
          float alpha = (float) (done + p) / steps;
          ImageBuffer.writeBetween(buffer.image(p), baseline, image, alpha);
        }
        try (NDManager scope = manager.newSubManager()) {
          Target same = Target.ofObjectives(Collections.nCopies(now, objectives));
          TargetGradient scores = gradientOf(same, score());
          LayerGradients pass =
              layerGradients(scope, buffer.batch(scope, now), scores, known.layer());
          Placement placement = known.placement(layer);
          float[][][] activations = placement.channels(pass.activations());
          for (int k = 0; k < found.size(); k++) {
            float[][][] gradients = placement.channels(pass.gradients().get(k));
            for (int p = 0; p < now; p++) {
              found
                  .get(k)
                  .add(
                      p == 0 ? before : activations[p - 1],
                      activations[p],
                      gradients[p],
                      value(objectives.get(k), scores.outputs()[p]));
            }
          }
          before = activations[now - 1];
        }
        done += now;
        progress.update(done, steps + 1);
      }
      return found;
    }

    private double value(Objective objective, float[] outputs) {
      return objective.value(outputs, score(), model().outputActivation());
    }
  }

  /** The integral of one objective so far. */
  private static final class Integral {

    private final double[] map;
    private float[][] gradients = {};
    private double first;
    private double last;
    private boolean zero = true;

    Integral(double[] map) {
      this.map = map;
    }

    /** Adds the way from the point before to the next one; the first is only remembered. */
    void add(float[][] before, float[][] activations, float[][] next, double value) {
      if (gradients.length == 0) {
        first = value;
      }
      for (int k = 0; k < next.length; k++) {
        for (int i = 0; i < map.length; i++) {
          zero &= next[k][i] == 0;
          if (gradients.length > 0) {
            double step = (double) activations[k][i] - before[k][i];
            map[i] += step * ((double) gradients[k][i] + next[k][i]) / 2;
          }
        }
      }
      gradients = next;
      last = value;
    }
  }
}

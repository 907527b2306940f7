package org.aucmedi.xai.methods.gradient;

import ai.djl.ndarray.NDArray;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.aucmedi.xai.Attribution;
import org.aucmedi.xai.AttributionMethod;
import org.aucmedi.xai.MapStatus;
import org.aucmedi.xai.MethodBuilder;
import org.aucmedi.xai.MethodCost;
import org.aucmedi.xai.MethodDescription;
import org.aucmedi.xai.MethodOption;
import org.aucmedi.xai.MethodOptions;
import org.aucmedi.xai.Progress;
import org.aucmedi.xai.Score;
import org.aucmedi.xai.Target;
import org.aucmedi.xai.XAIMethodProvider;
import org.aucmedi.xai.array.BatchAxes;
import org.aucmedi.xai.array.Spacings;
import org.aucmedi.xai.methods.Baseline;
import org.aucmedi.xai.methods.segmentation.SegmentationChoice;
import org.aucmedi.xai.methods.segmentation.Slic;
import org.aucmedi.xai.methods.segmentation.Superpixels;
import org.aucmedi.xai.model.Capability;
import org.aucmedi.xai.model.ExplainableModel;
import org.jspecify.annotations.Nullable;

/**
 * XRAI: {@linkplain IntegratedGradients integrated gradients} of regions instead of pixels.
 *
 * <p>The image x with channels k is attributed from some baselines x', black and white in the
 * paper, and cut into superpixels by {@link Slic} several times, from coarse to fine. Then the
 * regions are taken one by one, always the one that has most per pixel that is not taken yet:
 *
 * <pre>{@code
 * A[i] = mean over baselines x' of  sum over channels k of IG[i, k]
 * taken = nothing
 * repeat  R = the region with the largest mean of A over R without taken
 *         M[i] = that mean, for i in R without taken
 *         taken = taken and R
 * }</pre>
 *
 * Regions of which less than a thousandth of the image is left are left out; positions that remain
 * get the mean of what they have in the end. M is signed, in units of the score a position, and
 * adds up to what integrated gradients do. The heatmap is M scaled by its extremes.
 *
 * <p>The paper's regions are Felzenszwalb's, made wider by some pixels; these are SLIC's of {@link
 * SegmentationChoice#SEGMENTS} superpixels, half as many, and so on down to four, and do not
 * overlap within a scale.
 *
 * <p>Options: {@link #BASELINES}, {@link IntegratedGradients#STEPS}, {@link
 * IntegratedGradients#TOLERANCE}, {@link IntegratedGradients#BATCH_SIZE}, {@link Score#OPTION},
 * {@link SegmentationChoice#SEGMENTS}, {@link SegmentationChoice#COMPACTNESS} and {@link
 * SegmentationChoice#DISTANCES}. Nothing is random, and the result does not depend on the batch
 * size. A map is marked {@link MapStatus#NOT_CONVERGED} if that of a baseline is; the diagnostic
 * {@link IntegratedGradients#DELTA} is the one that is farthest off.
 *
 * <p>Cost: integrated gradients for each baseline, and the segmentations.
 *
 * <p>Paper: A. Kapishnikov et al., <a href="https://arxiv.org/abs/1906.02825">XRAI: Better
 * Attributions Through Regions</a>, 2019.
 */
public final class Xrai extends AttributionMethod {

  /** Where integration starts. */
  public static final MethodOption<Baselines> BASELINES =
      Baselines.option(Baselines.of(Baseline.Extreme.MIN, Baseline.Extreme.MAX));

  private static final int FEWEST_SEGMENTS = 4;

  /** The part of an image that a region must add, as its inverse. */
  private static final int LEAST_PART = 1000;

  private static final MethodDescription DESCRIPTION =
      MethodDescription.of("XRAI", "Xrai")
          .requiring(Capability.INPUT_GRADIENTS)
          .withOptions(
              BASELINES,
              IntegratedGradients.STEPS,
              IntegratedGradients.TOLERANCE,
              IntegratedGradients.BATCH_SIZE,
              Score.OPTION,
              SegmentationChoice.SEGMENTS,
              SegmentationChoice.COMPACTNESS,
              SegmentationChoice.DISTANCES)
          .costing(
              (options, sizes, maps) -> {
                long points = options.get(IntegratedGradients.STEPS) + 1L;
                long all = points * options.get(BASELINES).all().size();
                return new MethodCost.Passes(all, all * maps);
              });

  /** Describes and constructs the method. */
  public static final XAIMethodProvider<Xrai> PROVIDER =
      new XAIMethodProvider<>(DESCRIPTION, Xrai::new);

  private final List<IntegratedGradients> gradients = new ArrayList<>();

  /**
   * Constructs the method.
   *
   * @param model the model to explain
   * @param layerName ignored
   * @param options the profile and the options that are set
   * @throws IllegalArgumentException if the method does not have an option that is set
   */
  public Xrai(ExplainableModel model, @Nullable String layerName, MethodOptions options) {
    super(DESCRIPTION, model, layerName, options);
    MethodOptions own = options.only(IntegratedGradients.PROVIDER.description().options());
    for (Baseline baseline : options.get(BASELINES).all()) {
      gradients.add(
          new IntegratedGradients(model, null, own.with(IntegratedGradients.BASELINE, baseline)));
    }
  }

  /** {@return a builder with the defaults of AUCMEDI's profile} */
  public static MethodBuilder<Xrai> builder() {
    return PROVIDER.builder();
  }

  @Override
  protected List<List<Attribution>> attribute(NDArray batch, Target target, Progress progress) {
    return attribute(batch, Spacings.UNKNOWN, target, DEFAULT_EPS, progress);
  }

  @Override
  protected List<List<Attribution>> attribute(
      NDArray batch, Spacings spacings, Target target, float eps, Progress progress) {
    BatchAxes axes = new BatchAxes(batch.getShape(), model().channelLayout());
    List<List<List<Attribution>>> found = new ArrayList<>();
    for (IntegratedGradients method : gradients) {
      Progress.checkNotInterrupted(found.size(), gradients.size());
      found.add(method.attributions(batch, target));
      progress.update(found.size(), gradients.size());
    }
    float[] values = batch.toFloatArray();
    List<List<Attribution>> all = new ArrayList<>();
    for (int n = 0; n < axes.images(); n++) {
      int index = n;
      int maps = found.get(0).get(n).size();
      List<Attribution> own = new ArrayList<>();
      if (maps > 0) {
        BatchAxes one = axes.ofOneImage().withSpacing(spacings.of(n));
        List<Superpixels> scales =
            scales(ofImage(values, n, axes.images()), SegmentationChoice.measured(options(), one));
        for (int m = 0; m < maps; m++) {
          int map = m;
          List<Attribution> ofBaselines =
              found.stream().map(ofOne -> ofOne.get(index).get(map)).toList();
          own.add(ofRegions(ofBaselines, scales));
        }
      }
      all.add(own);
    }
    return all;
  }

  private List<Superpixels> scales(float[] image, BatchAxes axes) {
    List<Superpixels> scales = new ArrayList<>();
    int segments = Math.max(FEWEST_SEGMENTS, options().get(SegmentationChoice.SEGMENTS));
    for (; segments >= FEWEST_SEGMENTS; segments /= 2) {
      scales.add(
          new Slic(segments, options().get(SegmentationChoice.COMPACTNESS)).segment(image, axes));
    }
    return scales;
  }

  private static Attribution ofRegions(List<Attribution> ofBaselines, List<Superpixels> scales) {
    Attribution first = ofBaselines.get(0);
    double[] sums = new double[scales.get(0).labels().length];
    double delta = 0;
    boolean converged = true;
    for (Attribution one : ofBaselines) {
      for (int i = 0; i < sums.length; i++) {
        for (int c = 0; c < one.channels(); c++) {
          sums[i] += one.value(c, i) / ofBaselines.size();
        }
      }
      double own = one.diagnostics().get(IntegratedGradients.DELTA);
      delta = Math.abs(own) > Math.abs(delta) ? own : delta;
      converged &= one.status() != MapStatus.NOT_CONVERGED;
    }
    int least = (sums.length + LEAST_PART - 1) / LEAST_PART;
    Attribution made =
        InputGradientMethod.ofGradient(
                first.objective(),
                first.outputs(),
                BatchAxes.ofMap(first.shape()),
                new RegionRanking(sums, scales, least).map())
            .withDiagnostic(IntegratedGradients.DELTA, delta);
    return converged || made.status() != MapStatus.OK
        ? made
        : made.withStatus(MapStatus.NOT_CONVERGED);
  }

  /** Takes regions one by one, the one with the largest mean of what is not taken yet first. */
  static final class RegionRanking {

    private final double[] attributions;

    /** For each scale the region of each position; regions are numbered over all scales. */
    private final int[][] regions;

    private final double[] sums;
    private final int[] sizes;
    private final int least;

    RegionRanking(double[] attributions, List<Superpixels> scales, int least) {
      this.attributions = attributions;
      this.least = least;
      regions = new int[scales.size()][];
      int count = 0;
      for (int s = 0; s < regions.length; s++) {
        int before = count;
        regions[s] = Arrays.stream(scales.get(s).labels()).map(label -> before + label).toArray();
        count += scales.get(s).count();
      }
      sums = new double[count];
      sizes = new int[count];
      for (int[] ofScale : regions) {
        for (int i = 0; i < ofScale.length; i++) {
          sums[ofScale[i]] += attributions[i];
          sizes[ofScale[i]]++;
        }
      }
    }

    float[] map() {
      float[] map = new float[attributions.length];
      boolean[] taken = new boolean[map.length];
      for (int best = best(); best >= 0; best = best()) {
        float mean = (float) (sums[best] / sizes[best]);
        for (int i = 0; i < map.length; i++) {
          if (!taken[i] && isIn(i, best)) {
            map[i] = mean;
            taken[i] = true;
            remove(i);
          }
        }
      }
      double rest = 0;
      int left = 0;
      for (int i = 0; i < map.length; i++) {
        rest += taken[i] ? 0 : attributions[i];
        left += taken[i] ? 0 : 1;
      }
      for (int i = 0; i < map.length; i++) {
        if (!taken[i]) {
          map[i] = (float) (rest / left);
        }
      }
      return map;
    }

    /** Returns the region with the largest mean, or -1 if none adds enough. */
    private int best() {
      int best = -1;
      for (int r = 0; r < sums.length; r++) {
        if (sizes[r] >= least && (best < 0 || sums[r] * sizes[best] > sums[best] * sizes[r])) {
          best = r;
        }
      }
      return best;
    }

    private boolean isIn(int position, int region) {
      for (int[] ofScale : regions) {
        if (ofScale[position] == region) {
          return true;
        }
      }
      return false;
    }

    private void remove(int position) {
      for (int[] ofScale : regions) {
        sums[ofScale[position]] -= attributions[position];
        sizes[ofScale[position]]--;
      }
    }
  }
}

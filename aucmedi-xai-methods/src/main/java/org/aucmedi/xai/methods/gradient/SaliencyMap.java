package org.aucmedi.xai.methods.gradient;

import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.aucmedi.xai.AttributionMethod;
import org.aucmedi.xai.AucmediMethod;
import org.aucmedi.xai.Target;
import org.aucmedi.xai.XAIMethodBase;
import org.aucmedi.xai.model.Capability;
import org.aucmedi.xai.model.ExplainableModel;
import org.aucmedi.xai.spi.XAIMethodProvider;
import org.jspecify.annotations.Nullable;

/**
 * Saliency map: how strongly each pixel, moved a little, would move the score of a class.
 *
 * <p>With the score {@code S_c}, the model's output for class c, and the image x with channels k,
 * the raw map is
 *
 * <pre>{@code
 * M[i] = max over k of  dS_c/dx[i, k]      (SIGNED, the default: AUCMEDI's)
 * M[i] = max over k of |dS_c/dx[i, k]|     (ABSOLUTE: the paper's)
 * }</pre>
 *
 * and the heatmap is {@code (M - min M) / (max M - min M + eps)}; a constant map becomes zeros. It
 * has the shape of the model's input, in two or three dimensions. Under SIGNED a place of no
 * influence lands wherever 0 lies between the extremes; under ABSOLUTE it lands near 0.
 *
 * <p>The score is the model's output as it is. Where that is a softmax, a confident prediction has
 * tiny gradients; as long as they are well above eps the heatmap does not show it.
 *
 * <p>Cost: one forward pass for a batch, and one backward pass per class.
 *
 * <p>Papers: K. Simonyan, A. Vedaldi, A. Zisserman, <a href="https://arxiv.org/abs/1312.6034">Deep
 * Inside Convolutional Networks: Visualising Image Classification Models and Saliency Maps</a>,
 * 2013. The signed form is that of the AUCMEDI framework (D. Müller, F. Kramer).
 */
public final class SaliencyMap extends AttributionMethod {

  /** How the gradients of a pixel's channels become one value. */
  public enum ChannelReduction {
    /** The largest gradient, sign kept; the raw map may be negative. */
    SIGNED,
    /** The largest magnitude; the raw map is at least 0. */
    ABSOLUTE
  }

  private final ChannelReduction reduction;

  /**
   * Constructs a saliency map as AUCMEDI computes it.
   *
   * @param model a loaded DJL model
   */
  public SaliencyMap(Model model) {
    this(model, null);
  }

  /**
   * Constructs a saliency map as AUCMEDI computes it.
   *
   * @param model a loaded DJL model
   * @param layerName ignored; accepted since every method is constructed alike
   */
  public SaliencyMap(Model model, @Nullable String layerName) {
    this(ExplainableModel.of(model), layerName);
  }

  /**
   * Constructs a saliency map as AUCMEDI computes it.
   *
   * @param model the model to explain
   */
  public SaliencyMap(ExplainableModel model) {
    this(model, null);
  }

  /**
   * Constructs a saliency map as AUCMEDI computes it.
   *
   * @param model the model to explain
   * @param layerName ignored; accepted since every method is constructed alike
   */
  public SaliencyMap(ExplainableModel model, @Nullable String layerName) {
    this(model, ChannelReduction.SIGNED, layerName);
  }

  /**
   * Constructs a saliency map with a choice of how channels are combined.
   *
   * @param model the model to explain
   * @param reduction {@link ChannelReduction#ABSOLUTE} for the paper's map
   * @return the method
   */
  public static SaliencyMap of(ExplainableModel model, ChannelReduction reduction) {
    return new SaliencyMap(model, reduction, null);
  }

  private SaliencyMap(
      ExplainableModel model, ChannelReduction reduction, @Nullable String layerName) {
    super(model, layerName);
    this.reduction = Objects.requireNonNull(reduction, "reduction");
  }

  @Override
  public NDArray computeRawHeatmaps(NDArray batch, Target target) {
    Shape shape = checkBatch(batch).getShape();
    int images = Math.toIntExact(shape.get(0));
    int channelAxis = model().channelLayout().axis(shape.dimension());
    int classes = classCount(batch);
    try (NDManager scope = batch.getManager().newSubManager()) {
      NDList gradients = model().inputGradients(batch, seeds(scope, target, images, classes));
      gradients.attach(scope);
      Reducer reducer = new Reducer(shape, channelAxis);
      int maps = gradients.size();
      float[] raw = new float[images * maps * reducer.positions()];
      for (int k = 0; k < maps; k++) {
        reducer.reduce(gradients.get(k).toFloatArray(), raw, k, maps);
      }
      return create(
          batch.getManager(), raw, new Shape(images, maps).addAll(reducer.spatialShape()));
    }
  }

  /** Reduces the channel axis of a whole batch, wherever that axis lies. */
  private final class Reducer {

    private final Shape shape;
    private final int channelAxis;
    private final int channels;

    /** How far apart two channels of a pixel lie. */
    private final int stride;

    Reducer(Shape shape, int channelAxis) {
      this.shape = shape;
      this.channelAxis = channelAxis;
      this.channels = Math.toIntExact(shape.get(channelAxis));
      this.stride = Math.toIntExact(shape.slice(channelAxis + 1).size());
    }

    Shape spatialShape() {
      return shape.slice(1, channelAxis).addAll(shape.slice(channelAxis + 1));
    }

    int positions() {
      return Math.toIntExact(spatialShape().size());
    }

    void reduce(float[] gradient, float[] raw, int map, int maps) {
      int positions = positions();
      for (int n = 0; n < shape.get(0); n++) {
        for (int i = 0; i < positions; i++) {
          int first = n * channels * positions + i / stride * channels * stride + i % stride;
          float best = Float.NEGATIVE_INFINITY;
          for (int c = 0; c < channels; c++) {
            float value = gradient[first + c * stride];
            best = Math.max(best, reduction == ChannelReduction.ABSOLUTE ? Math.abs(value) : value);
          }
          raw[(n * maps + map) * positions + i] = best;
        }
      }
    }
  }

  /** Registers the method under AUCMEDI's keys. */
  public static final class Provider implements XAIMethodProvider {

    /** Constructs the provider; ServiceLoader calls this. */
    public Provider() {}

    @Override
    public String name() {
      return AucmediMethod.SALIENCY_MAP.title();
    }

    @Override
    public List<String> keys() {
      return AucmediMethod.SALIENCY_MAP.keys();
    }

    @Override
    public Set<Capability> requires() {
      return Set.of(Capability.INPUT_GRADIENTS);
    }

    @Override
    public boolean usesLayer() {
      return false;
    }

    @Override
    public XAIMethodBase create(ExplainableModel model, @Nullable String layerName) {
      return new SaliencyMap(model, layerName);
    }
  }
}

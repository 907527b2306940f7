package org.aucmedi.xai.methods.cam;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.aucmedi.xai.model.Capability;
import org.aucmedi.xai.model.ChannelLayout;
import org.aucmedi.xai.model.ExplainableModel;
import org.aucmedi.xai.model.GuidedGradients;
import org.aucmedi.xai.model.Layer;
import org.aucmedi.xai.model.LayerGradients;
import org.aucmedi.xai.model.LayerKind;
import org.aucmedi.xai.model.OutputActivation;
import org.aucmedi.xai.model.OutputGradient;
import org.aucmedi.xai.model.ReluRule;
import org.aucmedi.xai.testkit.ClosedFormNet;
import org.aucmedi.xai.testkit.ClosedFormNet.Weights;

/**
 * A channels-first network in closed form that looks like a transformer. It sees the first pixel of
 * each patch. What its layer relu gives, (N, 4, patches along each axis), it gives again as norm,
 * with channels last, and as block.0 to block.11, (N, tokens, 4), behind tokens of large numbers
 * that belong to no patch. The layer odd gives seven tokens.
 */
final class TokenNet implements ExplainableModel {

  private static final int FEATURES = 4;

  private final ClosedFormNet net =
      new ClosedFormNet(ChannelLayout.CHANNELS_FIRST, Weights.random(2, 21));
  private final int patch;
  private final int extra;
  int gradientPasses;

  /**
   * Makes a network.
   *
   * @param patch the side of a patch
   * @param extra how many tokens belong to no patch
   */
  TokenNet(int patch, int extra) {
    this.patch = patch;
    this.extra = extra;
  }

  @Override
  public List<Layer> layers(NDArray batch) {
    try (NDArray seen = seen(batch)) {
      long images = seen.getShape().get(0);
      Shape space = seen.getShape().slice(2);
      List<Layer> layers = new ArrayList<>(net.layers(seen).subList(0, 2));
      for (int i = 0; i < 12; i++) {
        layers.add(
            new Layer(
                "block." + i, LayerKind.OTHER, new Shape(images, extra + space.size(), FEATURES)));
      }
      layers.add(new Layer("odd", LayerKind.OTHER, new Shape(images, 7, FEATURES)));
      layers.add(new Layer("norm", LayerKind.NORM, new Shape(images).addAll(space).add(FEATURES)));
      return layers;
    }
  }

  @Override
  public NDArray layerActivations(NDArray batch, String layer) {
    int skipped = layer.equals("norm") ? 0 : extra;
    boolean turned = layer.equals("norm") || layer.startsWith("block.");
    try (NDArray seen = seen(batch)) {
      NDArray found = net.layerActivations(seen, turned ? "relu" : layer);
      return turned ? featuresLast(found, skipped, layer) : found;
    }
  }

  @Override
  public NDArray predictFromLayer(NDArray batch, String layer, NDArray activations) {
    int skipped = layer.equals("norm") ? 0 : extra;
    boolean turned = layer.equals("norm") || layer.startsWith("block.");
    try (NDArray seen = seen(batch)) {
      if (!turned) {
        return net.predictFromLayer(seen, layer, activations);
      }
      try (NDArray own = net.layerActivations(seen, "relu");
          NDArray given = featuresFirst(activations, skipped, own.getShape())) {
        return net.predictFromLayer(seen, "relu", given);
      }
    }
  }

  /** The inverse of {@link #featuresLast}. */
  private static NDArray featuresFirst(NDArray array, int skipped, Shape shape) {
    int images = Math.toIntExact(shape.get(0));
    int positions = Math.toIntExact(shape.slice(2).size());
    float[] values = array.toFloatArray();
    float[] turned = new float[images * positions * FEATURES];
    for (int n = 0; n < images; n++) {
      for (int i = 0; i < positions; i++) {
        for (int k = 0; k < FEATURES; k++) {
          turned[(n * FEATURES + k) * positions + i] =
              values[(n * (skipped + positions) + skipped + i) * FEATURES + k];
        }
      }
    }
    return array.getManager().create(FloatBuffer.wrap(turned), shape);
  }

  @Override
  public LayerGradients layerGradients(NDArray batch, OutputGradient scores, String layer) {
    gradientPasses++;
    int skipped = layer.equals("norm") ? 0 : extra;
    boolean turned = layer.equals("norm") || layer.startsWith("block.");
    try (NDArray seen = seen(batch)) {
      LayerGradients found = net.layerGradients(seen, scores, turned ? "relu" : layer);
      if (!turned) {
        return found;
      }
      return new LayerGradients(
          found.output(),
          featuresLast(found.activations(), skipped, layer),
          found.gradients().stream()
              .map(gradient -> featuresLast(gradient, skipped, layer))
              .collect(Collectors.toCollection(NDList::new)));
    }
  }

  /** From (N, 4, ...) to (N, ..., 4), or to (N, skipped and patches, 4). */
  private static NDArray featuresLast(NDArray array, int skipped, String layer) {
    Shape space = array.getShape().slice(2);
    int images = Math.toIntExact(array.getShape().get(0));
    int positions = Math.toIntExact(space.size());
    float[] values = array.toFloatArray();
    float[] turned = new float[images * (skipped + positions) * FEATURES];
    for (int n = 0; n < images; n++) {
      for (int t = 0; t < skipped + positions; t++) {
        for (int k = 0; k < FEATURES; k++) {
          turned[(n * (skipped + positions) + t) * FEATURES + k] =
              t < skipped ? 1000 + k : values[(n * FEATURES + k) * positions + t - skipped];
        }
      }
    }
    Shape shape =
        layer.equals("norm")
            ? new Shape(images).addAll(space).add(FEATURES)
            : new Shape(images, skipped + positions, FEATURES);
    try (array) {
      return array.getManager().create(FloatBuffer.wrap(turned), shape);
    }
  }

  @Override
  public GuidedGradients guidedGradients(NDArray batch, OutputGradient scores, ReluRule rule) {
    gradientPasses++;
    try (NDArray seen = seen(batch)) {
      GuidedGradients found = net.guidedGradients(seen, scores, rule);
      NDList spread = new NDList();
      for (NDArray gradient : found.gradients()) {
        int[] from = firstPixels(batch.getShape());
        float[] values = gradient.toFloatArray();
        float[] image = new float[Math.toIntExact(batch.getShape().size())];
        for (int i = 0; i < values.length; i++) {
          image[from[i]] = values[i];
        }
        try (gradient) {
          spread.add(batch.getManager().create(FloatBuffer.wrap(image), batch.getShape()));
        }
      }
      return new GuidedGradients(spread, found.relus());
    }
  }

  /** What the network sees of a batch. */
  private NDArray seen(NDArray batch) {
    int[] from = firstPixels(batch.getShape());
    float[] values = batch.toFloatArray();
    float[] seen = new float[from.length];
    for (int i = 0; i < seen.length; i++) {
      seen[i] = values[from[i]];
    }
    return batch.getManager().create(FloatBuffer.wrap(seen), patches(batch.getShape()));
  }

  private Shape patches(Shape batch) {
    long[] sizes = batch.getShape().clone();
    for (int axis = 2; axis < sizes.length; axis++) {
      sizes[axis] /= patch;
    }
    return new Shape(sizes);
  }

  /** For each value of what is seen where it is in the batch. */
  private int[] firstPixels(Shape batch) {
    long[] sizes = patches(batch).getShape();
    int[] from = new int[Math.toIntExact(patches(batch).size())];
    for (int i = 0; i < from.length; i++) {
      int rest = i;
      int stride = 1;
      for (int axis = sizes.length - 1; axis >= 0; axis--) {
        int index = Math.toIntExact(rest % sizes[axis]);
        from[i] += stride * index * (axis < 2 ? 1 : patch);
        rest = Math.toIntExact(rest / sizes[axis]);
        stride *= Math.toIntExact(batch.get(axis));
      }
    }
    return from;
  }

  @Override
  public NDArray predict(NDArray batch) {
    try (NDArray seen = seen(batch)) {
      return net.predict(seen);
    }
  }

  @Override
  public String engineName() {
    return net.engineName();
  }

  @Override
  public ChannelLayout channelLayout() {
    return net.channelLayout();
  }

  @Override
  public OutputActivation outputActivation() {
    return net.outputActivation();
  }

  @Override
  public Set<Capability> capabilities() {
    return net.capabilities();
  }

  @Override
  public NDManager newManager() {
    return net.newManager();
  }

  @Override
  public void close() {
    net.close();
  }
}

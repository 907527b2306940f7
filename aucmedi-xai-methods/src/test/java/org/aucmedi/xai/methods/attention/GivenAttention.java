package org.aucmedi.xai.methods.attention;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import com.google.common.primitives.Floats;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.aucmedi.xai.model.Capability;
import org.aucmedi.xai.model.ChannelLayout;
import org.aucmedi.xai.model.ExplainableModel;
import org.aucmedi.xai.model.Layer;
import org.aucmedi.xai.model.LayerGradients;
import org.aucmedi.xai.model.LayerKind;
import org.aucmedi.xai.model.LayerNotFoundException;
import org.aucmedi.xai.model.OutputActivation;
import org.aucmedi.xai.model.OutputGradient;
import org.aucmedi.xai.testkit.AttentionNet;

/** A model of two classes whose layers give what they are told to, whatever the image. */
final class GivenAttention implements ExplainableModel {

  private record Given(LayerKind kind, Shape shape, float[] output, float[] gradient) {}

  private final Map<String, Given> layers = new LinkedHashMap<>();
  private final AttentionNet engine = new AttentionNet(ChannelLayout.CHANNELS_FIRST, 1, 1);

  /** Adds a layer of any output. */
  GivenAttention layer(String name, LayerKind kind, Shape shape, float... output) {
    layers.put(name, new Given(kind, shape, output, new float[output.length]));
    return this;
  }

  /** Adds a layer of tokens. */
  GivenAttention tokens(String name, long tokens) {
    Shape shape = new Shape(1, tokens, tokens + 1);
    return layer(name, LayerKind.OTHER, shape, new float[Math.toIntExact(shape.size())]);
  }

  /** Adds a layer of attention weights, and their gradients for class 0; those of 1 are zero. */
  GivenAttention weights(String name, float[][][] weights, float[][][] gradients) {
    int tokens = weights[0].length;
    Shape shape = new Shape(1, weights.length, tokens, tokens);
    layers.put(name, new Given(LayerKind.OTHER, shape, flat(weights), flat(gradients)));
    return this;
  }

  private static float[] flat(float[][][] heads) {
    return Floats.concat(Arrays.stream(heads).flatMap(Arrays::stream).toArray(float[][]::new));
  }

  @Override
  public List<Layer> layers(NDArray batch) {
    List<Layer> listed = new ArrayList<>();
    layers.forEach((name, given) -> listed.add(new Layer(name, given.kind, given.shape)));
    return listed;
  }

  private Given given(String name, NDArray batch) {
    Given given = layers.get(name);
    if (given == null) {
      throw new LayerNotFoundException(name, layers(batch));
    }
    return given;
  }

  @Override
  public NDArray layerActivations(NDArray batch, String name) {
    Given given = given(name, batch);
    return batch.getManager().create(FloatBuffer.wrap(given.output), given.shape);
  }

  @Override
  public NDArray predict(NDArray batch) {
    return batch.getManager().create(new float[] {3, 1}, new Shape(1, 2));
  }

  @Override
  public LayerGradients layerGradients(NDArray batch, OutputGradient scores, String name) {
    Given given = given(name, batch);
    NDList gradients = new NDList();
    for (float[] slopes : scores.of(new float[][] {{3, 1}})) {
      float[] scaled = given.gradient.clone();
      for (int i = 0; i < scaled.length; i++) {
        scaled[i] *= slopes[0];
      }
      gradients.add(batch.getManager().create(FloatBuffer.wrap(scaled), given.shape));
    }
    return new LayerGradients(predict(batch), layerActivations(batch, name), gradients);
  }

  @Override
  public OutputActivation outputActivation() {
    return OutputActivation.NONE;
  }

  @Override
  public String engineName() {
    return engine.engineName();
  }

  @Override
  public ChannelLayout channelLayout() {
    return engine.channelLayout();
  }

  @Override
  public Set<Capability> capabilities() {
    return engine.capabilities();
  }

  @Override
  public NDManager newManager() {
    return engine.newManager();
  }

  @Override
  public void close() {
    engine.close();
  }
}

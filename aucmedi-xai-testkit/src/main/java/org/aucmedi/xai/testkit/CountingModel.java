package org.aucmedi.xai.testkit;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.List;
import java.util.Set;
import org.aucmedi.xai.model.BiasGradients;
import org.aucmedi.xai.model.Capability;
import org.aucmedi.xai.model.ChannelLayout;
import org.aucmedi.xai.model.ExplainableModel;
import org.aucmedi.xai.model.GuidedGradients;
import org.aucmedi.xai.model.Layer;
import org.aucmedi.xai.model.LayerGradients;
import org.aucmedi.xai.model.Multipliers;
import org.aucmedi.xai.model.OutputActivation;
import org.aucmedi.xai.model.OutputGradient;
import org.aucmedi.xai.model.RelevanceRules;
import org.aucmedi.xai.model.Relevances;
import org.aucmedi.xai.model.ReluRule;
import org.jspecify.annotations.Nullable;

/**
 * Counts the passes that a method requests from a model, on the basis of one forward pass per call.
 */
public final class CountingModel implements ExplainableModel {

  /**
   * The counts.
   *
   * @param calls the number of forward passes
   * @param images the number of images in the forward passes
   * @param backward the number of images in the backward passes, counted once for each score
   */
  public record Count(int calls, int images, int backward) {}

  private final ExplainableModel model;
  private Count count = new Count(0, 0, 0);

  /**
   * Wraps a model.
   *
   * @param model the model to count for; closed with this one
   */
  public CountingModel(ExplainableModel model) {
    this.model = model;
  }

  /** {@return the counts since the last call} Resets them. */
  public synchronized Count take() {
    Count taken = count;
    count = new Count(0, 0, 0);
    return taken;
  }

  private synchronized void add(NDArray batch, int scores) {
    int images = Math.toIntExact(batch.getShape().get(0));
    count = new Count(count.calls + 1, count.images + images, count.backward + scores * images);
  }

  @Override
  public void expect(long images) {
    model.expect(images);
  }

  @Override
  public NDArray predict(NDArray batch) {
    add(batch, 0);
    return model.predict(batch);
  }

  @Override
  public List<Layer> layers() {
    return model.layers();
  }

  @Override
  public List<Layer> layers(NDArray batch) {
    add(batch, 0);
    return model.layers(batch);
  }

  @Override
  public NDArray layerActivations(NDArray batch, String layerName) {
    add(batch, 0);
    return model.layerActivations(batch, layerName);
  }

  @Override
  public NDArray predictFromLayer(NDArray batch, String layerName, NDArray activations) {
    add(batch, 0);
    return model.predictFromLayer(batch, layerName, activations);
  }

  @Override
  public NDList inputGradients(NDArray batch, OutputGradient scores) {
    NDList gradients = model.inputGradients(batch, scores);
    add(batch, gradients.size());
    return gradients;
  }

  @Override
  public LayerGradients layerGradients(NDArray batch, OutputGradient scores, String layerName) {
    LayerGradients found = model.layerGradients(batch, scores, layerName);
    add(batch, found.gradients().size());
    return found;
  }

  @Override
  public GuidedGradients guidedGradients(NDArray batch, OutputGradient scores, ReluRule rule) {
    GuidedGradients found = model.guidedGradients(batch, scores, rule);
    add(batch, found.gradients().size());
    return found;
  }

  @Override
  public Relevances relevances(NDArray batch, OutputGradient scores, RelevanceRules rules) {
    Relevances found = model.relevances(batch, scores, rules);
    add(batch, found.relevances().size());
    return found;
  }

  @Override
  public Multipliers multipliers(NDArray batch, NDArray reference, OutputGradient scores) {
    Multipliers found = model.multipliers(batch, reference, scores);
    add(reference, 0);
    add(batch, found.multipliers().size());
    return found;
  }

  @Override
  public BiasGradients biasGradients(NDArray batch, OutputGradient scores) {
    BiasGradients found = model.biasGradients(batch, scores);
    add(batch, found.gradients().size());
    return found;
  }

  @Override
  public String engineName() {
    return model.engineName();
  }

  @Override
  public ChannelLayout channelLayout() {
    return model.channelLayout();
  }

  @Override
  public OutputActivation outputActivation() {
    return model.outputActivation();
  }

  @Override
  public @Nullable Shape inputShape() {
    return model.inputShape();
  }

  @Override
  public Set<Capability> capabilities() {
    return model.capabilities();
  }

  @Override
  public NDManager newManager() {
    return model.newManager();
  }

  @Override
  public void close() {
    model.close();
  }

  @Override
  public String toString() {
    return model.toString();
  }
}

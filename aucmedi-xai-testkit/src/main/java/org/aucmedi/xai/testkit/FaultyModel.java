package org.aucmedi.xai.testkit;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.aucmedi.xai.error.XAIException;
import org.aucmedi.xai.model.BiasGradients;
import org.aucmedi.xai.model.Capability;
import org.aucmedi.xai.model.ChannelLayout;
import org.aucmedi.xai.model.ExplainableModel;
import org.aucmedi.xai.model.GuidedGradients;
import org.aucmedi.xai.model.Layer;
import org.aucmedi.xai.model.LayerGradients;
import org.aucmedi.xai.model.MissingCapabilityException;
import org.aucmedi.xai.model.Multipliers;
import org.aucmedi.xai.model.OutputActivation;
import org.aucmedi.xai.model.OutputGradient;
import org.aucmedi.xai.model.RelevanceRules;
import org.aucmedi.xai.model.Relevances;
import org.aucmedi.xai.model.ReluRule;

/** A model with fewer capabilities than another, or one that fails after a number of passes. */
final class FaultyModel implements ExplainableModel {

  static final String FAILURE = "out of memory in this pass";

  private final ExplainableModel model;
  private final Set<Capability> capabilities;
  private final AtomicInteger passesLeft;

  private FaultyModel(ExplainableModel model, Set<Capability> capabilities, int passes) {
    this.model = model;
    this.capabilities = capabilities;
    this.passesLeft = new AtomicInteger(passes);
  }

  /** Supports only predictions. */
  static FaultyModel blackBox(ExplainableModel model) {
    return new FaultyModel(model, Set.of(Capability.PREDICTION), Integer.MAX_VALUE);
  }

  /** Delegates a given number of passes, and then fails. */
  static FaultyModel failingAfter(int passes, ExplainableModel model) {
    return new FaultyModel(model, model.capabilities(), passes);
  }

  private ExplainableModel pass(Capability capability) {
    if (!capabilities.contains(capability)) {
      throw new MissingCapabilityException(this, capability);
    }
    if (passesLeft.getAndDecrement() <= 0) {
      throw new XAIException(FAILURE);
    }
    return model;
  }

  /** Returns whether a pass has failed. */
  boolean hasFailed() {
    return passesLeft.get() < 0;
  }

  @Override
  public String engineName() {
    return model.engineName();
  }

  @Override
  public OutputActivation outputActivation() {
    return model.outputActivation();
  }

  @Override
  public ChannelLayout channelLayout() {
    return model.channelLayout();
  }

  @Override
  public Set<Capability> capabilities() {
    return capabilities;
  }

  @Override
  public NDManager newManager() {
    return model.newManager();
  }

  @Override
  public void expect(long images) {
    model.expect(images);
  }

  @Override
  public NDArray predict(NDArray batch) {
    return pass(Capability.PREDICTION).predict(batch);
  }

  @Override
  public List<Layer> layers() {
    return pass(Capability.LAYERS).layers();
  }

  @Override
  public List<Layer> layers(NDArray batch) {
    return pass(Capability.LAYERS).layers(batch);
  }

  @Override
  public NDArray layerActivations(NDArray batch, String layerName) {
    return pass(Capability.LAYER_ACTIVATIONS).layerActivations(batch, layerName);
  }

  @Override
  public NDArray predictFromLayer(NDArray batch, String layerName, NDArray activations) {
    return pass(Capability.PREDICTION_FROM_LAYER).predictFromLayer(batch, layerName, activations);
  }

  @Override
  public NDList inputGradients(NDArray batch, OutputGradient scores) {
    return pass(Capability.INPUT_GRADIENTS).inputGradients(batch, scores);
  }

  @Override
  public LayerGradients layerGradients(NDArray batch, OutputGradient scores, String layerName) {
    return pass(Capability.LAYER_GRADIENTS).layerGradients(batch, scores, layerName);
  }

  @Override
  public GuidedGradients guidedGradients(NDArray batch, OutputGradient scores, ReluRule rule) {
    return pass(Capability.GUIDED_GRADIENTS).guidedGradients(batch, scores, rule);
  }

  @Override
  public Relevances relevances(NDArray batch, OutputGradient scores, RelevanceRules rules) {
    return pass(Capability.PROPAGATION).relevances(batch, scores, rules);
  }

  @Override
  public Multipliers multipliers(NDArray batch, NDArray reference, OutputGradient scores) {
    return pass(Capability.PROPAGATION).multipliers(batch, reference, scores);
  }

  @Override
  public BiasGradients biasGradients(NDArray batch, OutputGradient scores) {
    return pass(Capability.PROPAGATION).biasGradients(batch, scores);
  }

  @Override
  public void close() {
    model.close();
  }

  @Override
  public String toString() {
    return "a model with faults";
  }
}

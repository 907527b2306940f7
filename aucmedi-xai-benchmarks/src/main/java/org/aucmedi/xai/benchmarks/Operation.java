package org.aucmedi.xai.benchmarks;

import org.aucmedi.xai.model.Capability;
import org.aucmedi.xai.model.ExplainableModel;
import org.aucmedi.xai.model.LayerGradients;
import org.aucmedi.xai.model.OutputGradient;
import org.aucmedi.xai.model.ReluRule;

/** What is measured, and what it may cost in forward passes of the same batch. */
public enum Operation {
  FORWARD(Capability.PREDICTION, 1) {
    @Override
    Runnable on(Subject subject) {
      ExplainableModel model = subject.model();
      return () -> model.predict(subject.batch()).close();
    }
  },
  INPUT_GRADIENT(Capability.INPUT_GRADIENTS, 2.5) {
    @Override
    Runnable on(Subject subject) {
      OutputGradient scores = subject.firstClasses(1);
      return () -> subject.model().inputGradients(subject.batch(), scores).close();
    }
  },
  /** As many gradients as the model has classes, ten at most, from one forward pass. */
  INPUT_GRADIENTS_OF_TEN_CLASSES(Capability.INPUT_GRADIENTS, 16) {
    @Override
    Runnable on(Subject subject) {
      OutputGradient scores = subject.firstClasses(10);
      return () -> subject.model().inputGradients(subject.batch(), scores).close();
    }
  },
  LAYER_ACTIVATIONS(Capability.LAYER_ACTIVATIONS, 1.3) {
    @Override
    Runnable on(Subject subject) {
      String layer = subject.layer();
      return () -> subject.model().layerActivations(subject.batch(), layer).close();
    }
  },
  /** Of the last convolution with more than one position. */
  LAYER_GRADIENT(Capability.LAYER_GRADIENTS, 1.3) {
    @Override
    Runnable on(Subject subject) {
      return layerGradients(subject, 1);
    }
  },
  /** Of the same layer, for as many classes as the model has, ten at most. */
  LAYER_GRADIENTS_OF_TEN_CLASSES(Capability.LAYER_GRADIENTS, 4) {
    @Override
    Runnable on(Subject subject) {
      return layerGradients(subject, 10);
    }
  },
  GUIDED_GRADIENT(Capability.GUIDED_GRADIENTS, 3.5) {
    @Override
    Runnable on(Subject subject) {
      OutputGradient scores = subject.firstClasses(1);
      return () ->
          subject
              .model()
              .guidedGradients(subject.batch(), scores, ReluRule.GUIDED)
              .gradients()
              .close();
    }
  };

  private final Capability capability;
  private final double target;

  Operation(Capability capability, double target) {
    this.capability = capability;
    this.target = target;
  }

  Capability capability() {
    return capability;
  }

  /** The most forward passes that this may cost on a network of the size of ResNet-18. */
  double target() {
    return target;
  }

  /** Prepares the operation; running the result is what is measured. */
  abstract Runnable on(Subject subject);

  private static Runnable layerGradients(Subject subject, int classes) {
    String layer = subject.layer();
    OutputGradient scores = subject.firstClasses(classes);
    return () -> {
      LayerGradients found = subject.model().layerGradients(subject.batch(), scores, layer);
      found.output().close();
      found.activations().close();
      found.gradients().close();
    };
  }
}

package org.aucmedi.xai.benchmarks;

import java.util.List;
import java.util.Locale;
import org.aucmedi.xai.Heatmap;
import org.aucmedi.xai.MethodBuilder;
import org.aucmedi.xai.Profile;
import org.aucmedi.xai.Score;
import org.aucmedi.xai.Target;
import org.aucmedi.xai.XAIMethodBase;
import org.aucmedi.xai.methods.Baseline;
import org.aucmedi.xai.methods.cam.GradCam;
import org.aucmedi.xai.methods.gradient.GuidedBackpropagation;
import org.aucmedi.xai.methods.gradient.IntegratedGradients;
import org.aucmedi.xai.methods.gradient.SaliencyMap;
import org.aucmedi.xai.methods.perturbation.Lime;
import org.aucmedi.xai.methods.perturbation.LimePro;
import org.aucmedi.xai.methods.perturbation.OcclusionSensitivity;
import org.aucmedi.xai.methods.perturbation.Patch;
import org.aucmedi.xai.methods.perturbation.SuperpixelFill;
import org.aucmedi.xai.methods.segmentation.SegmentationChoice;
import org.aucmedi.xai.model.Capability;
import org.aucmedi.xai.model.ExplainableModel;

/**
 * The methods that {@link Methods} measures, as a user calls them: from the batch to heatmaps in
 * the JVM's memory. Their options are those of {@code tools/peers.py}.
 */
enum MeasuredMethod {
  /** A prediction, nothing else. */
  FORWARD(Capability.PREDICTION, Double.NaN, 1),
  SALIENCY(Capability.INPUT_GRADIENTS, 2.5, 1.0) {
    @Override
    XAIMethodBase build(ExplainableModel model) {
      return ofOutput(SaliencyMap.builder()).build(model);
    }
  },
  GRAD_CAM(Capability.LAYER_GRADIENTS, 1.15, 1.0) {
    @Override
    XAIMethodBase build(ExplainableModel model) {
      return ofOutput(GradCam.builder()).build(model);
    }
  },
  /** Of the first ten classes. */
  GRAD_CAM_TEN(Capability.LAYER_GRADIENTS, 1.3, 1.0) {
    @Override
    XAIMethodBase build(ExplainableModel model) {
      return GRAD_CAM.build(model);
    }
  },
  GUIDED(Capability.GUIDED_GRADIENTS, 3.5, 1.0) {
    @Override
    XAIMethodBase build(ExplainableModel model) {
      return ofOutput(GuidedBackpropagation.builder()).build(model);
    }
  },
  /** 50 steps from zero. */
  INTEGRATED_GRADIENTS(Capability.INPUT_GRADIENTS, Double.NaN, 0.9) {
    @Override
    XAIMethodBase build(ExplainableModel model) {
      return ofOutput(IntegratedGradients.builder())
          .opt(IntegratedGradients.STEPS, 50)
          .opt(IntegratedGradients.BASELINE, new Baseline.Constant(0))
          .build(model);
    }
  },
  /** Patches of 16 x 16 side by side, covered with zero. */
  OCCLUSION(Capability.PREDICTION, Double.NaN, 0.85) {
    @Override
    XAIMethodBase build(ExplainableModel model) {
      return ofOutput(OcclusionSensitivity.builder())
          .opt(OcclusionSensitivity.PATCH, new Patch(16))
          .opt(OcclusionSensitivity.FILL, new Baseline.Constant(0))
          .build(model);
    }
  },
  /** 100 samples of 7 x 7 squares, filled with zero. */
  LIME(Capability.PREDICTION, Double.NaN, 0.85) {
    @Override
    XAIMethodBase build(ExplainableModel model) {
      return LimePro.builder()
          .optProfile(Profile.PAPER)
          .opt(Lime.SAMPLES, 100)
          .opt(Lime.FILL, SuperpixelFill.parse("0"))
          .opt(SegmentationChoice.OPTION, SegmentationChoice.GRID)
          .opt(SegmentationChoice.SEGMENTS, 49)
          .build(model);
    }
  };

  /** What is measured. */
  @FunctionalInterface
  interface Task {
    /** Runs; returns the heatmaps of each image, if any. */
    List<List<Heatmap>> run();
  }

  private final Capability capability;
  private final double forwards;
  private final double ratio;

  MeasuredMethod(Capability capability, double forwards, double ratio) {
    this.capability = capability;
    this.forwards = forwards;
    this.ratio = ratio;
  }

  Capability capability() {
    return capability;
  }

  /** The most forward passes that this may cost, or NaN. */
  double forwards() {
    return forwards;
  }

  /** The most that this may cost as a part of what plain PyTorch takes. */
  double ratio() {
    return ratio;
  }

  /** Whether this takes many passes per image, so that a larger batch is only more of the same. */
  boolean isSweep() {
    return compareTo(INTEGRATED_GRADIENTS) >= 0;
  }

  /** Whether others compute the same map: the samples of LIME are random. */
  boolean isComparable() {
    return this != FORWARD && this != LIME;
  }

  /** The name that {@code tools/peers.py} knows. */
  String key() {
    return name().toLowerCase(Locale.ROOT);
  }

  XAIMethodBase build(ExplainableModel model) {
    throw new UnsupportedOperationException(this + " is no method");
  }

  /** Prepares the method; running the result is what is measured. */
  Task on(Subject subject) {
    if (this == FORWARD) {
      return () -> {
        subject.original().outputs(subject.batch());
        return List.of();
      };
    }
    XAIMethodBase method = build(subject.model());
    Target target = Target.ofClasses(subject.classes(this == GRAD_CAM_TEN ? 10 : 1));
    return () -> method.explain(subject.batch(), target);
  }

  private static <M extends XAIMethodBase> MethodBuilder<M> ofOutput(MethodBuilder<M> builder) {
    return builder.optProfile(Profile.PAPER).opt(Score.OPTION, Score.OUTPUT);
  }
}

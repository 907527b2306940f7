package org.aucmedi.xai.engine.tensorflow;

import org.aucmedi.xai.model.ReluRule;

/** How a gradient passes a ReLU. */
enum BackwardRule {
  /** As calculus says. */
  PLAIN,
  /** {@link ReluRule#GUIDED}. */
  GUIDED,
  /** {@link ReluRule#DECONVNET}. */
  DECONVNET;

  static BackwardRule of(ReluRule rule) {
    return switch (rule) {
      case GUIDED -> GUIDED;
      case DECONVNET -> DECONVNET;
    };
  }
}

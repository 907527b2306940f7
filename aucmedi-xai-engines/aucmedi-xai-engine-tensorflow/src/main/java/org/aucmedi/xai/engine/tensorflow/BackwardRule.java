package org.aucmedi.xai.engine.tensorflow;

import org.aucmedi.xai.model.ReluRule;

/** How a gradient passes through a ReLU. */
enum BackwardRule {
  /** The ordinary derivative. */
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

package org.aucmedi.xai.engine.tensorflow;

import org.aucmedi.xai.model.RectifierRule;

/** How a gradient passes a rectifier. */
enum BackwardRule {
  /** As calculus says. */
  PLAIN,
  /** {@link RectifierRule#GUIDED}. */
  GUIDED,
  /** {@link RectifierRule#DECONVNET}. */
  DECONVNET;

  static BackwardRule of(RectifierRule rule) {
    return switch (rule) {
      case GUIDED -> GUIDED;
      case DECONVNET -> DECONVNET;
    };
  }
}

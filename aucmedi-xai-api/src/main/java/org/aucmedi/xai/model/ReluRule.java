package org.aucmedi.xai.model;

/** How a guided pass propagates a gradient {@code dy} back through a ReLU {@code y = max(x, 0)}. */
public enum ReluRule {
  /** Guided backpropagation, {@code dy * [dy > 0] * [x > 0]} (Springenberg et al. 2014). */
  GUIDED,
  /** Deconvnet, {@code dy * [dy > 0]} (Zeiler and Fergus 2013). */
  DECONVNET
}

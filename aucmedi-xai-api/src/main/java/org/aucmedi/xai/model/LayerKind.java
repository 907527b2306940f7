package org.aucmedi.xai.model;

/** What a layer does, as far as explanation methods are concerned. */
public enum LayerKind {
  /** A convolution of any rank, transposed ones included. */
  CONV,
  /** A pooling, global ones included. */
  POOL,
  /** A normalisation: batch, layer, instance, group. */
  NORM,
  /** An elementwise nonlinearity or a softmax. */
  ACTIVATION,
  /** A fully connected layer. */
  DENSE,
  /** A sum of branches. */
  ADD,
  /** Anything else. */
  OTHER
}

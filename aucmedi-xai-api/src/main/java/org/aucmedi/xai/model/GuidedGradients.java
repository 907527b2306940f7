package org.aucmedi.xai.model;

import ai.djl.ndarray.NDList;

/**
 * What a guided pass gives.
 *
 * @param gradients one per score, each shaped like the batch
 * @param relus how often the pass met a ReLU or ReLU6; at zero the gradients are plain ones
 */
public record GuidedGradients(NDList gradients, int relus) {}

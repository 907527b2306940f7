package org.aucmedi.xai.model;

import ai.djl.ndarray.NDList;

/**
 * The result of a guided pass.
 *
 * @param gradients one per score, each shaped like the batch
 * @param relus how many ReLUs and ReLU6s the gradients passed through; if zero, they are ordinary
 *     gradients
 */
public record GuidedGradients(NDList gradients, int relus) {}

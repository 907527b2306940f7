package org.aucmedi.xai.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;

/**
 * What one forward pass tells about a layer.
 *
 * @param output the model's output, (N, classes)
 * @param activations the layer's output A, (N, ...)
 * @param gradients for each score d(score)/dA, shaped like A
 */
public record LayerGradients(NDArray output, NDArray activations, NDList gradients) {}

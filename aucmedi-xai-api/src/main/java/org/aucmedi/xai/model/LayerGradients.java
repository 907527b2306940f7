package org.aucmedi.xai.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;

/**
 * The activations of a layer and the gradients with respect to them.
 *
 * @param output the model's output, (N, classes)
 * @param activations the layer's output A, (N, ...)
 * @param gradients for each score d(score)/dA, shaped like A
 */
public record LayerGradients(NDArray output, NDArray activations, NDList gradients) {}

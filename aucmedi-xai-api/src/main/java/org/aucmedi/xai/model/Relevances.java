package org.aucmedi.xai.model;

import ai.djl.ndarray.NDList;

/**
 * The result of a pass of relevance propagation. What arrives at the input and what the biases have
 * taken add up to the score, up to what a stabiliser has absorbed.
 *
 * @param relevances for each score the relevance of the input, shaped like the batch
 * @param scores for each score its value, computed from the logits, (N)
 * @param biases for each score what biases and shifts of normalisations have taken of it, (N)
 */
public record Relevances(NDList relevances, NDList scores, NDList biases) {}

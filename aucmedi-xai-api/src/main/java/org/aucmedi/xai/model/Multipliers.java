package org.aucmedi.xai.model;

import ai.djl.ndarray.NDList;

/**
 * The result of a pass of DeepLIFT.
 *
 * @param multipliers for each score the multipliers m of the input, shaped like the batch; {@code m
 *     * (x - x')} adds up to the difference in score between an input x and its reference x'
 * @param differences for each score that difference, computed from the logits, (N)
 */
public record Multipliers(NDList multipliers, NDList differences) {}

package org.aucmedi.xai.cli;

import org.aucmedi.xai.methods.Baseline;
import org.aucmedi.xai.metrics.RegionSize;

/**
 * How maps are measured.
 *
 * @param fill what is behind pixels that are hidden
 * @param steps of deletion and insertion
 * @param subsets how many boxes or sets of pixels are hidden
 * @param tolerance of the pointing game, in pixels
 * @param neighbours how many images with noise max-sensitivity explains
 * @param radius of that noise, in shares of the image's range
 * @param sizes where a small, a medium and a large object begin
 */
record EvaluationSettings(
    Baseline fill,
    int steps,
    int subsets,
    double tolerance,
    int neighbours,
    double radius,
    RegionSize.Bounds sizes) {}

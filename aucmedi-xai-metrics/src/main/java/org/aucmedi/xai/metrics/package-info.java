/**
 * Metrics that tell how far a heatmap can be trusted.
 *
 * <p>Where the object is known: {@link org.aucmedi.xai.metrics.PointingGame}, {@link
 * org.aucmedi.xai.metrics.RelevanceMassAccuracy}, {@link
 * org.aucmedi.xai.metrics.RelevanceRankAccuracy}, {@link
 * org.aucmedi.xai.metrics.IntersectionOverUnion} and {@link
 * org.aucmedi.xai.metrics.AveragePrecision} tell whether the map lies on it. Where only the model
 * is known: {@link org.aucmedi.xai.metrics.PixelRemoval} hides and shows what the map calls
 * important, {@link org.aucmedi.xai.metrics.ModelRandomisation} tells whether the map changes when
 * the network's weights are randomised. {@link org.aucmedi.xai.metrics.Sparseness} and {@link
 * org.aucmedi.xai.metrics.Complexity} tell how concise it is.
 *
 * <p>Maps are plain arrays in row-major order, so the metrics work for any method, including your
 * own, and in any number of dimensions. Every metric is defined for flat maps and empty regions;
 * NaN is refused.
 */
@NullMarked
package org.aucmedi.xai.metrics;

import org.jspecify.annotations.NullMarked;

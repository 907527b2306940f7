/**
 * Metrics that tell how far a heatmap can be trusted.
 *
 * <p>Where the object is known: {@link org.aucmedi.xai.metrics.PointingGame}, {@link
 * org.aucmedi.xai.metrics.RelevanceMassAccuracy}, {@link
 * org.aucmedi.xai.metrics.RelevanceRankAccuracy}, {@link
 * org.aucmedi.xai.metrics.IntersectionOverUnion} and {@link
 * org.aucmedi.xai.metrics.AveragePrecision} tell whether the map lies on it, {@link
 * org.aucmedi.xai.metrics.RegionSize} how large it is.
 *
 * <p>Where only the model is known: {@link org.aucmedi.xai.metrics.PixelRemoval}, {@link
 * org.aucmedi.xai.metrics.Road} and {@link org.aucmedi.xai.metrics.MaskedScore} hide and show what
 * the map calls important; {@link org.aucmedi.xai.metrics.Infidelity}, {@link
 * org.aucmedi.xai.metrics.SensitivityN} and {@link org.aucmedi.xai.metrics.CompletenessDelta} ask
 * whether its values are parts of the score; {@link org.aucmedi.xai.metrics.MaxSensitivity} and
 * {@link org.aucmedi.xai.metrics.ModelRandomisation} whether it changes when it should not, and
 * when it should.
 *
 * <p>The map alone: {@link org.aucmedi.xai.metrics.Sparseness} and {@link
 * org.aucmedi.xai.metrics.Complexity} tell how concise it is. Over many images {@link
 * org.aucmedi.xai.metrics.BootstrapInterval} and {@link org.aucmedi.xai.metrics.PairedComparison}
 * tell what is more than chance.
 *
 * <p>Maps are plain arrays in row-major order, so the metrics work for any method, including your
 * own, and in any number of dimensions. Every metric is defined for flat maps and empty regions;
 * NaN is refused.
 */
@NullMarked
package org.aucmedi.xai.metrics;

import org.jspecify.annotations.NullMarked;

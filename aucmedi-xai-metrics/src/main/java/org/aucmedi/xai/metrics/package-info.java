/**
 * Metrics that tell how far a heatmap can be trusted.
 *
 * <p>{@link org.aucmedi.xai.metrics.PointingGame} tests whether a map peaks on the object, {@link
 * org.aucmedi.xai.metrics.ModelRandomisation} whether it changes when the network's weights are
 * randomised. Maps are plain arrays in row-major order, so the metrics work for any method,
 * including your own.
 */
@NullMarked
package org.aucmedi.xai.metrics;

import org.jspecify.annotations.NullMarked;

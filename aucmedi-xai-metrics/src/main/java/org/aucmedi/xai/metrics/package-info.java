/**
 * Numbers that say how far a heatmap can be trusted.
 *
 * <p>{@link org.aucmedi.xai.metrics.PointingGame} asks whether a map peaks on the object, {@link
 * org.aucmedi.xai.metrics.ModelRandomisation} whether it changes when the network loses what it has
 * learnt. Maps are plain values in row-major order, so that every method's maps can be measured,
 * also those of a method of your own.
 */
@NullMarked
package org.aucmedi.xai.metrics;

import org.jspecify.annotations.NullMarked;

/**
 * Arrays of images and maps in the JVM's memory: where their values lie, interpolation, NumPy
 * files, and heatmaps drawn over images.
 */
@NullMarked
package org.aucmedi.xai.array;

import org.jspecify.annotations.NullMarked;

/**
 * Arrays of images and maps in the JVM's memory: axes and layout, interpolation, NumPy files, and
 * overlays of heatmaps on images.
 */
@NullMarked
package org.aucmedi.xai.array;

import org.jspecify.annotations.NullMarked;

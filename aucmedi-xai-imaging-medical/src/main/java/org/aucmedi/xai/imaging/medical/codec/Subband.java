package org.aucmedi.xai.imaging.medical.codec;

/**
 * A subband of a tile-component (T.800, B.5).
 *
 * @param highX whether it has the horizontal high frequencies
 * @param highY whether it has the vertical high frequencies
 * @param area its coordinates
 * @param x the column at which its samples start in the tile-component's array, where the subbands
 *     of a resolution lie side by side
 * @param y the row at which they start
 * @param bitPlanes the number of magnitude bit-planes, without a region of interest
 * @param step the quantisation step
 */
record Subband(boolean highX, boolean highY, Area area, int x, int y, int bitPlanes, float step) {}

package org.aucmedi.xai.imaging.medical.codec;

/**
 * The samples of one image as its codestream holds them, without any conversion of colours.
 *
 * @param width the number of columns
 * @param height the number of rows
 * @param components the number of values per pixel
 * @param bits the number of bits per value, as the codestream says
 * @param signed whether values may be negative
 * @param samples the values, row by row, the components of a pixel side by side
 */
public record DecodedFrame(
    int width, int height, int components, int bits, boolean signed, int[] samples) {}

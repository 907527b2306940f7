/**
 * Draws maps: over images or alone, volumes as montages, cuts or frames, with a colour bar.
 *
 * <p>Text is drawn with a font of its own (StrokeFont), so that a machine needs no fonts and a
 * picture has the same pixels everywhere.
 */
@NullMarked
package org.aucmedi.xai.imaging.drawing;

import org.jspecify.annotations.NullMarked;

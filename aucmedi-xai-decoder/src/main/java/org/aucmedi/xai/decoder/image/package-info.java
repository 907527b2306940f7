/**
 * Images as arrays: loading, resizing, standardising, colouring, writing. Pure Java, so that the
 * same pixels give the same numbers on every engine and platform.
 */
@NullMarked
package org.aucmedi.xai.decoder.image;

import org.jspecify.annotations.NullMarked;

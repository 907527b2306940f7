/**
 * Images as arrays: reading, resizing, standardising, writing. Pure Java, so that the same pixels
 * give the same numbers on every engine and platform.
 */
@NullMarked
package org.aucmedi.xai.imaging;

import org.jspecify.annotations.NullMarked;

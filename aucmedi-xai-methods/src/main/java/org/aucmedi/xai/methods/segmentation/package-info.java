/**
 * Partitions of an image into superpixels, or of a volume into supervoxels. They need no engine.
 */
@NullMarked
package org.aucmedi.xai.methods.segmentation;

import org.jspecify.annotations.NullMarked;

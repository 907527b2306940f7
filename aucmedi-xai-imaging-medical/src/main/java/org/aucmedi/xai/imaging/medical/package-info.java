/**
 * Medical image files with their geometry. The readers are found on the class path by {@link
 * org.aucmedi.xai.imaging.ImageLoader}.
 *
 * <p>Axes are as in ITK: a volume is (slices, rows, columns, channels), whatever the order of the
 * patient's axes; {@link org.aucmedi.xai.array.ImageArray#geometry()} says where the voxels lie.
 */
@NullMarked
package org.aucmedi.xai.imaging.medical;

import org.jspecify.annotations.NullMarked;

/**
 * Class activation maps: a weighted sum of a layer's channels.
 *
 * <p>All share {@link org.aucmedi.xai.methods.cam.ClassActivationMap} and differ in how the weights
 * come from activations and gradients.
 */
@NullMarked
package org.aucmedi.xai.methods.cam;

import org.jspecify.annotations.NullMarked;

/** Methods that change the image and watch the prediction. They need no gradients. */
@NullMarked
package org.aucmedi.xai.methods.perturbation;

import org.jspecify.annotations.NullMarked;

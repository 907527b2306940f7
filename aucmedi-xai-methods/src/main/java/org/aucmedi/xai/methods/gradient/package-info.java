/** Methods based on the gradient with respect to the input. */
@NullMarked
package org.aucmedi.xai.methods.gradient;

import org.jspecify.annotations.NullMarked;

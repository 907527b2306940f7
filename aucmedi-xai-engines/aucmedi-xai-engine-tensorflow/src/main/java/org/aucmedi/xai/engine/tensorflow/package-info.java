/** TensorFlow behind the white-box contract. */
@NullMarked
package org.aucmedi.xai.engine.tensorflow;

import org.jspecify.annotations.NullMarked;

/**
 * ONNX Runtime behind the white-box contract: predictions, layers and activations of ONNX files.
 *
 * <p>ONNX Runtime has no automatic differentiation, so there are no gradients.
 */
@NullMarked
package org.aucmedi.xai.engine.onnxruntime;

import org.jspecify.annotations.NullMarked;

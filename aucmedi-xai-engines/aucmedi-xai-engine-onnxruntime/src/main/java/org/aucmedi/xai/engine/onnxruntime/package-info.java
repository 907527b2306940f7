/**
 * ONNX Runtime behind the white-box contract: predictions, layers and activations of ONNX files.
 *
 * <p>ONNX Runtime has no automatic differentiation, so there are no gradients.
 *
 * <p><b>Inputs.</b> A batch is converted to the float or integer type that the file declares.
 * Fractions are rounded for integer types; images whose values are out of range, or that would keep
 * only a few levels after rounding, are rejected. If a file has a fixed batch size, images are
 * passed in parts of that size.
 *
 * <p><b>NaN.</b> A NaN in the input makes the outputs NaN, unless ONNX Runtime's max pooling drops
 * it, since its comparisons ignore NaN.
 */
@NullMarked
package org.aucmedi.xai.engine.onnxruntime;

import org.jspecify.annotations.NullMarked;

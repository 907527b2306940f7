/**
 * ONNX Runtime behind the white-box contract: predictions, layers and activations of ONNX files.
 *
 * <p>ONNX Runtime has no automatic differentiation, so there are no gradients.
 *
 * <p><b>Inputs.</b> A batch is converted to the float or integer type that the file declares.
 * Fractions are rounded for integers; an image that does not fit, or that is standardised so that
 * only a few integers would remain, is refused. A file that fixes the size of its batch gets images
 * in parts of that size.
 *
 * <p><b>NaN.</b> An input that is not a number makes the outputs NaN, unless ONNX Runtime's max
 * pooling drops it: its comparisons pass over NaN.
 */
@NullMarked
package org.aucmedi.xai.engine.onnxruntime;

import org.jspecify.annotations.NullMarked;

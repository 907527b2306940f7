/** ONNX Runtime behind the white-box contract. */
@NullMarked
package org.aucmedi.xai.engine.onnxruntime;

import org.jspecify.annotations.NullMarked;

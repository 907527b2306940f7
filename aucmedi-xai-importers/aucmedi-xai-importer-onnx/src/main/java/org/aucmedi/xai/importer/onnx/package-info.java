/** Compiles ONNX models to TorchScript. */
@NullMarked
package org.aucmedi.xai.importer.onnx;

import org.jspecify.annotations.NullMarked;

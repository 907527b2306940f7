/**
 * Compiles ONNX files to TorchScript: {@link org.aucmedi.xai.importer.onnx.OnnxImporter}. Every
 * node becomes a layer under its own name.
 */
@NullMarked
package org.aucmedi.xai.importer.onnx;

import org.jspecify.annotations.NullMarked;

/**
 * Reads ONNX files: what the importer compiles and the engine of ONNX Runtime lists layers from.
 * Neither needs the other.
 */
@NullMarked
package org.aucmedi.xai.onnx;

import org.jspecify.annotations.NullMarked;

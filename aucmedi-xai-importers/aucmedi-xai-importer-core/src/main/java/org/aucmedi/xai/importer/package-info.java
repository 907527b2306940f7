/**
 * Compiles model files to TorchScript, which the PyTorch engine loads with every capability. A
 * reader describes the file as a {@link org.aucmedi.xai.importer.Graph} of layers and operations;
 * {@link org.aucmedi.xai.importer.TorchScriptWriter} writes it. No engine is needed to compile.
 */
@NullMarked
package org.aucmedi.xai.importer;

import org.jspecify.annotations.NullMarked;

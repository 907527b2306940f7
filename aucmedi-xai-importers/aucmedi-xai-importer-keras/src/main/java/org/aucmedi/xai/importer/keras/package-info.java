/** Compiles Keras models to TorchScript. */
@NullMarked
package org.aucmedi.xai.importer.keras;

import org.jspecify.annotations.NullMarked;

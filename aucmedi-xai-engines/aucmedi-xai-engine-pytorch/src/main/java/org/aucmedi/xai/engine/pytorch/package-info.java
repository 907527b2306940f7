/**
 * PyTorch behind the white-box contract: TorchScript files and DJL blocks.
 *
 * <p>Only the provider is public; add this module and the native library of your platform to the
 * classpath and use {@link org.aucmedi.xai.model.ExplainableModel}.
 */
@NullMarked
package org.aucmedi.xai.engine.pytorch;

import org.jspecify.annotations.NullMarked;

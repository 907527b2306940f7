/**
 * Shared code of the engine modules, for authors of engine modules.
 *
 * <p>{@link org.aucmedi.xai.engine.support.AbstractModelProvider} is the base class of their
 * providers and {@link org.aucmedi.xai.engine.support.EngineModel} that of their models. An engine
 * with automatic differentiation implements {@link org.aucmedi.xai.engine.support.BlockEngine}, and
 * its models made of DJL's blocks are {@link org.aucmedi.xai.engine.support.BlockModel}s. {@link
 * org.aucmedi.xai.engine.support.EngineStart} loads native libraries, and {@link
 * org.aucmedi.xai.engine.support.NativeMessages} rephrases their messages. Methods and users only
 * see {@link org.aucmedi.xai.model.ExplainableModel}.
 */
@NullMarked
package org.aucmedi.xai.engine.support;

import org.jspecify.annotations.NullMarked;

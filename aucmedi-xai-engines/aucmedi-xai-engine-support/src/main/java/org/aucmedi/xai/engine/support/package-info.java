/**
 * What the engine modules share; for those who write one.
 *
 * <p>{@link org.aucmedi.xai.engine.support.AbstractModelProvider} is the base of their providers
 * and {@link org.aucmedi.xai.engine.support.EngineModel} that of their models. An engine with
 * automatic differentiation implements {@link org.aucmedi.xai.engine.support.BlockEngine}, and its
 * models made of DJL's blocks are {@link org.aucmedi.xai.engine.support.BlockModel}s. {@link
 * org.aucmedi.xai.engine.support.EngineStart} loads native libraries, and {@link
 * org.aucmedi.xai.engine.support.NativeMessages} makes sentences of what they say. Methods and
 * users see none of it: they use {@link org.aucmedi.xai.model.ExplainableModel}.
 */
@NullMarked
package org.aucmedi.xai.engine.support;

import org.jspecify.annotations.NullMarked;

/**
 * What the engine modules share; for those who write one.
 *
 * <p>{@link org.aucmedi.xai.engine.support.EngineModel} is the base of their models, {@link
 * org.aucmedi.xai.engine.support.BlockPasses} looks into models made of DJL's blocks, and {@link
 * org.aucmedi.xai.engine.support.EngineStart} loads native libraries. Methods and users see none of
 * it: they use {@link org.aucmedi.xai.model.ExplainableModel}.
 */
@NullMarked
package org.aucmedi.xai.engine.support;

import org.jspecify.annotations.NullMarked;

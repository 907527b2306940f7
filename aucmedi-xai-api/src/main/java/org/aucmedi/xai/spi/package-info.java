/**
 * What plug-ins implement: {@link org.aucmedi.xai.spi.ExplainableModelProvider} makes a kind of
 * model explainable, {@link org.aucmedi.xai.spi.XAIMethodProvider} registers a method. Both are
 * found by {@link java.util.ServiceLoader}. An engine whose models extend {@link
 * org.aucmedi.xai.spi.EngineModel} gets models made of DJL's blocks from {@link
 * org.aucmedi.xai.spi.BlockPasses}.
 */
@NullMarked
package org.aucmedi.xai.spi;

import org.jspecify.annotations.NullMarked;

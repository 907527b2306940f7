/**
 * What plug-ins implement: {@link org.aucmedi.xai.spi.ExplainableModelProvider} makes a kind of
 * model explainable, {@link org.aucmedi.xai.spi.XAIMethodProvider} registers a method. Both are
 * found by {@link java.util.ServiceLoader}.
 */
@NullMarked
package org.aucmedi.xai.spi;

import org.jspecify.annotations.NullMarked;

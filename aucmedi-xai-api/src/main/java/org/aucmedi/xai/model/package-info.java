/**
 * The white-box contract: what a trained model offers to explanation methods.
 *
 * <p>Engine modules implement {@link org.aucmedi.xai.model.ExplainableModel}; methods use only this
 * interface, never an engine.
 */
@NullMarked
package org.aucmedi.xai.model;

import org.jspecify.annotations.NullMarked;

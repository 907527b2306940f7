/**
 * The white-box contract: what a trained model lets an explanation method do.
 *
 * <p>Engine modules implement {@link org.aucmedi.xai.model.ExplainableModel}; methods use it and
 * never see an engine.
 */
@NullMarked
package org.aucmedi.xai.model;

import org.jspecify.annotations.NullMarked;

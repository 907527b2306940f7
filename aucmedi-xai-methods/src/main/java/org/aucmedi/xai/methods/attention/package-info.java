/**
 * Methods that read the attention weights of a transformer.
 *
 * <p>All share {@link org.aucmedi.xai.methods.attention.AttentionMethod} and differ in what a block
 * passes on from token to token.
 */
@NullMarked
package org.aucmedi.xai.methods.attention;

import org.jspecify.annotations.NullMarked;

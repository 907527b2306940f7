/** The list of this module's methods. */
@NullMarked
package org.aucmedi.xai.methods.catalog;

import org.jspecify.annotations.NullMarked;

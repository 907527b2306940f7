/** The root of this library's exceptions. */
@NullMarked
package org.aucmedi.xai.error;

import org.jspecify.annotations.NullMarked;

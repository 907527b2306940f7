/** What the methods share. The methods themselves are in the packages below, one per family. */
@NullMarked
package org.aucmedi.xai.methods;

import org.jspecify.annotations.NullMarked;

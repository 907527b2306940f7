/** Code shared by all methods. Each family of methods has its own subpackage. */
@NullMarked
package org.aucmedi.xai.methods;

import org.jspecify.annotations.NullMarked;

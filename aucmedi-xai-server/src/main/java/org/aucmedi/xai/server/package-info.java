/** A local web page and HTTP API that explains images. */
@NullMarked
package org.aucmedi.xai.server;

import org.jspecify.annotations.NullMarked;

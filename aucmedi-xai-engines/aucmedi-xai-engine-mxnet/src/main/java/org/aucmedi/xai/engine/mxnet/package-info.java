/** MXNet behind the white-box contract. */
@NullMarked
package org.aucmedi.xai.engine.mxnet;

import org.jspecify.annotations.NullMarked;

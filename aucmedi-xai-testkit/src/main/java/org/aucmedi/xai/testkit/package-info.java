/** What tests of engines, methods and the decoder share. */
@NullMarked
package org.aucmedi.xai.testkit;

import org.jspecify.annotations.NullMarked;

/** The command line: {@code explain}, {@code methods}, {@code layers}. */
@NullMarked
package org.aucmedi.xai.decoder.cli;

import org.jspecify.annotations.NullMarked;

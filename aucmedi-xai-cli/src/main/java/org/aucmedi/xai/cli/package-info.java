/**
 * The command line: {@code explain}, {@code methods}, {@code layers}, and the {@linkplain
 * org.aucmedi.xai.cli.Launcher launcher} that runs them and the commands of other modules.
 */
@NullMarked
package org.aucmedi.xai.cli;

import org.jspecify.annotations.NullMarked;

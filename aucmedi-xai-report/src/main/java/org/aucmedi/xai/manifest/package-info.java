/** What a run was asked to do and what became of each sample, as files that survive the run. */
@NullMarked
package org.aucmedi.xai.manifest;

import org.jspecify.annotations.NullMarked;

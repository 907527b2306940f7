/**
 * What a run was asked to do and what became of each sample, as files that survive the run.
 *
 * <p>{@link org.aucmedi.xai.manifest.Manifest} is the run, in {@code manifest.json}; {@link
 * org.aucmedi.xai.manifest.SampleRecord} is one line of {@code samples.jsonl} beside it.
 */
@NullMarked
package org.aucmedi.xai.manifest;

import org.jspecify.annotations.NullMarked;

/** Tutorials that run, each a page long; start with {@link org.aucmedi.xai.examples.Quickstart}. */
@NullMarked
package org.aucmedi.xai.examples;

import org.jspecify.annotations.NullMarked;

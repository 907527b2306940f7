/** What looking into a model costs, measured in forward passes. */
@NullMarked
package org.aucmedi.xai.benchmarks;

import org.jspecify.annotations.NullMarked;

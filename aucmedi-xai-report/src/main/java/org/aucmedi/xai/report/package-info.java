/** The report page of a run: one HTML file to look at and to filter. */
@NullMarked
package org.aucmedi.xai.report;

import org.jspecify.annotations.NullMarked;

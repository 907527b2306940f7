/** The documentation as a static web site, made from the pages in Markdown. */
@NullMarked
package org.aucmedi.xai.site;

import org.jspecify.annotations.NullMarked;

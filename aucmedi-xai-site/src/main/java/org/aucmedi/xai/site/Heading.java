package org.aucmedi.xai.site;

/**
 * A heading of a page.
 *
 * @param level 1 for the title of the page
 * @param anchor its name in a link, unique in the page
 * @param text its text
 * @param below the plain text between it and the next one
 */
record Heading(int level, String anchor, String text, String below) {}

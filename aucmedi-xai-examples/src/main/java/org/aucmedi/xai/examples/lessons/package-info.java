/**
 * Lessons: each class is a program of a page that shows one thing, prints what it finds and writes
 * a picture.
 *
 * <p>A lesson uses nothing but the library, so that its file can be copied and run alone:
 *
 * <pre>{@code
 * java -cp "$(./aucmedi-xai classpath)" aucmedi-xai-examples/src/main/java/org/aucmedi/xai/examples/lessons/RawMap.java
 * }</pre>
 *
 * <p>Arguments: the folder with the lessons' models and images, {@code
 * aucmedi-xai-examples/lessons} by default, and the folder for pictures, {@code lessons} by
 * default. {@code docs/examples.md} shows them all.
 */
@NullMarked
package org.aucmedi.xai.examples.lessons;

import org.jspecify.annotations.NullMarked;

/** Arrays of images and maps in the JVM's memory: where their values lie, and interpolation. */
@NullMarked
package org.aucmedi.xai.array;

import org.jspecify.annotations.NullMarked;

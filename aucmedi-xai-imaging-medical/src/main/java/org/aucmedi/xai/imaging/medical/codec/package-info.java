/** Decoders of the compressed pixel data that DICOM files hold and the JDK cannot decode. */
@NullMarked
package org.aucmedi.xai.imaging.medical.codec;

import org.jspecify.annotations.NullMarked;

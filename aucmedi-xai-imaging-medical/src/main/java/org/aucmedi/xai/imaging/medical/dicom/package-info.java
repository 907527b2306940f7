/**
 * Reads DICOM files: {@link org.aucmedi.xai.imaging.medical.dicom.DicomFile} gives their elements,
 * {@link org.aucmedi.xai.imaging.medical.dicom.DicomReader} an image, and {@link
 * org.aucmedi.xai.imaging.medical.dicom.DicomSeries} a volume of many files.
 *
 * <p>Standard: <a href="https://dicom.nema.org/medical/dicom/current/output/html/">DICOM PS3</a>;
 * parts 3 (image modules), 5 (encoding) and 10 (files).
 */
@NullMarked
package org.aucmedi.xai.imaging.medical.dicom;

import org.jspecify.annotations.NullMarked;

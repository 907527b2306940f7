"""Writes one small volume as a DICOM series and as NIfTI, and a 3-D network, for the launcher's tests.

    python tools/volume_fixtures.py aucmedi-xai-cli/src/test/resources/volume

Needs numpy, nibabel, pydicom and keras. The slices are named against their order. Nobody's data is in them.
"""

import sys
from pathlib import Path

import keras
import nibabel
import numpy as np
from pydicom.dataset import Dataset, FileDataset, FileMetaDataset
from pydicom.uid import CTImageStorage, ExplicitVRLittleEndian

OUT = Path(sys.argv[1])
SLICES, ROWS, COLUMNS = 6, 8, 10
SPACING = (2.5, 0.5, 0.75)  # z, y, x in millimetres
ORIGIN = (-12.0, 30.5, -100.0)  # x, y, z of DICOM (LPS)


def series(volume, folder):
    folder.mkdir(parents=True, exist_ok=True)
    for z in range(SLICES):
        meta = FileMetaDataset()
        meta.MediaStorageSOPClassUID = CTImageStorage
        meta.MediaStorageSOPInstanceUID = f"2.25.10{z}"
        meta.TransferSyntaxUID = ExplicitVRLittleEndian
        meta.ImplementationClassUID = "2.25.2"
        ds = FileDataset(None, {}, file_meta=meta, preamble=b"\0" * 128)
        ds.SOPClassUID, ds.SOPInstanceUID = CTImageStorage, f"2.25.10{z}"
        ds.StudyInstanceUID, ds.SeriesInstanceUID, ds.FrameOfReferenceUID = "2.25.3", "2.25.4", "2.25.5"
        ds.Modality, ds.PatientName, ds.PatientID = "CT", "Volume^Test", "1"
        ds.InstanceNumber = z + 1
        ds.Rows, ds.Columns, ds.SamplesPerPixel, ds.PhotometricInterpretation = ROWS, COLUMNS, 1, "MONOCHROME2"
        ds.BitsAllocated, ds.BitsStored, ds.HighBit, ds.PixelRepresentation = 16, 16, 15, 0
        ds.RescaleIntercept, ds.RescaleSlope = -1024, 1
        ds.PixelSpacing = [SPACING[1], SPACING[2]]
        ds.ImageOrientationPatient = [1, 0, 0, 0, 1, 0]
        ds.ImagePositionPatient = [ORIGIN[0], ORIGIN[1], ORIGIN[2] + z * SPACING[0]]
        ds.PixelData = (volume[z] + 1024).astype("<u2").tobytes()
        # The names run against the places.
        ds.save_as(folder / f"IM{SLICES - z:04d}", enforce_file_format=True)


def nifti(volume, file):
    affine = np.diag([-SPACING[2], -SPACING[1], SPACING[0], 1.0])
    affine[:3, 3] = [-ORIGIN[0], -ORIGIN[1], ORIGIN[2]]
    nibabel.save(nibabel.Nifti1Image(volume.transpose(2, 1, 0).astype(np.int16), affine), file)


def network(file):
    keras.utils.set_random_seed(13)
    layers = keras.layers
    keras.Sequential(
        [
            keras.Input((SLICES, ROWS, COLUMNS, 1)),
            layers.Conv3D(4, 3, padding="same", activation="relu", name="conv"),
            layers.GlobalAveragePooling3D(name="avg_pool"),
            layers.Dense(2, activation="softmax", name="preds"),
        ]
    ).save(file)


volume = np.random.default_rng(13).integers(-1000, 400, (SLICES, ROWS, COLUMNS))
volume[2:4, 3:6, 5:8] = 1500
series(volume, OUT / "series")
nifti(volume, OUT / "volume.nii.gz")
network(OUT / "net.keras")

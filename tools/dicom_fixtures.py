"""Writes the DICOM files of aucmedi-xai-imaging-medical's tests, and what pydicom reads from them.

    python tools/dicom_fixtures.py aucmedi-xai-imaging-medical/src/test/resources/dicom GOLDEN

Needs numpy, pydicom 3 and imagecodecs. GOLDEN is the folder of golden DICOM files, of which pydicom
alone cannot decode two; imagecodecs (libjpeg-turbo, OpenJPEG) decodes them here. The files have a
few random pixels; nobody's data is in them.
"""

import gzip
import json
import sys
from pathlib import Path

import imagecodecs
import numpy as np
import pydicom
from pydicom import config
from pydicom.dataset import Dataset, FileDataset, FileMetaDataset
from pydicom.encaps import encapsulate, encapsulate_extended, generate_frames
from pydicom.pixels import apply_color_lut, apply_modality_lut, apply_voi_lut, convert_color_space
from pydicom.uid import (
    CTImageStorage,
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    JPEGBaseline8Bit,
    RLELossless,
)

config.settings.writing_validation_mode = config.IGNORE
OUT = Path(sys.argv[1])
GOLDEN = Path(sys.argv[2])
OUT.mkdir(parents=True, exist_ok=True)
RANDOM = np.random.default_rng(20)
ROWS, COLUMNS = 4, 6
EXPECTED = {}


def data_set(array, syntax=ExplicitVRLittleEndian, photometric="MONOCHROME2", stored=None, frames=1):
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = CTImageStorage
    meta.MediaStorageSOPInstanceUID = "2.25.1"
    meta.TransferSyntaxUID = syntax
    meta.ImplementationClassUID = "2.25.2"
    ds = FileDataset(None, {}, file_meta=meta, preamble=b"\0" * 128)
    ds.SOPClassUID = CTImageStorage
    ds.SOPInstanceUID = "2.25.1"
    ds.Modality = "OT"
    ds.StudyInstanceUID = "2.25.3"
    ds.SeriesInstanceUID = "2.25.4"
    ds.SamplesPerPixel = 3 if array.shape[-1] == 3 and photometric != "PALETTE COLOR" else 1
    ds.PhotometricInterpretation = photometric
    if frames > 1:
        ds.NumberOfFrames = frames
    ds.Rows, ds.Columns = ROWS, COLUMNS
    ds.BitsAllocated = array.dtype.itemsize * 8
    ds.BitsStored = stored or ds.BitsAllocated
    ds.HighBit = ds.BitsStored - 1
    ds.PixelRepresentation = int(array.dtype.kind == "i")
    if ds.SamplesPerPixel == 3:
        ds.PlanarConfiguration = 0
    set_pixels(ds, array.tobytes())
    return ds


def set_pixels(ds, data):
    ds.PixelData = data + b"\0" * (len(data) % 2)
    ds["PixelData"].VR = "OB" if ds.BitsAllocated <= 8 else "OW"


def save(name, ds, values, **more):
    path = OUT / f"{name}.dcm"
    pydicom.dcmwrite(path, ds, enforce_file_format=True)
    expect(name, values, **more)


def expect(name, values, **more):
    values = np.asarray(values)
    EXPECTED[name] = {"shape": values.shape, "values": values.ravel().tolist(), **more}


def read(name):
    return pydicom.dcmread(OUT / f"{name}.dcm")


def integers(dtype, low, high, *shape):
    return RANDOM.integers(low, high, shape or (ROWS, COLUMNS)).astype(dtype)


def plain():
    """Numbers of every size, and rescaling."""
    ct = data_set(integers("<i2", -1024, 2000))
    ct.RescaleSlope, ct.RescaleIntercept = "1.5", "-1000"
    ct.WindowCenter, ct.WindowWidth = ["40", "300"], ["400", "1500"]
    save("ct-rescaled", ct, [0])
    values = apply_modality_lut(read("ct-rescaled").pixel_array, ct)
    window = apply_voi_lut(values, ct)
    # pydicom scales to the range of the stored values after rescaling.
    low, high = -32768 * 1.5 - 1000, 32767 * 1.5 - 1000
    expect("ct-rescaled", values, window=((window - low) / (high - low) * 255).ravel().tolist())

    # Overlays used to be kept above the bits that count.
    value = integers("<u2", 0, 4096)
    save("overlay-in-high-bits", data_set(value | 0xA000, stored=12), value)
    value = integers("<i2", -2048, 2048)
    ds = data_set(value & 0x0FFF, stored=12)
    ds.PixelRepresentation = 1
    save("signed-12-bits", ds, value)
    value = integers("<u2", 0, 4096)
    ds = data_set(value << 4, stored=12)
    ds.HighBit = 15
    save("high-bit-15", ds, value)

    value = integers("<u2", 0, 1024)
    ds = data_set(value, photometric="MONOCHROME1", stored=10)
    ds.WindowCenter, ds.WindowWidth = "500", "400"
    shown = np.clip((value - 499.5) / 399 + 0.5, 0, 1) * 255
    save("monochrome1", ds, 1023 - value.astype(int), window=(255 - shown).ravel().tolist())

    value = integers("u1", 0, 2, 3, ROWS, COLUMNS + 1)
    ds = data_set(value, frames=3)
    ds.Columns = COLUMNS + 1
    ds.BitsAllocated = ds.BitsStored = 1
    ds.HighBit = 0
    set_pixels(ds, np.packbits(value.ravel(), bitorder="little").tobytes())
    save("bits-of-three-frames", ds, value)

    value = RANDOM.normal(size=(ROWS, COLUMNS)).astype("<f4")
    ds = data_set(value)
    del ds.PixelData, ds.BitsStored, ds.HighBit, ds.PixelRepresentation
    ds.FloatPixelData = value.tobytes()
    save("float", ds, value.astype(float))
    value = value.astype("<f8") * 1e3
    ds = data_set(value)
    del ds.PixelData, ds.BitsStored, ds.HighBit, ds.PixelRepresentation
    ds.DoubleFloatPixelData = value.tobytes()
    save("double", ds, value)


def tables():
    """Modality, VOI and palette tables."""
    ds = data_set(integers("<u2", 0, 16), stored=8)
    lut = Dataset()
    lut.add_new("LUTDescriptor", "US", [8, 4, 16])
    lut.ModalityLUTType = "US"
    lut.add_new("LUTData", "US", [100, 200, 350, 500, 700, 900, 1500, 60000])
    ds.ModalityLUTSequence = [lut]
    save("modality-table", ds, apply_modality_lut(ds.pixel_array, ds))

    ds = data_set(integers("u1", 0, 64))
    lut = Dataset()
    lut.add_new("LUTDescriptor", "US", [32, 8, 12])
    lut.add_new("LUTData", "US", [int(4095 * (i / 31) ** 2) for i in range(32)])
    ds.VOILUTSequence = [lut]
    window = apply_voi_lut(ds.pixel_array, ds) / 4095 * 255
    save("voi-table", ds, ds.pixel_array, window=window.ravel().tolist())

    for name, function in (("sigmoid", "SIGMOID"), ("linear-exact", "LINEAR_EXACT")):
        ds = data_set(integers("<u2", 0, 4096), stored=12)
        ds.WindowCenter, ds.WindowWidth, ds.VOILUTFunction = "2000", "1000", function
        window = apply_voi_lut(ds.pixel_array, ds) / 4095 * 255
        save(name, ds, ds.pixel_array, window=window.ravel().tolist())

    ds = data_set(integers("u1", 0, 20), photometric="PALETTE COLOR")
    colours = ("Red", "Green", "Blue")
    for colour in colours:
        entries = RANDOM.integers(0, 65536, 16).astype("<u2")
        ds.add_new(f"{colour}PaletteColorLookupTableDescriptor", "US", [16, 2, 16])
        ds.add_new(f"{colour}PaletteColorLookupTableData", "OW", entries.tobytes())
    save("palette-16", ds, apply_color_lut(ds.pixel_array, ds) >> 8)

    ds = data_set(integers("u1", 0, 16), photometric="PALETTE COLOR")
    for colour in colours:
        entries = RANDOM.integers(0, 256, 16).astype("u1")
        ds.add_new(f"{colour}PaletteColorLookupTableDescriptor", "US", [16, 0, 8])
        ds.add_new(f"{colour}PaletteColorLookupTableData", "OW", entries.tobytes())
    save("palette-8", ds, apply_color_lut(ds.pixel_array, ds))

    ds = data_set(integers("u1", 0, 24), photometric="PALETTE COLOR")
    for i, colour in enumerate(colours):
        # Discrete, linear, and a reference to both; then a discrete rest.
        words = [0, 2, 1000 * i, 30000, 1, 8, 65535 - 7000 * i, 2, 2, 0, 0, 0, 4, 9, 500, 60000, 7]
        ds.add_new(f"{colour}PaletteColorLookupTableDescriptor", "US", [24, 0, 16])
        ds.add_new(
            f"Segmented{colour}PaletteColorLookupTableData",
            "OW",
            np.array(words, "<u2").tobytes(),
        )
    save("palette-segments", ds, apply_color_lut(ds.pixel_array, ds) >> 8)


def colours():
    """RGB and YCbCr in planes and side by side."""
    rgb = integers("u1", 0, 256, ROWS, COLUMNS, 3)
    ds = data_set(rgb, photometric="RGB")
    ds.PlanarConfiguration = 1
    set_pixels(ds, rgb.transpose(2, 0, 1).tobytes())
    save("rgb-planes", ds, rgb)
    ds = data_set(rgb, photometric="YBR_FULL")
    save("ybr-full", ds, convert_color_space(rgb, "YBR_FULL", "RGB"))
    words = integers("<u2", 0, 65536, 2, ROWS, COLUMNS, 3)
    ds = data_set(words, photometric="RGB", frames=2)
    ds.PlanarConfiguration = 1
    set_pixels(ds, words.transpose(0, 3, 1, 2).tobytes())
    save("rgb-planes-16-two-frames", ds, words)


def syntaxes():
    """How elements are written."""
    value = integers("<u2", 0, 65536)
    save("deflated", data_set(value, DeflatedExplicitVRLittleEndian), value)
    for name, syntax in (
        ("bare-implicit", ImplicitVRLittleEndian),
        ("bare-explicit", ExplicitVRLittleEndian),
        ("bare-big", ExplicitVRBigEndian),
    ):
        array = value.astype(">u2") if syntax == ExplicitVRBigEndian else value
        ds = data_set(array, syntax)
        ds.OtherPatientIDsSequence = [Dataset(), Dataset()]
        ds.OtherPatientIDsSequence[0].PatientID = "a"
        ds["OtherPatientIDsSequence"].is_undefined_length = True
        block = ds.private_block(0x0099, "TEST", create=True)
        item = Dataset()
        item.PatientID = "b"
        block.add_new(1, "SQ", [item])
        path = OUT / f"{name}.dcm"
        pydicom.dcmwrite(path, ds, enforce_file_format=True)
        # Neither preamble nor header: the data set alone.
        data = path.read_bytes()
        start = 132 + 12 + int.from_bytes(data[140:144], "little")
        path.write_bytes(data[start:])
        expect(name, value)


def fragments():
    """Compressed frames that are cut into fragments."""
    frames = integers("<u2", 0, 65536, 3, ROWS, COLUMNS)
    for name in ("basic-table", "extended-table"):
        ds = data_set(frames, frames=3)
        ds.compress(RLELossless, generate_instance_uid=False)
        encoded = list(generate_frames(ds.PixelData, number_of_frames=3))
        ds["PixelData"].VR = "OB"
        if name == "basic-table":
            ds.PixelData = encapsulate(encoded, fragments_per_frame=2, has_bot=True)
        else:
            parts = encapsulate(encoded, fragments_per_frame=2, has_bot=True)
            table = np.frombuffer(parts[8:20], "<u4").astype("<u8")
            ds.ExtendedOffsetTable = table.tobytes()
            ds.ExtendedOffsetTableLengths = np.array([len(f) for f in encoded], "<u8").tobytes()
            ds.PixelData = encapsulate(encoded, fragments_per_frame=2, has_bot=False)
        ds["PixelData"].is_undefined_length = True
        save(name, ds, frames)

    grey = integers("u1", 0, 256, 3, ROWS, COLUMNS)
    encoded = [imagecodecs.jpeg_encode(frame, level=95) for frame in grey]
    ds = data_set(grey, JPEGBaseline8Bit, frames=3)
    ds.PixelData = encapsulate(encoded, fragments_per_frame=2, has_bot=False)
    ds["PixelData"].VR = "OB"
    ds["PixelData"].is_undefined_length = True
    save("no-table", ds, [imagecodecs.jpeg_decode(frame) for frame in encoded])


def enhanced():
    """An enhanced image whose frames are not in the order of their place."""
    frames = integers("<u2", 0, 4096, 4, ROWS, COLUMNS)
    ds = data_set(frames, stored=12, frames=4)
    measures = Dataset()
    measures.PixelSpacing = ["0.75", "0.5"]
    measures.SliceThickness = "9"
    turn = Dataset()
    # Coronal.
    turn.ImageOrientationPatient = ["1", "0", "0", "0", "0", "-1"]
    shared = Dataset()
    shared.PixelMeasuresSequence = [measures]
    shared.PlaneOrientationSequence = [turn]
    ds.SharedFunctionalGroupsSequence = [shared]
    order = [2, 0, 3, 1]
    groups = []
    for frame, place in enumerate(order):
        group = Dataset()
        position = Dataset()
        position.ImagePositionPatient = ["-10", str(20 + 2.5 * place), "30"]
        group.PlanePositionSequence = [position]
        transform = Dataset()
        transform.RescaleSlope = str(1 + frame)
        transform.RescaleIntercept = str(-100 * frame)
        transform.RescaleType = "US"
        group.PixelValueTransformationSequence = [transform]
        groups.append(group)
    ds.PerFrameFunctionalGroupsSequence = groups
    values = np.stack(
        [frames[order.index(place)] * (1.0 + order.index(place)) - 100 * order.index(place)
         for place in range(4)]
    )
    # The normal of a coronal slice points to posterior, +y.
    save(
        "enhanced", ds, values,
        affine=[[0.5, 0, 0, -10], [0, 0, 2.5, 20], [0, -0.75, 0, 30]],
    )


def odd_words():
    """An odd number of bytes, stored as swapped words."""
    value = integers("u1", 0, 256, 3, 5)
    ds = data_set(value, ExplicitVRBigEndian)
    ds.Rows, ds.Columns = value.shape
    words = np.frombuffer(value.tobytes() + b"\0", "<u2").astype(">u2")
    ds.PixelData = words.tobytes()
    ds["PixelData"].VR = "OW"
    save("odd-words-big", ds, value)


def golden():
    """What pydicom alone does not give for golden files."""
    def pack(name, values):
        data = np.ascontiguousarray(values, "<u2").tobytes()
        (OUT / f"{name}.u2.gz").write_bytes(gzip.compress(data, 9, mtime=0))

    for name, decode in (
        ("JPGExtended", imagecodecs.jpeg_decode),
        ("GDCMJ2K_TextGBR", imagecodecs.jpeg2k_decode),
    ):
        ds = pydicom.dcmread(GOLDEN / f"{name}.dcm")
        pack(name, decode(next(generate_frames(ds.PixelData, number_of_frames=1))))
    ds = pydicom.dcmread(GOLDEN / "examples_palette.dcm")
    pack("examples_palette", apply_color_lut(ds.pixel_array, ds) >> 8)


plain()
tables()
colours()
syntaxes()
fragments()
enhanced()
odd_words()
golden()
(OUT / "expected.json").write_text(json.dumps(EXPECTED))

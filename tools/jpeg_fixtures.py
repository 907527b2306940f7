#!/usr/bin/env python3
"""Writes the JPEG and JPEG-LS files that the tests of aucmedi-xai-imaging-medical decode.

Usage: python3 tools/jpeg_fixtures.py FOLDER

Needs NumPy, imagecodecs 2026.3.6 (with libjpeg-turbo 3.1 and CharLS 2.4), pydicom and DCMTK 3.6
(dcmcjpeg, dcmdjpeg). FOLDER is src/test/resources/jpeg of aucmedi-xai-imaging-medical. It gets:

* the pictures NAME.pnm, the expected samples (three components as a colour picture, whatever they
  stand for). Those of the files with DCT are what libjpeg-turbo decodes,
  all others what was encoded; libjpeg-turbo, CharLS or DCMTK decode each file to them first;
* the codestreams NAME.jpg and NAME.jls.

The encoders know neither restart intervals nor separate scans for all of these processes. There
the strips or components are encoded on their own and joined, which is the same by the standards:
a restart interval depends on nothing before it. That the reference decoder reads the joined file
shows that it is right.
"""

import ctypes
import glob
import os
import pathlib
import struct
import subprocess
import sys
import tempfile

import imagecodecs
import numpy as np
import pydicom
from pydicom.dataset import FileMetaDataset

folder = pathlib.Path(sys.argv[1])
folder.mkdir(parents=True, exist_ok=True)


# Pictures

def picture(height, width, bits, seed):
    """Slopes, an edge, a flat part (for runs), a noisy part, and both extremes."""
    random = np.random.default_rng(seed)
    most = 2**bits - 1
    y, x = np.mgrid[:height, :width]
    values = most * (0.2 + 0.3 * x / width + 0.3 * np.sin(y / 5) ** 2)
    values[height // 2:, width // 3:] += most / 5
    values += random.normal(0, most / 100, values.shape)
    values[2:height // 3, 3:2 * width // 3] = most // 3
    values[height // 6, width // 4] += most / 50
    values = np.clip(np.rint(values), 0, most)
    values[-2, 1:9] = [0, most, 0, (most + 1) // 2, 0, most, most, 0]
    values[-1, 1:9] = [most, 0, 0, 0, (most + 1) // 2, most, 0, 0]
    return values.astype(np.uint8 if bits <= 8 else np.uint16)


def colour(height, width, bits, seed):
    return np.stack([picture(height, width, bits, seed + c) for c in range(3)], axis=-1)


def write_picture(name, samples):
    height, width = samples.shape[:2]
    kind = b"P5" if samples.ndim == 2 else b"P6"
    most = 65535 if samples.dtype == np.uint16 else 255
    header = kind + b"\n%d %d\n%d\n" % (width, height, most)
    samples = samples.astype(">u2" if most > 255 else np.uint8)
    (folder / f"{name}.pnm").write_bytes(header + samples.tobytes())


def write_checked(name, codestream, decoded, expected):
    assert np.array_equal(np.squeeze(decoded), expected), name
    (folder / name).write_bytes(codestream)


# Codestreams taken apart and joined

def parts(codestream):
    """Segments (marker, bytes with marker) up to the scan, and the entropy-coded data."""
    segments, at = [], 2
    while True:
        marker, length = struct.unpack(">HH", codestream[at:at + 4])
        segments.append((marker, codestream[at:at + 2 + length]))
        at += 2 + length
        if marker == 0xFFDA:
            assert codestream[-2:] == b"\xff\xd9"
            return segments, codestream[at:-2]


def joined_strips(strips, interval, height):
    """One codestream from those of strips of the same picture, with restart markers."""
    segments, _ = parts(strips[0])
    out = b"\xff\xd8"
    for marker, segment in segments:
        if marker in (0xFFC0, 0xFFC1, 0xFFC3, 0xFFF7):
            segment = segment[:5] + struct.pack(">H", height) + segment[7:]
        if marker == 0xFFDA:
            out += struct.pack(">HHH", 0xFFDD, 4, interval)
        out += segment
    for i, strip in enumerate(strips):
        other, data = parts(strip)
        assert [s for m, s in other if m == 0xFFC4] == [s for m, s in segments if m == 0xFFC4]
        out += (bytes([0xFF, 0xD0 + (i - 1) % 8]) if i else b"") + data
    return out + b"\xff\xd9"


def joined_components(codestreams, height, width, factors):
    """One codestream with a scan for each component, from those of the components."""
    out = b"\xff\xd8"
    for c, codestream in enumerate(codestreams):
        segments, data = parts(codestream)
        for marker, segment in segments:
            if marker in (0xFFC0, 0xFFC1, 0xFFC3):
                table = segment[-1]
                if c == 0:
                    components = b"".join(
                        bytes([i + 1, f, table]) for i, f in enumerate(factors))
                    out += segment[:2] + struct.pack(
                        ">HBHHB", 8 + 3 * len(factors), segment[4], height, width, len(factors))
                    out += components
            elif marker == 0xFFDA:
                out += segment[:5] + bytes([c + 1]) + segment[6:]
            elif marker in (0xFFC4, 0xFFDB):
                out += segment
        out += data
    return out + b"\xff\xd9"


# JPEG with DCT

def decode(codestream, components=1):
    if components == 1:
        return imagecodecs.jpeg8_decode(codestream)
    return imagecodecs.jpeg8_decode(codestream, colorspace="YCBCR", outcolorspace="YCBCR")


def write_dct(name, codestream, components=1):
    write_picture(name, decode(codestream, components))
    (folder / f"{name}.jpg").write_bytes(codestream)


def encode_dct(samples, bits=8, **options):
    if samples.ndim == 3:
        options.update(colorspace="YCBCR", outcolorspace="YCBCR")
    return imagecodecs.jpeg8_encode(samples, 90, bitspersample=bits, **options)


write_dct("dct8", encode_dct(picture(37, 29, 8, 1)))
write_dct("dct12", encode_dct(picture(37, 29, 12, 2), 12))
for subsampling in ("444", "422", "420", "440", "411"):
    write_dct(f"dct8-{subsampling}", encode_dct(colour(27, 35, 8, 3), subsampling=subsampling), 3)
write_dct("dct12-420", encode_dct(colour(27, 35, 12, 4), 12, subsampling="420"), 3)
tall = picture(83, 20, 8, 5)
write_dct("dct8-restart", joined_strips([encode_dct(tall[i:i + 8]) for i in range(0, 83, 8)], 3, 83))
planes = [picture(27, 35, 8, 6), picture(14, 18, 8, 7), picture(14, 18, 8, 8)]
write_dct("dct8-scans", joined_components(
    [encode_dct(plane) for plane in planes], 27, 35, (0x22, 0x11, 0x11)), 3)


# Lossless JPEG

def encode_lossless(samples, bits, predictor=1):
    options = {"colorspace": "RGB", "outcolorspace": "RGB"} if samples.ndim == 3 else {}
    return imagecodecs.jpeg8_encode(
        samples, lossless=True, predictor=predictor, bitspersample=bits, **options)


def write_lossless(name, codestream, expected):
    options = {"colorspace": "RGB", "outcolorspace": "RGB"} if expected.ndim == 3 else {}
    decoded = imagecodecs.jpeg8_decode(codestream, **options)
    write_checked(f"{name}.jpg", codestream, decoded, expected)


pictures = {f"mono{bits}": picture(33, 41, bits, 10 + bits) for bits in (2, 8, 12, 16)}
pictures["rgb8"] = colour(19, 23, 8, 30)
pictures["rgb16"] = colour(19, 23, 16, 40)
for name, samples in pictures.items():
    write_picture(name, samples)
for predictor in range(1, 8):
    write_lossless(f"lossless16-p{predictor}",
                   encode_lossless(pictures["mono16"], 16, predictor), pictures["mono16"])
    write_lossless(f"lossless8-rgb-p{predictor}",
                   encode_lossless(pictures["rgb8"], 8, predictor), pictures["rgb8"])
write_lossless("lossless2", encode_lossless(pictures["mono2"], 2), pictures["mono2"])
write_lossless("lossless8", encode_lossless(pictures["mono8"], 8), pictures["mono8"])
write_lossless("lossless12", encode_lossless(pictures["mono12"], 12, 4), pictures["mono12"])
write_lossless("lossless16-rgb", encode_lossless(pictures["rgb16"], 16, 7), pictures["rgb16"])

for bits in (8, 16):
    # The encoder makes its own Huffman table for each strip, so they are all alike.
    strip = picture(8, 21, bits, 50)[5:]
    tall = np.tile(strip, (10, 1))
    write_picture(f"mono{bits}-strips", tall)
    write_lossless(f"lossless{bits}-restart",
                   joined_strips([encode_lossless(strip, bits, 5)] * 10, 3 * 21, 30), tall)
planes = [encode_lossless(pictures["rgb8"][..., c].copy(), 8, 2 + c) for c in range(3)]
write_lossless("lossless8-scans", joined_components(planes, 19, 23, (0x11,) * 3), pictures["rgb8"])
planes = [encode_lossless(picture(*size, 8, 60), 8) for size in ((19, 23), (10, 12), (10, 12))]
codestream = joined_components(planes, 19, 23, (0x22, 0x11, 0x11))
write_picture("lossless8-420", decode(codestream, 3))
(folder / "lossless8-420.jpg").write_bytes(codestream)


# Lossless JPEG by DCMTK

def write_dicom(path, samples, bits):
    data = pydicom.Dataset()
    data.file_meta = FileMetaDataset()
    data.file_meta.TransferSyntaxUID = "1.2.840.10008.1.2.1"
    data.file_meta.MediaStorageSOPClassUID = data.SOPClassUID = "1.2.840.10008.5.1.4.1.1.7"
    data.file_meta.MediaStorageSOPInstanceUID = data.SOPInstanceUID = "1.2.3.4"
    data.Rows, data.Columns = samples.shape[:2]
    data.SamplesPerPixel = 1 if samples.ndim == 2 else 3
    data.PhotometricInterpretation = "MONOCHROME2" if samples.ndim == 2 else "RGB"
    if samples.ndim == 3:
        data.PlanarConfiguration = 0
    data.BitsAllocated = 8 * samples.dtype.itemsize
    data.BitsStored, data.HighBit, data.PixelRepresentation = bits, bits - 1, 0
    data.add_new("PixelData", "OB" if data.BitsAllocated == 8 else "OW", samples.tobytes())
    data.save_as(path, enforce_file_format=True)


def dcmtk(samples, bits, *options):
    """The codestream of dcmcjpeg, and what dcmdjpeg decodes it to."""
    with tempfile.TemporaryDirectory() as temporary:
        raw, packed, unpacked = (os.path.join(temporary, name) for name in ("r", "p", "u"))
        write_dicom(raw, samples, bits)
        subprocess.run(["dcmcjpeg", *options, raw, packed], check=True)
        subprocess.run(["dcmdjpeg", packed, unpacked], check=True)
        frames = pydicom.dcmread(packed).PixelData
        decoded = pydicom.dcmread(unpacked).pixel_array
        return next(pydicom.encaps.generate_frames(frames, number_of_frames=1)), decoded


for predictor in (1, 6):
    codestream, decoded = dcmtk(pictures["mono12"], 12, "+el", "+sv", str(predictor))
    write_checked(f"lossless12-dcmtk-p{predictor}.jpg", codestream, decoded, pictures["mono12"])
codestream, decoded = dcmtk(pictures["mono12"], 12, "+el", "+sv", "4", "+pt", "3")
shifted = pictures["mono12"] >> 3 << 3
write_picture("mono12-shifted", shifted)
write_checked("lossless12-shifted.jpg", codestream, decoded, shifted)
codestream, decoded = dcmtk(pictures["mono12"], 12, "+ee")
write_picture("dct12-dcmtk", decoded)
(folder / "dct12-dcmtk.jpg").write_bytes(codestream)


# JPEG-LS

class FrameInfo(ctypes.Structure):
    _fields_ = [("width", ctypes.c_uint32), ("height", ctypes.c_uint32),
                ("bits", ctypes.c_int32), ("components", ctypes.c_int32)]


class Preset(ctypes.Structure):
    _fields_ = [(name, ctypes.c_int32) for name in ("most", "t1", "t2", "t3", "reset")]


NONE, LINE, SAMPLE = range(3)
charls = ctypes.CDLL(glob.glob(os.path.join(
    os.path.dirname(imagecodecs.__file__), "..", "imagecodecs.libs", "libcharls*"))[0])
charls.charls_jpegls_encoder_create.restype = ctypes.c_void_p


def encode_ls(samples, bits, near=0, interleaving=NONE, preset=None):
    height, width = samples.shape[:2]
    components = 1 if samples.ndim == 2 else samples.shape[2]
    planar = interleaving == NONE and components > 1
    data = (np.moveaxis(samples, 2, 0) if planar else samples).tobytes()
    out = ctypes.create_string_buffer(4 * len(data) + 4096)
    size = ctypes.c_size_t()

    def call(function, *arguments):
        assert getattr(charls, function)(encoder, *arguments) == 0, function

    encoder = ctypes.c_void_p(charls.charls_jpegls_encoder_create())
    info = FrameInfo(width, height, bits, components)
    call("charls_jpegls_encoder_set_frame_info", ctypes.byref(info))
    call("charls_jpegls_encoder_set_near_lossless", ctypes.c_int32(near))
    call("charls_jpegls_encoder_set_interleave_mode", ctypes.c_int32(interleaving))
    if preset:
        call("charls_jpegls_encoder_set_preset_coding_parameters", ctypes.byref(Preset(*preset)))
    call("charls_jpegls_encoder_set_destination_buffer", out, ctypes.c_size_t(len(out)))
    call("charls_jpegls_encoder_encode_from_buffer", data, ctypes.c_size_t(len(data)),
         ctypes.c_uint32(0))
    call("charls_jpegls_encoder_get_bytes_written", ctypes.byref(size))
    charls.charls_jpegls_encoder_destroy(encoder)
    return out.raw[:size.value]


def write_ls(name, samples, bits, near=0, interleaving=NONE, preset=None):
    codestream = encode_ls(samples, bits, near, interleaving, preset)
    decoded = imagecodecs.jpegls_decode(codestream)
    assert np.abs(decoded.astype(int) - samples).max() <= near
    if near:
        write_picture(name, decoded)
        samples = decoded
    write_checked(f"{name}.jls", codestream, decoded, samples)


for bits in (2, 8, 12, 16):
    write_ls(f"ls{bits}", pictures[f"mono{bits}"], bits)
for bits in (8, 12, 16):
    write_ls(f"ls{bits}-near2", pictures[f"mono{bits}"], bits, 2)
for mode, name in ((NONE, "none"), (LINE, "line"), (SAMPLE, "sample")):
    write_ls(f"ls8-rgb-{name}", pictures["rgb8"], 8, 0, mode)
    write_ls(f"ls8-rgb-{name}-near2", pictures["rgb8"], 8, 2, mode)
write_ls("ls16-rgb-sample", pictures["rgb16"], 16, 0, SAMPLE)
write_ls("ls12-preset", pictures["mono12"], 12, 0, NONE, (4095, 9, 30, 150, 20))
wide = np.zeros((6, 3000), np.uint8)
wide[3, 1234] = wide[4:, 2000:] = 200
write_picture("wide8", wide)
write_ls("ls8-runs", wide, 8)
tall = picture(19, 21, 8, 50)
write_picture("mono8-tall", tall)
strips = [encode_ls(tall[i:i + 2], 8) for i in range(0, 19, 2)]
codestream = joined_strips(strips, 2, 19)
write_checked("ls8-restart.jls", codestream, imagecodecs.jpegls_decode(codestream), tall)
tall = colour(19, 23, 8, 30)
for mode, name in ((LINE, "line"), (SAMPLE, "sample")):
    strips = [encode_ls(tall[i:i + 5], 8, 0, mode) for i in range(0, 19, 5)]
    codestream = joined_strips(strips, 5, 19)
    write_checked(f"ls8-rgb-{name}-restart.jls", codestream, imagecodecs.jpegls_decode(codestream), tall)

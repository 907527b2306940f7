#!/usr/bin/env python3
"""Writes the JPEG 2000 images that Jpeg2000DecoderTest decodes, with what OpenJPEG decodes from them.

Usage: python3 tools/jpeg2000_fixtures.py FILE.zip

Needs NumPy, imagecodecs, and opj_compress and opj_decompress of OpenJPEG 2.5 (Debian: libopenjp2-tools).
FILE is aucmedi-xai-imaging-medical/src/test/resources/org/aucmedi/xai/imaging/medical/codec/jpeg2000.zip.

The entry NAME.j2k is an image made here. NAME.raw holds big-endian ints: width, height, components, bits,
signed (0 or 1), whether the image is lossless (0 or 1), then the samples, the components of a pixel side by
side. Where the image is lossless they are those that were encoded; OpenJPEG's must be equal. htj2k.j2k, which
the decoder must refuse, has no samples.
"""

import io
import pathlib
import subprocess
import sys
import tempfile
import zipfile

import imagecodecs
import numpy as np

GREY8 = (49, 37, 1, 8, "u")
GREY12 = (40, 34, 1, 12, "s")
GREY16 = (44, 37, 1, 16, "u")
RGB = (38, 33, 3, 8, "u")

# Name, image (width, height, components, bits, sign), arguments of opj_compress.
CASES = [
    ("grey8", GREY8, ""),
    ("grey8_97", GREY8, "-I"),
    ("grey16", GREY16, ""),
    ("grey16_97", GREY16, "-I -r 4"),
    ("grey12_signed", GREY12, ""),
    ("grey12_signed_97", GREY12, "-I"),
    ("one_bit", (40, 30, 1, 1, "u"), "-n 3"),
    ("rgb_rct", RGB, "-mct 1"),
    ("rgb_ict", RGB, "-mct 1 -I"),
    ("rgb_no_transform", RGB, "-mct 0"),
    ("four_components", (31, 20, 4, 8, "u"), "-mct 0 -n 3"),
    ("one_resolution", GREY8, "-n 1"),
    ("one_resolution_97", GREY8, "-n 1 -I"),
    ("one_pixel", (1, 1, 1, 8, "u"), "-n 1"),
    ("one_row", (37, 1, 1, 8, "u"), "-n 1"),
    ("one_column_at_an_offset", (1, 37, 1, 8, "u"), "-n 1 -d 3,5"),
    ("tiles", GREY8, "-t 20,16 -n 4"),
    ("tiles_97", GREY8, "-t 33,17 -n 3 -I"),
    ("offsets", GREY8, "-d 7,5 -T 3,2 -t 24,19 -n 4"),
    ("offsets_97", GREY8, "-d 7,5 -T 3,2 -t 24,19 -n 4 -I"),
    ("layers", GREY8, "-r 20,8,1"),
    ("layers_97", GREY8, "-I -q 25,35,45"),
    ("lossy_53", GREY8, "-r 6"),
    ("blocks_4x4", GREY8, "-b 4,4"),
    ("blocks_4x256", (8, 270, 1, 8, "u"), "-b 4,256 -n 3"),
    ("precincts", GREY8, "-c [32,32],[16,16],[8,16]"),
    ("tile_parts", RGB, "-TP R -t 24,24 -n 4 -mct 1"),
    ("bypass", GREY16, "-M 1"),
    ("reset", GREY8, "-M 2"),
    ("terminate_each_pass", GREY8, "-M 4"),
    ("vertically_causal", GREY8, "-M 8"),
    ("predictable_termination", GREY8, "-M 16"),
    ("segmentation_symbols", GREY8, "-M 32"),
    ("bypass_terminated", GREY16, "-M 5 -b 32,32"),
    ("all_styles", GREY16, "-M 63 -b 16,16"),
    ("region_of_interest", GREY8, "-ROI c=0,U=12"),
    ("progression_change", RGB, "-POC T0=0,0,1,3,3,CPRL/T0=0,0,3,6,3,RLCP -r 20,8,1 -mct 1"),
    ("subsampled", (40, 30, 2, 8, "u@1x1:2x2"), "-mct 0 -n 3"),
    ("subsampled_all", (40, 30, 1, 8, "u@2x2"), "-n 3"),
    ("in_boxes", RGB, "-mct 1"),
]
for order in "LRCP", "RLCP", "RPCL", "PCRL", "CPRL":
    CASES.append(
        (
            f"progression_{order.lower()}",
            RGB,
            f"-p {order} -SOP -EPH -r 20,8,1 -c [32,32],[16,16] -t 24,33 -n 4 -mct 1",
        )
    )


def image(width, height, components, bits, signed):
    """A gradient, a checkerboard and some noise."""
    rng = np.random.default_rng(width * height + components)
    y, x = np.mgrid[:height, :width]
    planes = []
    for c in range(components):
        plane = 0.5 + 0.3 * np.sin(x / (7 + c)) * np.cos(y / (5 + 2 * c))
        plane = plane + 0.15 * ((x // 9 + y // 7) % 2) * (x > width / 2) + rng.normal(0, 0.01, x.shape)
        plane = np.clip(np.round(plane * (2**bits - 1)), 0, 2**bits - 1).astype(int)
        planes.append(plane - 2 ** (bits - 1) if signed else plane)
    return planes


def pgx(path):
    """A plane as opj_decompress writes it."""
    line, data = path.read_bytes().split(b"\n", 1)
    sign, bits, width, height = line.split()[-4:]
    kind = ("i" if sign == b"-" else "u") + ("1" if int(bits) <= 8 else "2")
    return np.frombuffer(data, ">" + kind).reshape(int(height), int(width)).astype(int)


def case(folder, name, spec, arguments):
    width, height, components, bits, kind = spec
    signed = kind[0] == "s"
    steps = [tuple(map(int, s.split("x"))) for s in kind[2:].split(":")] if "@" in kind else [(1, 1)] * components
    planes = [p[::dy, ::dx] for p, (dx, dy) in zip(image(width, height, components, bits, signed), steps)]
    dtype = (">i" if signed else ">u") + ("1" if bits <= 8 else "2")
    (folder / "in.raw").write_bytes(b"".join(p.astype(dtype).tobytes() for p in planes))
    coded = folder / (name + (".jp2" if name == "in_boxes" else ".j2k"))
    form = f"{width},{height},{components},{bits},{kind}"
    subprocess.run(
        ["opj_compress", "-i", folder / "in.raw", "-o", coded, "-F", form, *arguments.split()],
        check=True,
        capture_output=True,
    )
    subprocess.run(
        ["opj_decompress", "-i", coded, "-o", folder / "out.pgx"], check=True, capture_output=True
    )
    decoded = [pgx(folder / f"out_{c}.pgx") for c in range(components)]
    lossy = "-I" in arguments or "-r 6" in arguments or "-r 4" in arguments
    if not lossy:
        for plane, back in zip(planes, decoded):
            assert np.array_equal(plane, back), name
    height, width = decoded[0].shape
    pixels = np.stack(
        [p.repeat(dy // steps[0][1], 0).repeat(dx // steps[0][0], 1) for p, (dx, dy) in zip(decoded, steps)], -1
    )
    assert pixels.shape == (height, width, components), name
    header = np.array([width, height, components, bits, signed, not lossy])
    return coded.read_bytes(), np.concatenate([header, pixels.ravel()]).astype(">i4").tobytes()


entries = {}
for name, spec, arguments in CASES:
    with tempfile.TemporaryDirectory() as folder:
        entries[f"{name}.j2k"], entries[f"{name}.raw"] = case(pathlib.Path(folder), name, spec, arguments)
entries["htj2k.j2k"] = imagecodecs.htj2k_encode(image(*GREY8[:4], False)[0].astype(np.uint8))

archive = io.BytesIO()
with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as out:
    for name, data in entries.items():
        out.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), data, zipfile.ZIP_DEFLATED)
pathlib.Path(sys.argv[1]).write_bytes(archive.getvalue())
print(len(entries), "entries,", len(archive.getvalue()), "bytes")

#!/usr/bin/env python3
"""Writes the pictures that the tests of aucmedi-xai-imaging read, and what they hold.

Usage: python3 tools/picture_fixtures.py FOLDER

Needs numpy, Pillow, tifffile and imagecodecs. FOLDER is src/test/resources/pictures of
aucmedi-xai-imaging. It gets the pictures and expected.txt, one line for each way to load one:

    NAME stored|turned SHAPE VALUES

SHAPE is H,W,C or D,H,W,C; a picture of H,W,1 has three channels like this one. What has samples of
8 bits is as Pillow gives it; numbers are as tifffile gives them, 16-bit unsigned ones times
255 / 65535. refused.txt has a line for each picture that is refused, with words of the message.
"""

import pathlib
import struct
import sys
import zlib

import imagecodecs
import numpy as np
import tifffile
from PIL import Image, ImageOps

OUT = pathlib.Path(sys.argv[1])
OUT.mkdir(parents=True, exist_ok=True)
HEIGHT, WIDTH = 5, 7
EXPECTED = []
REFUSED = []


def rgb(height=HEIGHT, width=WIDTH):
    y, x, c = np.mgrid[:height, :width, :3]
    return ((40 * y + 7 * x * x + 80 * c) % 256).astype(np.uint8)


def grey(kind, height=HEIGHT, width=WIDTH):
    """All of the range of an integer type, or numbers with a fraction."""
    kind = np.dtype(kind)
    if kind.kind == "f":
        y, x = np.mgrid[:height, :width]
        return ((x - 3) * 1000.25 + y / 8).astype(kind)
    low, high = int(np.iinfo(kind).min), int(np.iinfo(kind).max)
    last = height * width - 1
    values = [low + (high - low) * i * i // (last * last) for i in range(last + 1)]
    return np.array(values, dtype=kind).reshape(height, width)


def expect(name, values, how="stored"):
    values = np.asarray(values)
    if values.ndim == 3 and (values == values[..., :1]).all():
        values = values[..., :1]
    shape = ",".join(map(str, values.shape))
    numbers = " ".join(
        str(int(v)) if float(v).is_integer() else repr(float(v))
        for v in values.astype(np.float32).ravel()
    )
    EXPECTED.append(f"{name} {how} {shape} {numbers}")


def three(values):
    return np.repeat(values[..., None], 3, axis=-1)


def in_grey_levels(values):
    return values.astype(np.float64) * 255 / 65535 if values.dtype == np.uint16 else values


def tiff(name, array, how="tifffile", **options):
    """Writes a page, or several, and what a reader has to give."""
    path = OUT / f"{name}.tif"
    options.setdefault("photometric", "rgb" if array.ndim == 3 else "minisblack")
    tifffile.imwrite(path, array, metadata=None, **options)
    if how == "pillow":
        expect(path.name, np.asarray(Image.open(path).convert("RGB")))
    elif how == "tifffile":
        values = in_grey_levels(tifffile.imread(path))
        if options.get("planarconfig") == "separate":
            values = np.moveaxis(values, 0, -1)
        expect(path.name, values if values.ndim == 3 else three(values))
    elif how == "volume":
        values = in_grey_levels(tifffile.imread(path))
        expect(path.name, values if values.ndim == 4 else values[..., None])
    return path


def refuse(name, words):
    REFUSED.append(f"{name} {words}")


def pillow(name, picture, **options):
    picture.save(OUT / name, **options)
    expect(name, np.asarray(Image.open(OUT / name).convert("RGB")))


def tiffs():
    for kind in ("u1", "i1", "u2", "i2", "u4", "i4", "f4", "f8"):
        tiff(f"grey-{kind}-be", grey(kind), byteorder=">")
        tiff(f"grey-{kind}-lzw", grey(kind), compression="lzw")
    for kind in ("u1", "u2", "i2", "u4", "i4"):
        tiff(f"grey-{kind}-deflate-differences", grey(kind), compression="deflate", predictor=True)
    tiff("grey-u2-be-differences", grey("u2"), byteorder=">", compression="lzw", predictor=True)
    tiff(
        "grey-u2-tiled",
        grey("u2", 17, 18),
        tile=(16, 16),
        compression="lzw",
        predictor=True,
    )
    tiff("rgb-u1-tiled", rgb(17, 18), "pillow", tile=(16, 16), compression="deflate")
    for kind in ("packbits", "lzw", "adobe_deflate"):
        tiff(f"rgb-{kind}", rgb(), "pillow", compression=kind)
    tiff("rgb-differences", rgb(), "pillow", compression="lzw", predictor=True)
    tiff(
        "rgb-jpeg",
        rgb(17, 19),
        "pillow",
        compression="jpeg",
        photometric="ycbcr",
        subsampling=(2, 2),
    )
    tiff("grey-jpeg", rgb(17, 19)[..., 0], "pillow", compression="jpeg")
    deep = rgb().astype(np.uint16) * 256 + 5
    tiff("rgb-u2", deep)
    tiff("rgb-u2-differences", deep, compression="lzw", predictor=True)
    tiff("rgb-u2-planar", np.moveaxis(deep, 2, 0).copy(), planarconfig="separate")
    tiff("rgb-planar", np.moveaxis(rgb(), 2, 0).copy(), "pillow", planarconfig="separate")
    tiff("rgb-f4", rgb().astype(np.float32) / 7)
    tiff("rgb-f8", rgb().astype(np.float64) / 7)
    tiff("rgb-i2", rgb().astype(np.int16) - 100)
    tiff("rgb-u4", rgb().astype(np.uint32) * 4096)
    alpha = np.concatenate([rgb(), grey("u1")[::-1, ::-1, None]], axis=2)
    tiff("alpha", alpha, "pillow", extrasamples=["unassalpha"])
    tiff("alpha-multiplied", alpha, "pillow", extrasamples=["assocalpha"])
    pair = np.stack([grey("u1"), grey("u1")[::-1]], axis=2)
    tiff("grey-alpha", pair, "pillow", photometric="minisblack", extrasamples=["unassalpha"])
    tiff("white-u1", grey("u1"), "pillow", photometric="miniswhite")
    # Pillow leaves 16 bits as they are, against TIFF 6.0.
    path = tiff("white-u2", grey("u2"), "written", photometric="miniswhite")
    expect(path.name, three(in_grey_levels(65535 - grey("u2"))))
    tiff("white-u2-differences", 65535 - grey("u2"), "written", photometric="miniswhite",
         compression="lzw", predictor=True)
    expect("white-u2-differences.tif", three(in_grey_levels(grey("u2"))))
    tiff("white-f4", grey("f4"), photometric="miniswhite")
    tiff("white-i2", grey("i2"), photometric="miniswhite")
    for bits in (2, 4):
        tiff(f"grey-{bits}", grey("u1") >> (8 - bits), "pillow", bitspersample=bits)
    tiff("bilevel", grey("u1") > 100, "pillow")
    tiff("bilevel-white", grey("u1") > 100, "pillow", photometric="miniswhite")
    tiff("cmyk", alpha, "pillow", photometric="separated")
    deep = alpha.astype(np.uint16) * 257
    tiff("cmyk-u2", deep, "written", photometric="separated")
    inks = deep / 65535
    expect("cmyk-u2.tif", 255 * (1 - inks[..., :3]) * (1 - inks[..., 3:]))
    for orientation in range(1, 9):
        # Pillow turns a TIFF as it loads it.
        tag = (274, "H", 1, orientation, True)
        tiff(f"turned-{orientation}", rgb(2, 3), "pillow", extratags=[tag])
    bilevel = Image.fromarray(grey("u1")).point(lambda v: 255 * (v > 100)).convert("1")
    for kind in ("group3", "group4"):
        pillow(f"bilevel-{kind}.tif", bilevel, compression=kind)
    pillow("palette.tif", Image.fromarray(rgb()).quantize(13))


def volumes():
    for kind in ("u1", "u2", "i2", "f4"):
        pages = np.stack([grey(kind), grey(kind)[::-1], grey(kind)[:, ::-1]])
        tiff(f"pages-{kind}", pages, "volume", photometric="minisblack", compression="lzw")
    tiff("pages-rgb", np.stack([rgb(), rgb()[::-1]]), "volume", photometric="rgb")
    with tifffile.TiffWriter(OUT / "thumbnail.tif") as file:
        file.write(grey("u2"), photometric="minisblack", metadata=None)
        file.write(grey("u1", 2, 2), photometric="minisblack", subfiletype=1, metadata=None)
    expect("thumbnail.tif", three(in_grey_levels(grey("u2"))))
    with tifffile.TiffWriter(OUT / "unlike.tif") as file:
        file.write(grey("u2"), photometric="minisblack", metadata=None)
        file.write(grey("u2"), photometric="minisblack", metadata=None)
        file.write(grey("u1"), photometric="minisblack", metadata=None)
    refuse("unlike.tif", "its page 3 has 7 x 5 pixels of 1 samples of 8 bits")
    hyperstack = np.zeros((2, 3, 4, 5), np.uint8)
    tifffile.imwrite(OUT / "imagej.tif", hyperstack, imagej=True)
    refuse("imagej.tif", "its 6 pages are several channels or times of a volume")
    # As tifffile writes it with ome=True, without the identifier that is new each time.
    ome = '<OME><Image><Pixels SizeX="5" SizeY="4" SizeC="2" SizeZ="3" SizeT="1"/></Image></OME>'
    pages = hyperstack.reshape(6, 4, 5)
    tiff("ome", pages, "refused", description=ome, photometric="minisblack")
    refuse("ome.tif", "its 6 pages are several channels or times of a volume")


def refused():
    for kind, number, name in (
        ("zstd", 50000, "Zstandard"),
        ("lzma", 34925, "LZMA"),
        ("jpeg2000", 34712, "JPEG 2000"),
    ):
        tiff(kind, grey("u1"), "refused", compression=kind)
        refuse(f"{kind}.tif", f"its compression {number} ({name}) is not read; save it with LZW, Deflate or none")
    tiff("big", grey("u1"), "refused", bigtiff=True)
    refuse("big.tif", "it is a BigTIFF; save it as a classic TIFF, of less than 4 GB")
    tiff("half", grey("f2"), "refused")
    refuse("half.tif", "its samples are 16-bit floating-point numbers; save them with 8, 16 or 32")
    tiff("long", grey("u8"), "refused")
    refuse("long.tif", "its samples are 64-bit integers")
    tiff("twelve", grey("u2") >> 4, "refused", bitspersample=12)
    refuse("twelve.tif", "its samples are 12-bit integers")
    tiff("complex", grey("f4").astype(np.complex64), "refused")
    refuse("complex.tif", "its samples are complex numbers; save their magnitude")
    tiff("float-differences", grey("f4"), "refused", compression="deflate", predictor=True)
    refuse("float-differences.tif", "its predictor 3 is not read with samples of this kind; save")
    tiff("lab", rgb(), "refused", photometric="cielab")
    refuse("lab.tif", "its colours are of kind 8 (CIELab), neither RGB nor grey")
    spectral = np.concatenate([rgb(), rgb()], axis=2)
    tiff("spectral", spectral, "refused", photometric="minisblack", planarconfig="contig")
    refuse("spectral.tif", "it has 6 samples per pixel, where its colours have 1; save it as RGB")


def pngs():
    picture = Image.fromarray(rgb())
    shades = Image.fromarray(grey("u1"))
    pillow("grey.png", shades)
    pillow("bilevel.png", shades.point(lambda v: 255 * (v > 100)).convert("1"))
    pillow("rgb.png", picture)
    alpha = np.concatenate([rgb(), grey("u1")[..., None]], axis=2)
    pillow("alpha.png", Image.fromarray(alpha))
    pillow("grey-alpha.png", Image.fromarray(alpha[..., 2:]))
    for bits, colors in ((1, 2), (2, 4), (4, 16), (8, 30)):
        pillow(f"palette-{bits}.png", picture.quantize(colors), bits=bits, transparency=0)
    pillow("transparent.png", picture, transparency=tuple(map(int, rgb()[0, 0])))
    Image.fromarray(grey("u2")).save(OUT / "grey-u2.png")
    expect("grey-u2.png", three(in_grey_levels(grey("u2"))))
    deep = rgb().astype(np.uint16) * 256 + 5
    (OUT / "rgb-u2.png").write_bytes(imagecodecs.png_encode(deep))
    expect("rgb-u2.png", in_grey_levels(deep))
    for bits in (2, 4):
        # Pillow reads, but does not write these.
        path = OUT / f"grey-{bits}.png"
        path.write_bytes(packed_png(grey("u1") >> (8 - bits), bits))
        expect(path.name, np.asarray(Image.open(path).convert("RGB")))


def packed_png(values, bits):
    def chunk(kind, data):
        crc = struct.pack(">I", zlib.crc32(kind + data))
        return struct.pack(">I", len(data)) + kind + data + crc

    rows = b""
    for row in values:
        digits = "".join(format(int(v), f"0{bits}b") for v in row)
        digits += "0" * (-len(digits) % 8)
        rows += b"\0" + int(digits, 2).to_bytes(len(digits) // 8, "big")
    header = struct.pack(">IIBBBBB", values.shape[1], values.shape[0], bits, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(rows))
        + chunk(b"IEND", b"")
    )


def jpegs():
    # No multiple of 8 or 16.
    picture = Image.fromarray(rgb(17, 19))
    for subsampling in (0, 1, 2):
        pillow(f"subsampling-{subsampling}.jpg", picture, subsampling=subsampling, quality=60)
    pillow("progressive.jpg", picture, progressive=True, quality=60)
    pillow("grey.jpg", picture.convert("L"), quality=60)
    pillow("adobe-rgb.jpg", picture, keep_rgb=True, quality=60)
    inks = np.array(picture.convert("CMYK"))
    inks[..., 3] = np.arange(19) * 9
    pillow("cmyk.jpg", Image.fromarray(inks, mode="CMYK"), quality=60)
    name = "ycck.jpg"
    (OUT / name).write_bytes(
        imagecodecs.jpeg8_encode(inks, level=60, colorspace="CMYK", outcolorspace="YCCK")
    )
    expect(name, np.asarray(Image.open(OUT / name).convert("RGB")))
    # Without JFIF and Adobe's segment, the identifiers of the components tell the colours.
    plain = (OUT / "subsampling-0.jpg").read_bytes()
    name = "no-jfif.jpg"
    (OUT / name).write_bytes(plain[:2] + plain[20:])
    expect(name, np.asarray(Image.open(OUT / name).convert("RGB")))
    lossless = imagecodecs.ljpeg_encode(grey("u2"), bitspersample=16)
    (OUT / "lossless.jpg").write_bytes(lossless)
    refuse("lossless.jpg", "it is a JPEG of a rare kind (frame c3, 16 bits); save it as png")


def others():
    picture = Image.fromarray(rgb())
    pillow("rgb.bmp", picture)
    pillow("grey.bmp", picture.convert("L"))
    pillow("bilevel.bmp", picture.convert("1"))
    pillow("palette.bmp", picture.quantize(20))
    pillow("alpha.bmp", picture.convert("RGBA"))
    pillow("palette.gif", picture.quantize(20))
    shades = Image.fromarray(grey("u1"))
    other = shades.transpose(Image.Transpose.ROTATE_180)
    shades.save(OUT / "animated.gif", save_all=True, append_images=[other])
    expect("animated.gif", three(grey("u1")))


    for name, transparent in (("frame", None), ("frame-transparent", 3)):
        (OUT / f"{name}.gif").write_bytes(small_frame(transparent))
        expect(f"{name}.gif", np.asarray(Image.open(OUT / f"{name}.gif").convert("RGB")))


def small_frame(transparent):
    """A frame of 3 x 2 pixels at (2, 1) of a screen of 6 x 4."""
    palette = bytes([10, 20, 30, 200, 100, 50, 7, 8, 9, 255, 240, 230])
    gif = b"GIF89a" + struct.pack("<HHBBB", 6, 4, 0x81, 1, 0) + palette
    if transparent is not None:
        gif += b"\x21\xf9\x04\x01\0\0" + bytes([transparent]) + b"\0"
    gif += b"\x2c" + struct.pack("<HHHHB", 2, 1, 3, 2, 0)
    # Clearing (4) often keeps all codes three bits long; 5 ends them.
    codes = [4, 1, 2, 4, 3, 1, 4, 2, 3, 5]
    bits = "".join(format(code, "03b")[::-1] for code in codes)
    bits += "0" * (-len(bits) % 8)
    data = bytes(int(bits[i : i + 8][::-1], 2) for i in range(0, len(bits), 8))
    return gif + b"\x02" + bytes([len(data)]) + data + b"\0\x3b"


def turned():
    small = Image.fromarray(rgb(2, 3))
    large = Image.fromarray(rgb(3, 5)).resize((5, 3))
    for orientation in range(1, 9):
        exif = Image.Exif()
        exif[274] = orientation
        for picture, name in ((small, "png"), (large.convert("L"), "jpg")):
            name = f"turned-{orientation}.{name}"
            pillow(name, picture, exif=exif)
            upright = ImageOps.exif_transpose(Image.open(OUT / name)).convert("RGB")
            expect(name, np.asarray(upright), "turned")


tiffs()
volumes()
refused()
pngs()
jpegs()
others()
turned()
(OUT / "expected.txt").write_text("\n".join(EXPECTED) + "\n")
(OUT / "refused.txt").write_text("\n".join(REFUSED) + "\n")

#!/usr/bin/env python3
"""Writes the TIFF file that the tests of aucmedi-xai-imaging read.

Usage: python3 tools/tiff_fixtures.py FOLDER

Needs Pillow. FOLDER is src/test/resources/tiff of aucmedi-xai-imaging; it gets lzw.tiff, RGB of 5
rows and 7 columns whose sample (y, x, c) is (40 y + 7 x x + 80 c) mod 256, compressed with LZW.
"""

import pathlib
import sys

import numpy as np
from PIL import Image

y, x, c = np.mgrid[:5, :7, :3]
pixels = ((40 * y + 7 * x * x + 80 * c) % 256).astype(np.uint8)
Image.fromarray(pixels).save(pathlib.Path(sys.argv[1]) / "lzw.tiff", compression="tiff_lzw")

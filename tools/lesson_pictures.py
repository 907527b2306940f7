#!/usr/bin/env python3
"""Makes the pictures of docs/examples.md from those that the lessons have written.

    python tools/lesson_pictures.py lessons docs/examples

needs pillow.
"""
import pathlib
import sys

from PIL import Image

written, pages = map(pathlib.Path, sys.argv[1:])
PICTURES = {
    "port-aucmedi": ["healthy.png", "lesion.png"],
    "zoo-model": ["zoo-model.png"],
    "model-files": ["cells.pt.png", "cells.keras.png", "cells.onnx.png", "cells_savedmodel.png", "cells-symbol.json.png"],
}
for name in ["layers", "your-own-method", "raw-map", "multi-label", "binary", "volume", "methods", "service", "vision-transformer"]:
    PICTURES[name] = [name + ".png"]
pages.mkdir(exist_ok=True)
for name, files in PICTURES.items():
    parts = [Image.open(written / file).convert("RGB") for file in files]
    parts = [part.resize((4 * part.width, 4 * part.height), Image.NEAREST) if part.width == 64 else part for part in parts]
    sheet = Image.new("RGB", (sum(part.width for part in parts), parts[0].height))
    left = 0
    for part in parts:
        sheet.paste(part, (left, 0))
        left += part.width
    sheet.quantize(96, dither=Image.Dither.NONE).save(pages / (name + ".png"), optimize=True)

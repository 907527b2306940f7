#!/usr/bin/env python3
"""Writes the colour tables that the api draws heatmaps with.

Usage: python3 tools/colormaps.py FOLDER

Needs Matplotlib. FOLDER is src/main/resources/org/aucmedi/xai/array of aucmedi-xai-api; it gets one
text file per colormap: its source and licence in lines that start with #, then red, green and blue
of 256 colours, 0 to 1.
"""

import pathlib
import sys

import matplotlib
import numpy as np

CC0 = (
    "By Nathaniel J. Smith, Stefan van der Walt and (viridis) Eric Firing, for Matplotlib.",
    "Licence: CC0 1.0, https://creativecommons.org/publicdomain/zero/1.0/",
)
SOURCES = {
    "viridis": CC0,
    "inferno": CC0,
    "cividis": (
        "By Jamie R. Nunez, Christopher R. Anderton and Ryan S. Renslow, Optimizing colormaps with"
        " consideration for color vision deficiency, 2018; from Matplotlib.",
        "Licence: CC0 1.0, https://creativecommons.org/publicdomain/zero/1.0/",
    ),
    "coolwarm": (
        "By Kenneth Moreland, Diverging Color Maps for Scientific Visualization, 2009; from Matplotlib,"
        " copyright (c) 2012- Matplotlib Development Team, all rights reserved.",
        "Licence: Matplotlib's (BSD style), https://matplotlib.org/stable/project/license.html",
    ),
}

for name, source in SOURCES.items():
    colours = matplotlib.colormaps[name](np.arange(256))[:, :3]
    lines = [f"# {line}" for line in source] + ["%.6f %.6f %.6f" % tuple(c) for c in colours]
    (pathlib.Path(sys.argv[1]) / f"{name}.txt").write_text("\n".join(lines) + "\n")

#!/usr/bin/env python3
"""Writes aucmedi-xai-imaging/src/test/resources/.../subfunctions.npz: what NumPy and SciPy make
of small arrays, for the tests of padding and resampling. Needs numpy and scipy.

    python tools/subfunctions_fixture.py OUTPUT.npz
"""

import sys

import numpy as np
from scipy.ndimage import map_coordinates

MODES = ["constant", "edge", "reflect", "symmetric", "wrap", "maximum", "mean", "median", "minimum", "linear_ramp"]


def main(output):
    numbers = np.random.default_rng(7)
    arrays = {}
    plane = numbers.integers(0, 256, (3, 4, 2)).astype(np.int64)
    volume = numbers.normal(size=(2, 3, 4, 1))
    arrays["plane"] = plane
    arrays["volume"] = volume
    for mode in MODES:
        # To (8, 7), which is more than twice the height, and to (3, 3, 9): one axis is long enough.
        arrays[f"plane_{mode}"] = np.pad(plane, ((2, 3), (1, 2), (0, 0)), mode)
        arrays[f"volume_{mode}"] = np.pad(volume, ((0, 1), (0, 0), (2, 3), (0, 0)), mode)
    scan = numbers.normal(size=(4, 6, 9))
    arrays["scan"] = scan
    # Spacings z, y, x as AUCMEDI's loader takes them; what ITK does, with SciPy's interpolation.
    own = np.array([3.0, 1.25, 0.7])
    for name, new in {"finer": (1.0, 1.0, 0.5), "coarser": (4.0, 2.0, 2.5), "thick": (20.0, 1.25, 0.7)}.items():
        size = [max(1, int(n * o / w)) for n, o, w in zip(scan.shape, own, new)]
        places = np.stack(np.meshgrid(*[np.arange(n) for n in size], indexing="ij")).astype(float)
        places *= (np.array(new) / own)[:, None, None, None]
        values = map_coordinates(scan, places, order=1, mode="nearest")
        outside = (places >= np.array(scan.shape)[:, None, None, None] - 0.5).any(axis=0)
        arrays[f"scan_{name}"] = np.where(outside, -7.0, values)
    np.savez_compressed(output, **arrays)


main(sys.argv[1])

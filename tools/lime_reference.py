#!/usr/bin/env python3
"""Writes the reference segmentations and regressions of LIME's tests.

Usage: python3 tools/lime_reference.py GOLDEN FOLDER

Needs scikit-image 0.26, scikit-learn and PyTorch. GOLDEN is the folder of the golden models and
images. FOLDER is src/test/resources/lime of aucmedi-xai-methods; it gets a synthetic image, copies
of three blood-cell images, and

segments.npz    SETTING/NAME: the labels of an image by one of the functions below, (H, W)
regression.npz  weighted ridge regressions, one with more rows than features and one with fewer
weights.npz     vanilla2d: LIME's weights, (N, K, H, W), of the golden inputs, from all combinations
                of superpixels instead of 1000 random ones, as AUCMEDI hides and segments
"""

import itertools
import pathlib
import shutil
import sys

import numpy as np
import torch
from PIL import Image
from skimage.segmentation import quickshift, slic
from sklearn.linear_model import Ridge
from sklearn.metrics import r2_score

GOLDEN, FOLDER = map(pathlib.Path, sys.argv[1:])
IMAGES = GOLDEN / "bccd"


def aucmedi(x):
    """What AUCMEDI's LIME sees of an image that is standardised to [-1, 1]."""
    return as_lime(x.astype(np.float32) / np.float32(127.5) - 1)


def as_lime(x):
    return quickshift(x.astype(np.float64), kernel_size=4, max_dist=200, ratio=0.2)


def fine(x):
    """Smaller superpixels of the image in [0, 1], with links that are cut."""
    return quickshift(x / 255, kernel_size=1.5, max_dist=5, ratio=0.5)


def clusters(x):
    return slic(x / 255, n_segments=60, compactness=10, start_label=0)


def synthetic():
    """Patches of colour with soft and sharp edges, not square, and a little noise."""
    rng = np.random.default_rng(0)
    y, x = np.mgrid[:48, :72]
    image = np.stack([90 + x, 200 - 2 * y, 120 + 0 * x], -1).astype(float)
    for row, column, radius, colour in [
        (14, 18, 10, (60, 30, 140)),
        (30, 50, 13, (220, 120, 130)),
        (38, 12, 7, (20, 160, 90)),
    ]:
        disc = 1 / (1 + np.exp(np.hypot(y - row, x - column) - radius))
        image += disc[..., None] * (np.array(colour) - image)
    image[5:12, 40:64] = (240, 230, 40)
    return np.clip(image + rng.normal(0, 2, image.shape), 0, 255).round().astype(np.uint8)


def regression(rng, rows, features):
    x = rng.integers(0, 2, (rows, features))
    x[0] = 1
    w = np.exp(-8 * (1 - np.sqrt(x.mean(1))) ** 2)
    y = x @ rng.normal(0, 0.3, features) + 0.2 + rng.normal(0, 0.1, rows)
    model = Ridge(alpha=1, fit_intercept=True, solver="cholesky").fit(x, y, sample_weight=w)
    found = [model.intercept_, r2_score(y, model.predict(x), sample_weight=w)]
    return {"x": x, "w": w, "y": y, "beta": model.coef_, "intercept_r2": np.array(found)}


def lime_weights(model, x):
    """Every combination counts as often as it is expected among 1000 random ones."""
    labels = as_lime(x)
    z = np.array(list(itertools.product([0, 1], repeat=labels.max() + 1)))
    shown = z[:, labels][..., None]
    with torch.no_grad():
        batch = torch.tensor(x * shown).permute(0, 3, 1, 2).float().contiguous()
        y = model(batch).numpy().astype(np.float64)
    kernel = np.exp(-8 * (1 - np.sqrt(z.mean(1))) ** 2)
    fit = Ridge(alpha=1, solver="cholesky").fit(z, y, sample_weight=kernel * 1000 / len(z))
    return fit.coef_[:, labels].astype(np.float32)


FOLDER.mkdir(parents=True, exist_ok=True)
Image.fromarray(synthetic()).save(FOLDER / "synthetic.png", optimize=True)
images = sorted(IMAGES.glob("*/*.png"))
for kind in ["Platelets", "RBC", "WBC"]:
    first = next(image for image in images if image.parent.name == kind)
    shutil.copyfile(first, FOLDER / first.name)
shutil.copyfile(IMAGES / "LICENSE", FOLDER / "LICENSE-bccd")

segments = {}
for path in [FOLDER / "synthetic.png", *images]:
    x = np.asarray(Image.open(path).convert("RGB"))
    for setting in [aucmedi, fine] + ([clusters] if (FOLDER / path.name).exists() else []):
        segments[setting.__name__ + "/" + path.stem] = setting(x).astype(np.int32)
np.savez_compressed(FOLDER / "segments.npz", **segments)

rng = np.random.default_rng(1)
vectors = {}
for name, rows, features in [("tall", 60, 12), ("wide", 10, 25)]:
    for key, value in regression(rng, rows, features).items():
        vectors[name + "_" + key] = value
np.savez_compressed(FOLDER / "regression.npz", **vectors)

model = torch.jit.load(str(GOLDEN / "models" / "vanilla2d_scripted.pt")).eval()
inputs = np.load(GOLDEN / "vanilla2d_aucmedi.npz")["x"]
weights = np.stack([lime_weights(model, x) for x in inputs])
np.savez_compressed(FOLDER / "weights.npz", weights=weights)

for name in ["aucmedi", "fine", "clusters"]:
    counts = [value.max() + 1 for key, value in segments.items() if key.startswith(name)]
    print(name, "superpixels", min(counts), "to", max(counts))

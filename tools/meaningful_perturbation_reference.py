#!/usr/bin/env python3
"""Writes the reference masks of the tests of meaningful perturbation.

Usage: python3 tools/meaningful_perturbation_reference.py GOLDEN FOLDER

Needs PyTorch. GOLDEN is the folder of the golden models and images. FOLDER is
src/test/resources/perturbation of aucmedi-xai-methods; it gets

meaningful.npz  resmini: what is deleted of the first two golden inputs, (N, K, H, W), for each of
                the explained classes, after STEPS steps of torch.optim.Adam on a mask that starts
                at one half, with PyTorch's autograd and interpolation in double precision; and
                "scores", (N, K, 3): of the image, the fill and the image seen by the last mask
"""

import pathlib
import sys

import numpy as np
import torch
import torch.nn.functional as F

GOLDEN, FOLDER = map(pathlib.Path, sys.argv[1:])
CELLS, STEPS, RATE = (7, 8), 100, 0.1
AREA, SMOOTHNESS, POWER = 0.5, 4.0, 3


def blurred(x):
    """A box of 11, three times along each axis, edges repeated."""
    n, c, h, w = x.shape
    x = x.reshape(n * c, 1, h, w)
    for _ in range(3):
        x = F.avg_pool2d(F.pad(x, (0, 0, 5, 5), mode="replicate"), (11, 1), stride=1)
        x = F.avg_pool2d(F.pad(x, (5, 5, 0, 0), mode="replicate"), (1, 11), stride=1)
    return x.reshape(n, c, h, w)


def roughness(g):
    return sum((g.diff(dim=d).abs() ** POWER).sum() for d in (2, 3))


golden = np.load(GOLDEN / "resmini_aucmedi.npz")
images = torch.from_numpy(golden["x"][:2]).permute(0, 3, 1, 2).double()
model = torch.jit.load(str(GOLDEN / "models" / "resmini_scripted.pt")).eval().double()
deleted, scores = [], []
for image in images:
    for k in golden["classes"]:
        x = image[None]
        fill = blurred(x)
        g = torch.full((1, 1) + CELLS, 0.5, dtype=torch.double, requires_grad=True)
        adam = torch.optim.Adam([g], lr=RATE)
        seen = lambda: fill + F.interpolate(
            g, x.shape[2:], mode="bilinear", align_corners=False
        ) * (x - fill)
        score = lambda z: model(z)[0, int(k)]
        for _ in range(STEPS):
            adam.zero_grad()
            penalty = (AREA * (1 - g).sum() + SMOOTHNESS * roughness(g)) / g.numel()
            (score(seen()) + penalty).backward()
            adam.step()
            with torch.no_grad():
                g.clamp_(0, 1)
        with torch.no_grad():
            mask = F.interpolate(g, x.shape[2:], mode="bilinear", align_corners=False)
            deleted.append((1 - mask)[0, 0].numpy())
            scores.append([float(score(z)) for z in (x, fill, seen())])
k = len(golden["classes"])
shape = (len(images), k)
deleted = np.stack(deleted).reshape(shape + deleted[0].shape)
scores = np.array(scores).reshape(shape + (3,))
FOLDER.mkdir(parents=True, exist_ok=True)
np.savez_compressed(
    FOLDER / "meaningful.npz",
    deleted=deleted.astype(np.float32),
    scores=scores.astype(np.float32),
)
print(scores, deleted.reshape(shape + (-1,)).mean(2), deleted.max((2, 3)))

"""Trains a small vision transformer to tell cells with a lesion from healthy ones, for the pictures of the methods that read attention weights.

    python tools/lesion_vit.py FILE

needs torch and numpy. The cells are drawn like those of CellImages.java, with other random numbers, so that the gallery's cells are new to
the network. FILE is TorchScript; the softmax of each block is a module, and so its weights are visible. The accuracy on new cells is printed.
"""
import sys

import numpy as np
import torch
from torch import nn

SIZE, PATCH, DIM, HEADS, BLOCKS = 64, 8, 32, 4, 3
TRAINING, TEST, STEPS, BATCH = 4000, 500, 800, 64


def draw(rng, lesion):
    """(3, H, W) in [-1, 1]."""
    between = rng.uniform
    y, x = np.mgrid[:SIZE, :SIZE].astype(float)
    stain = between(-7, 7, 3)
    rgb = np.array([236., 222, 228]) + stain + (between(-6, 6) * (y - SIZE / 2) / SIZE)[..., None]

    def outline(cx, cy, radius, roughness):
        phases = between(0, 7, 2)
        return cx, cy, radius, roughness, phases

    def around(cx, cy, angle, distance, radius, roughness):
        return outline(cx + distance * np.cos(angle), cy + distance * np.sin(angle), radius, roughness)

    def paint(shape, colour, softness, grain):
        cx, cy, radius, roughness, phases = shape
        angle = np.arctan2(y - cy, x - cx)
        waver = np.sin(2 * angle + phases[0]) + .7 * np.sin(3 * angle + phases[1])
        depth = radius * (1 + roughness * waver) - np.hypot(x - cx, y - cy)
        cover = np.clip(.5 + depth / (2 * softness), 0, 1)[..., None]
        rgb[:] += cover * (np.array(colour) + stain + between(-grain, grain, (SIZE, SIZE, 1)) - rgb)

    cx, cy = SIZE / 2 + between(-6, 6, 2)
    cell = outline(cx, cy, between(19, 24), .06)
    paint(cell, [168., 108, 156], 1.2, 0)
    paint((*cell[:2], cell[2] - 2, *cell[3:]), [212., 164, 196], 1.5, 6)
    angle = between(0, 2 * np.pi)
    paint(around(cx, cy, angle, between(4, 9), between(6, 8.5), .1), [118., 72, 150], 1.5, 8)
    for _ in range(rng.integers(3, 8)):
        paint(around(cx, cy, between(0, 2 * np.pi), between(27, 40), between(.8, 2.2), .2), [96., 92, 98], .8, 6)
    if lesion:
        paint(around(cx, cy, angle + np.pi + between(-.9, .9), between(8, 13), between(4.2, 6), .25), [176., 104, 52], 1, 22)
    rgb += 3 * (between(0, 1, (3, SIZE, SIZE, 3)).sum(0) - 1.5)
    return (np.rint(rgb.clip(0, 255)) / 127.5 - 1).astype('f4').transpose(2, 0, 1)


class Attention(nn.Module):
    def __init__(self):
        super().__init__()
        self.qkv, self.softmax, self.proj = nn.Linear(DIM, 3 * DIM), nn.Softmax(-1), nn.Linear(DIM, DIM)

    def forward(self, x):
        n, t, d = x.shape
        q, k, v = self.qkv(x).reshape(n, t, 3, HEADS, d // HEADS).permute(2, 0, 3, 1, 4).unbind(0)
        y = self.softmax(q @ k.transpose(-2, -1) * (d // HEADS) ** -.5) @ v
        return self.proj(y.transpose(1, 2).reshape(n, t, d))


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.norm1, self.attn, self.norm2 = nn.LayerNorm(DIM), Attention(), nn.LayerNorm(DIM)
        self.mlp = nn.Sequential(nn.Linear(DIM, 2 * DIM), nn.GELU(), nn.Linear(2 * DIM, DIM))

    def forward(self, x):
        x = x + self.attn(self.norm1(x))
        return x + self.mlp(self.norm2(x))


class Vit(nn.Module):
    def __init__(self):
        super().__init__()
        self.patch_embed = nn.Conv2d(3, DIM, PATCH, PATCH)
        self.cls = nn.Parameter(torch.randn(1, 1, DIM) * .02)
        self.pos = nn.Parameter(torch.randn(1, (SIZE // PATCH) ** 2 + 1, DIM) * .02)
        self.blocks = nn.Sequential(*[Block() for _ in range(BLOCKS)])
        self.norm, self.head = nn.LayerNorm(DIM), nn.Linear(DIM, 2)

    def forward(self, x):
        x = self.patch_embed(x).flatten(2).transpose(1, 2)
        x = torch.cat((self.cls.expand(x.shape[0], -1, -1), x), 1) + self.pos
        return self.head(self.norm(self.blocks(x))[:, 0])


def main(file):
    torch.manual_seed(7)
    torch.set_num_threads(1)
    rng = np.random.default_rng(7)
    cells = torch.from_numpy(np.stack([draw(rng, i % 2) for i in range(TRAINING + TEST)]))
    labels = torch.arange(len(cells)) % 2
    model = Vit()
    optimizer = torch.optim.AdamW(model.parameters(), 2e-3, weight_decay=.05)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 2e-3, STEPS)
    for step in range(STEPS):
        batch = torch.randint(0, TRAINING, (BATCH,))
        loss = nn.functional.cross_entropy(model(cells[batch]), labels[batch])
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.)
        optimizer.step()
        schedule.step()
        if step % 250 == 0:
            print(step, round(loss.item(), 4), flush=True)
    model.eval()
    with torch.no_grad():
        right = (model(cells[TRAINING:]).argmax(1) == labels[TRAINING:]).float().mean().item()
        print('accuracy on %d new cells: %.3f' % (TEST, right))
        torch.jit.save(torch.jit.trace(model, cells[:2]), file)


if __name__ == '__main__':
    main(sys.argv[1])

"""Writes tiny vision transformers whose attention weights are visible, or are not, with the maps of attention rollout and attention
gradients computed from the formulas by PyTorch's autograd, for the tests of aucmedi-xai-methods.

    python tools/attention_fixture.py FOLDER

needs torch and numpy. `vit.pt` reads its class token, `pooled.pt` has none and reads the mean of its patches; `vit.onnx` is the first
again. `fused.pt` is the first with the attention in one operation, `windows.pt` attends within windows of 2 x 2 patches. `attention.npz`
has for `vit` and `pooled` the images x, the logits y, rollout with the mean, the largest and the smallest of the heads and without half
of the weights, and the gradients' map of each class.
"""
import os
import sys

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

HEADS, DIM, GRID, SIZE, CLASSES = 3, 12, 4, 16, 3


class Attention(nn.Module):
    def __init__(self, kind):
        super().__init__()
        self.qkv, self.proj = nn.Linear(DIM, 3 * DIM), nn.Linear(DIM, DIM)
        self.softmax, self.attn_drop = nn.Softmax(-1), nn.Dropout(.1)
        self.kind, self.weights = kind, None

    def forward(self, x):
        n, t, d = x.shape
        q, k, v = self.qkv(x).reshape(n, t, 3, HEADS, d // HEADS).permute(2, 0, 3, 1, 4).unbind(0)
        if self.kind == 'fused':
            y = F.scaled_dot_product_attention(q, k, v)
        else:
            self.weights = self.attn_drop(self.softmax(q @ k.transpose(-2, -1) * (d // HEADS) ** -.5))
            y = self.weights @ v
        return self.proj(y.transpose(1, 2).reshape(n, t, d))


class Block(nn.Module):
    def __init__(self, kind):
        super().__init__()
        self.norm1, self.norm2, self.attn = nn.LayerNorm(DIM), nn.LayerNorm(DIM), Attention(kind)
        self.fc1, self.act, self.fc2, self.kind = nn.Linear(DIM, 2 * DIM), nn.GELU(), nn.Linear(2 * DIM, DIM), kind

    def attend(self, x):
        if self.kind != 'windows':
            return self.attn(x)
        n, half = x.shape[0], GRID // 2
        x = x.reshape(n, half, 2, half, 2, DIM).permute(0, 1, 3, 2, 4, 5).reshape(-1, 4, DIM)
        return self.attn(x).reshape(n, half, half, 2, 2, DIM).permute(0, 1, 3, 2, 4, 5).reshape(n, -1, DIM)

    def forward(self, x):
        x = x + self.attend(self.norm1(x))
        return x + self.fc2(self.act(self.fc1(self.norm2(x))))


class Vit(nn.Module):
    def __init__(self, kind, token):
        super().__init__()
        self.patch_embed = nn.Conv2d(3, DIM, SIZE // GRID, SIZE // GRID)
        self.cls = nn.Parameter(torch.zeros(1, 1, DIM)) if token else None
        self.pos = nn.Parameter(torch.zeros(1, GRID * GRID + token, DIM))
        self.blocks = nn.Sequential(Block(kind), Block(kind))
        self.norm, self.head = nn.LayerNorm(DIM), nn.Linear(DIM, CLASSES)

    def forward(self, x):
        x = self.patch_embed(x).flatten(2).transpose(1, 2)
        if self.cls is not None:
            x = torch.cat((self.cls.expand(x.shape[0], -1, -1), x), 1)
        x = self.norm(self.blocks(x + self.pos))
        return self.head(x[:, 0] if self.cls is not None else x.mean(1))


def make(kind, token):
    torch.manual_seed(3)
    model = Vit(kind, token)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(torch.randn_like(parameter) * (.5 if parameter.dim() > 1 else .2))
    return model.eval()


def read(matrix, token):
    """The rows that the classes are read from, over the patches, as a grid."""
    return (matrix[:, 0, 1:] if token else matrix.mean(1)).reshape(-1, GRID, GRID)


def rollout(weights, token, fuse, discard=0.):
    product = torch.eye(weights[0].shape[-1], dtype=torch.float64)
    for a in weights:
        a = fuse(a.double())
        if discard:
            count = int(discard * a.shape[1] * a.shape[2])
            least = a.flatten(1).sort(1).values[:, count]
            a = torch.where(a < least[:, None, None], 0., a)
        a = a + torch.eye(a.shape[-1], dtype=torch.float64)
        product = a / a.sum(-1, keepdim=True) @ product
    return read(product, token)


def chefer(model, x, token, label):
    score = model(x)[:, label].sum()
    weights = [block.attn.weights for block in model.blocks]
    product = torch.eye(weights[0].shape[-1], dtype=torch.float64).expand(len(x), -1, -1)
    for a, gradient in zip(weights, torch.autograd.grad(score, weights)):
        relevant = (a * gradient).double().clamp(min=0).mean(1)
        product = product + relevant @ product
    return read(product, token)


def main(folder):
    os.makedirs(folder, exist_ok=True)
    x = torch.randn(2, 3, SIZE, SIZE, generator=torch.Generator().manual_seed(5))
    arrays = {}
    for name, kind, token in (('vit', 'visible', 1), ('pooled', 'visible', 0), ('fused', 'fused', 1), ('windows', 'windows', 0)):
        model = make(kind, token)
        y = model(x)
        if kind == 'visible':
            weights = [block.attn.weights.detach() for block in model.blocks]
            maps = {'x': x, 'y': y, 'mean': rollout(weights, token, lambda a: a.mean(1)), 'max': rollout(weights, token, lambda a: a.amax(1)),
                    'min': rollout(weights, token, lambda a: a.amin(1)), 'half': rollout(weights, token, lambda a: a.mean(1), .5),
                    'gradients': torch.stack([chefer(model, x, token, label) for label in range(CLASSES)], 1)}
            arrays.update({name + '_' + key: value.detach().float().numpy() for key, value in maps.items()})
        for block in model.blocks:
            block.attn.weights = None
        traced = torch.jit.trace(model, x)
        torch.jit.save(traced, os.path.join(folder, name + '.pt'))
        assert torch.equal(torch.jit.load(os.path.join(folder, name + '.pt'))(x), y)
        if name == 'vit':
            # Without the package onnx; it has nothing to add to these operators.
            torch.onnx._internal.torchscript_exporter.onnx_proto_utils._add_onnxscript_fn = lambda proto, opsets: proto
            torch.onnx.export(model, (x,), os.path.join(folder, 'vit.onnx'), dynamo=False, input_names=['x'], output_names=['y'],
                              dynamic_axes={'x': {0: 'N'}, 'y': {0: 'N'}}, opset_version=17)
    np.savez_compressed(os.path.join(folder, 'attention.npz'), **arrays)


if __name__ == '__main__':
    main(sys.argv[1])

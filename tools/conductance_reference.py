"""Writes what layer integrated gradients give for golden networks, computed by hand, for LayerIntegratedGradientsIT.

    python tools/conductance_reference.py GOLDEN aucmedi-xai-methods/src/test/resources/conductance.npz

Needs PyTorch and NumPy. 20 steps from the baseline 0 to the first image of each network, by the trapezoid rule, in double
precision; networks are written out with the weights of the TorchScript files. For each layer: NETWORK/LAYER is the map of
the first two classes, (2, height, width), of the probability (vanilla2d) or the logit (resmini), and NETWORK/LAYER/delta,
(2), its sum minus the difference in score. The last block of resmini has a shortcut round its layer b1.dw.
"""
import sys

import numpy as np
import torch
import torch.nn.functional as F


def vanilla(s, x):
    for i in (0, 3, 6, 9):
        x = F.relu(F.conv2d(x, s[f'features.{i}.weight'], s[f'features.{i}.bias'], padding=1))
        yield f'features.{i + 1}', x
        x = F.max_pool2d(x, 2)
        yield f'features.{i + 2}', x
    x = F.linear(x.mean((2, 3)), s['fc.weight'], s['fc.bias'])
    yield 'output', F.linear(x, s['preds.weight'], s['preds.bias']).softmax(1)


def norm(s, name, x):
    return F.batch_norm(x, s[name + '.running_mean'], s[name + '.running_var'], s[name + '.weight'],
                        s[name + '.bias'], False, 0, 1e-3)


def conv(s, name, x, **how):
    return F.conv2d(x, s[name + '.weight'], s.get(name + '.bias'), **how)


def resmini(s, x):
    x = F.max_pool2d(F.relu(norm(s, 'stem.1', conv(s, 'stem.0', x, padding=1))), 2)
    for block, projects in (('b0', False), ('b1', True)):
        y = norm(s, block + '.bn1', conv(s, block + '.conv1', x, padding=1))
        y = conv(s, block + '.dw', F.relu(y), padding=1, groups=y.shape[1])
        yield block + '.dw', y
        y = norm(s, block + '.bn2', conv(s, block + '.conv2', y))
        x = F.avg_pool2d(F.relu(y + (conv(s, block + '.proj', x) if projects else x)), 2)
        yield block + '.pool', x
    x = conv(s, 'head', x, padding=1)
    yield 'head', x
    x = F.linear(F.relu(x).permute(0, 2, 3, 1).flatten(1), s['fc1.weight'], s['fc1.bias'])
    yield 'output', F.linear(F.relu(x), s['logits.weight'], s['logits.bias'])


golden, target = sys.argv[1:]
steps = 20
arrays = {}
for name, network, layers in (('vanilla2d', vanilla, ('features.4', 'features.10')),
                              ('resmini', resmini, ('b1.dw', 'head'))):
    script = torch.jit.load(f'{golden}/models/{name}_scripted.pt', map_location='cpu').eval()
    s = {key: value.detach().double() for key, value in script.state_dict().items()}
    x = torch.tensor(np.moveaxis(np.load(f'{golden}/{name}_aucmedi.npz')['x'][:1], -1, 1))
    path = (torch.arange(steps + 1) / steps).reshape(-1, 1, 1, 1).double() * x.double()
    with torch.no_grad():
        expected = script(x)
    path.requires_grad_(True)
    found = dict(network(s, path))
    output = found['output']
    assert (output[-1] - expected[0]).abs().max() < 1e-5
    for layer in layers:
        a = found[layer]
        maps, deltas = [], []
        for c in range(2):
            g, = torch.autograd.grad(output[:, c].sum(), a, retain_graph=True)
            conductance = ((a[1:] - a[:-1]) * (g[1:] + g[:-1]) / 2).sum((0, 1)).detach()
            maps.append(conductance)
            deltas.append(conductance.sum() - (output[-1, c] - output[0, c]).detach())
        arrays[f'{name}/{layer}'] = torch.stack(maps).float().numpy()
        arrays[f'{name}/{layer}/delta'] = torch.stack(deltas).float().numpy()
        print(name, layer, (output[-1, :2] - output[0, :2]).tolist(), arrays[f'{name}/{layer}/delta'])
np.savez_compressed(target, **arrays)

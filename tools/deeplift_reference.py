"""Writes what DeepLIFT gives for the golden network vanilla2d, computed by hand, for GoldenAttributionsIT.

    python tools/deeplift_reference.py GOLDEN aucmedi-xai-methods/src/test/resources/deeplift/vanilla2d.npz

Needs PyTorch and NumPy. Multipliers go back layer by layer from the logits; the baseline is 0. For the two images of
GOLDEN/vanilla2d_more.npz and each class, attributions are summed over channels, (image, class, height, width):

* rescale_rule: a maximum passes its difference to the image's largest value, or to the baseline's where that is larger;
* maxima_by_gradient: a maximum has its gradient instead.

The second explains Captum's array `deeplift` of that file, and this is checked here. A hook of Captum's DeepLift keeps the
gradient that arrives at a ReLU before the hook of a max-pooling that follows it has changed it, so the rule of the maximum is
lost; and the network calls the function softmax, no module, which gets no hook, so its gradient at the image is used.
"""
import sys

import numpy as np
import torch
import torch.nn.functional as F

CONVOLUTIONS = (0, 3, 6, 9)


def run(parameters, x):
    """Per block what goes into the ReLU, comes out of it, and the maxima with their places; and the logits."""
    blocks = []
    h = x
    for i in CONVOLUTIONS:
        before = F.conv2d(h, parameters[f'features.{i}.weight'], parameters[f'features.{i}.bias'], padding=1)
        after = F.relu(before)
        h, places = F.max_pool2d(after, 2, return_indices=True)
        blocks.append((before, after, h, places))
    pooled = h.mean((2, 3))
    dense = F.linear(pooled, parameters['fc.weight'], parameters['fc.bias'])
    return blocks, F.linear(dense, parameters['preds.weight'], parameters['preds.bias'])


def attributions(parameters, x, index, rule_of_maxima):
    of_x, logits = run(parameters, x)
    of_baseline, _ = run(parameters, torch.zeros_like(x))
    head = parameters['preds.weight'][index] @ parameters['fc.weight']
    last = of_x[-1][2]
    m = (head[:, None, None] / (last.shape[2] * last.shape[3])).expand_as(last)
    for i, (before, after, largest, places), (before0, after0, largest0, places0) in reversed(
            list(zip(CONVOLUTIONS, of_x, of_baseline))):
        if rule_of_maxima:
            up = F.max_unpool2d(m * (largest - largest0).clamp_min(0), places, 2)
            down = F.max_unpool2d(m * (largest - largest0).clamp_max(0), places0, 2)
            change = after - after0
            m = torch.where(change == 0, F.max_unpool2d(m, places, 2), (up + down) / change)
        else:
            m = F.max_unpool2d(m, places, 2)
        change = before - before0
        m = m * torch.where(change.abs() < 1e-12, (before > 0).to(x.dtype), (after - after0) / change)
        m = F.conv_transpose2d(m, parameters[f'features.{i}.weight'], padding=1)
    return m * x, logits


golden, target = sys.argv[1:]
network = torch.jit.load(f'{golden}/models/vanilla2d_scripted.pt', map_location='cpu').eval()
parameters = {name: value.detach().double() for name, value in network.named_parameters()}
more = np.load(f'{golden}/vanilla2d_more.npz')
x = torch.tensor(more['x']).double()
found = {}
for name, rule in (('rescale_rule', True), ('maxima_by_gradient', False)):
    maps = []
    for c in range(3):
        of_class, logits = attributions(parameters, x, c, rule)
        maps.append(of_class)
    found[name] = torch.stack(maps, 1)
difference = logits - run(parameters, torch.zeros_like(x))[1]
error = (found['rescale_rule'].sum((2, 3, 4)) - difference).abs().max()
assert error < 1e-9, error
p = logits.softmax(1)
for c in range(3):
    by_logit = p[:, c, None] * (torch.eye(3, dtype=p.dtype)[c] - p)
    captum = torch.tensor(more['deeplift'][:, c]).double()
    explained = (by_logit[:, :, None, None, None] * found['maxima_by_gradient']).sum(1)
    error = (explained - captum).abs().max() / captum.abs().max()
    assert error < 2e-6, error
    print('class', c, 'Captum explained up to', float(error), 'of the largest')
np.savez_compressed(target, **{name: maps.sum(2).float().numpy() for name, maps in found.items()})
